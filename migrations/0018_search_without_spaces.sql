-- Scripts that write without spaces (docs/adr/0024-search-in-scripts-without-spaces.md). PostgreSQL's parser takes all that
-- stands between two signs for one word there, so what is found are runs of two characters instead: each run of such a
-- script is kept as its first character, every two characters that follow each other, and its last one.

-- Bodies in SQL's own form name what they call for good: an index on what they say is built without a search path.

-- The characters, as the inside of a bracket expression: letters, marks and digits of Thai, Lao, Tibetan, Myanmar, Hangul
-- (which has spaces, and joins particles to its words), Khmer, Tai Le, New Tai Lue, Tai Tham, Balinese, Han, Hiragana,
-- Katakana, Bopomofo, Yi, Vai, Javanese, Tai Viet, Ahom, Kawi, Tangut, Khitan and Nushu. Where a block has room for more of
-- the same, that is in it: planes 2 and 3 are for ideographs. A test compares it with ICU.
create function spaceless() returns text language sql immutable parallel safe
  return '\u0E01-\u0E3A\u0E40-\u0E4E\u0E50-\u0E59\u0E81-\u0EDF'
    '\u0F00\u0F18\u0F19\u0F20-\u0F33\u0F35\u0F37\u0F39\u0F3E-\u0F84\u0F86-\u0FBC\u0FC6'
    '\u1000-\u1049\u1050-\u109D\u1100-\u11FF\u1780-\u17D3\u17D7\u17DC\u17DD\u17E0-\u17F9'
    '\u1950-\u19DA\u1A20-\u1A99\u1AA7\u1B00-\u1B59\u1B6B-\u1B73\u3005-\u3007\u3021-\u302F\u3031-\u3035\u3038-\u303C'
    '\u3041-\u309A\u309D-\u309F\u30A1-\u30FA\u30FC-\u318E\u3192-\u3195\u31A0-\u31BF\u31F0-\u31FF'
    '\u3220-\u3229\u3280-\u3289\u3400-\u4DBF\u4E00-\uA48C\uA500-\uA60C\uA610-\uA62B\uA960-\uA97C'
    '\uA980-\uA9C0\uA9D0-\uA9D9\uA9E0-\uA9FE\uAA60-\uAA76\uAA7A-\uAADD\uAC00-\uD7FB\uF900-\uFAD9\uFF66-\uFFDC'
    '\U00011700-\U0001173B\U00011740-\U00011746\U00011F00-\U00011F42\U00011F50-\U00011F59'
    '\U00016FE0\U00016FE1\U00016FE3-\U00018DFF\U0001AFF0-\U0001B2FF\U0001D360-\U0001D371\U00020000-\U0003FFFD';

-- 'C' before two such characters and 'x' behind them become 'C', the first, both, the second, 'x'.
create function in_pairs(words text) returns text language sql immutable strict parallel safe
  return regexp_replace(regexp_replace(words, '[' || spaceless() || ']+', ' \& ', 'g'),
                        '[' || spaceless() || ']', '\& \&', 'g');

create or replace function searchable(content text) returns text language sql immutable strict parallel safe
  return in_pairs(translate(left(content, 100000), '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32)));

-- What finds it: of a query for websearch_to_tsquery in which words of such scripts stand in quotes. What begins or ends in
-- the middle of a run lacks the run's first or last character, so a phrase asks for neither at its ends. One character by
-- itself is the beginning of two.
create function search_for(query text) returns tsquery language sql immutable strict parallel safe
  return regexp_replace(
    websearch_to_tsquery('simple', regexp_replace(regexp_replace(in_pairs(query),
      '" *[' || spaceless() || '] ', '"', 'g'),
      '([^" ] +)[' || spaceless() || '] *("|$)', '\1\2', 'g'))::text,
    '(''[' || spaceless() || ']'')', '\1:*', 'g')::tsquery;

-- Sends wait until the end: what a server of the old version stored meanwhile would be taken apart as before.
lock table users, study_rooms, messages in share row exclusive mode;
update messages set search = to_tsvector('simple', searchable(content)) where content ~ ('[' || spaceless() || ']');

-- Names of rooms and people are found by trigrams, which need three characters, and none of these where lc_ctype is C.
create index study_rooms_name_words on study_rooms using gin (to_tsvector('simple', searchable(name))) where is_active;
create index users_full_name_words on users using gin (to_tsvector('simple', searchable(full_name))) where deleted_at is null;
