-- PostgreSQL's parser of text looks for addresses, paths, numbers with signs, tags. On text that is made for it, it takes
-- time by the square of the length: 3 s for 16 KiB of '_1', and 13 ms at most without the signs. A message is found by its
-- letters and digits, so signs are blanks before it is taken apart (src/features/chat/search_words.hpp).
create function searchable(content text) returns text language sql immutable strict parallel safe as $$
  select translate(left(content, 100000), '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32))
$$;

create or replace function messages_search() returns trigger language plpgsql as $$
begin
  new.search := to_tsvector('simple', searchable(new.content));
  return new;
end $$;

update messages set search = to_tsvector('simple', searchable(content)) where content <> searchable(content);
