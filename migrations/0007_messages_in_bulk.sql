-- Inserting messages is the hottest write there is, and two thirds of its time went into what PostgreSQL did for each
-- row beside storing it (docs/adr/0008-messages-without-foreign-keys.md has the figures): foreign keys, each of which
-- runs a query and locks the row it points to, and the parser of the search column.

-- What the keys promised is kept where it is cheap, at deletions. An insert into messages holds its room's row
-- (for no key update), so that a deletion of the room waits for it and then sees its rows.
alter table messages
  drop constraint messages_room_id_fkey,
  drop constraint messages_sender_id_fkey,
  drop constraint messages_reply_to_fkey;

create function messages_of_deleted_rooms() returns trigger language plpgsql as $$
begin
  delete from messages where room_id in (select id from gone);
  return null;
end $$;
create trigger study_rooms_messages after delete on study_rooms
  referencing old table as gone for each statement execute function messages_of_deleted_rooms();

-- No insert holds its sender's row: a deletion waits for the inserts that are under way, and those that come later
-- wait for it.
create function messages_wait_for_deletion() returns trigger language plpgsql as $$
begin
  lock table messages in share row exclusive mode;
  return null;
end $$;
create trigger users_messages_wait before delete on users
  for each statement execute function messages_wait_for_deletion();
create function messages_of_deleted_users() returns trigger language plpgsql as $$
begin
  update messages set sender_id = null where sender_id in (select id from gone);
  return null;
end $$;
create trigger users_messages after delete on users
  referencing old table as gone for each statement execute function messages_of_deleted_users();

create function replies_to_deleted_messages() returns trigger language plpgsql as $$
begin
  update messages set reply_to = null where reply_to in (select id from gone);
  return null;
end $$;
create trigger messages_replies after delete on messages
  referencing old table as gone for each statement execute function replies_to_deleted_messages();

-- The search column is given by who inserts many, and made here for everybody else and at every change of the text.
alter table messages alter column search drop expression;
create function messages_search() returns trigger language plpgsql as $$
begin
  new.search := to_tsvector('simple', left(new.content, 100000));
  return new;
end $$;
create trigger messages_search_given before insert on messages
  for each row when (new.search is null) execute function messages_search();
create trigger messages_search_changed before update of content on messages
  for each row execute function messages_search();

-- Every batch moves last_seq of the rooms it writes to. With room on the page that touches no index (HOT).
alter table study_rooms set (fillfactor = 70);
