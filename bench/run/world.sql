-- What the rows are measured on: 1,000 people and 1,000 public rooms, ids by number so that the load
-- generator, pgbench and Express can name them without asking.
--   room 1         everybody (fan-out 1 x 1,000)
--   rooms 2..200   five people each: number n has users n-1, n+199, n+399 ... (fan-out 200 x 5)
--   rooms 201..    25 rooms a person (a page of one's own rooms)
CREATE FUNCTION bench_id(kind text, n bigint) RETURNS uuid IMMUTABLE LANGUAGE sql AS
  $$ SELECT ('00000000-0000-7000-' || kind || '-' || lpad(to_hex(n), 12, '0'))::uuid $$;

INSERT INTO users (id, email, password_hash, full_name, username)
SELECT bench_id('9000', n), 'learner' || n || '@example.org', '', 'Learner Number ' || n, 'learner' || n
FROM generate_series(0, 999) n;

INSERT INTO study_rooms (id, name, description, created_by, room_type, max_participants)
SELECT bench_id('8000', n), 'Room ' || n, 'Where learners of subject ' || n || ' meet in the evening',
  bench_id('9000', (n - 1) % 1000), 'public', 1000
FROM generate_series(1, 1000) n;

INSERT INTO room_members (room_id, user_id, role)
SELECT bench_id('8000', 1), bench_id('9000', u), 'member' FROM generate_series(0, 999) u
UNION
SELECT bench_id('8000', n), bench_id('9000', n - 1 + 200 * k), 'member'
FROM generate_series(2, 200) n, generate_series(0, 4) k
UNION
SELECT bench_id('8000', 201 + (u * 25 + k) % 800), bench_id('9000', u), 'member'
FROM generate_series(0, 999) u, generate_series(0, 24) k;

UPDATE study_rooms r SET member_count = (SELECT count(*) FROM room_members m WHERE m.room_id = r.id);

-- What the durable peer and pgbench insert into: Stoa's own table as one would make it by the book, with the same
-- indexes and checks, foreign keys and a generated search column.
CREATE TABLE peer_messages (LIKE messages INCLUDING ALL);
ALTER TABLE peer_messages
  DROP COLUMN search,
  ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('simple', left(content, 100000))) STORED,
  ADD FOREIGN KEY (room_id) REFERENCES study_rooms (id) ON DELETE CASCADE,
  ADD FOREIGN KEY (sender_id) REFERENCES users (id) ON DELETE SET NULL,
  ADD FOREIGN KEY (reply_to) REFERENCES peer_messages (id) ON DELETE SET NULL;
CREATE INDEX ON peer_messages USING gin (search, (ARRAY[room_id]));
ANALYZE;
