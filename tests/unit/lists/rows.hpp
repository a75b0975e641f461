#pragma once
// 100,000 rows of all that is listed, laid out so that whatever is not looked up by an index is passed over by the thousand: one
// room, one person and one kind have most of each table, and what is asked for is not there.
namespace stoa::lists {

// id('u0') is who asks, id('r1') the room that all are in, id('r2') one of few.
inline constexpr char kRows[] = R"(
create function id(text) returns uuid language sql immutable as $$ select md5($1)::uuid $$;
-- Without what each row would be held against, and with the indexes made at the end, it takes a fifth of the time.
create table kept as
  select format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as sql, false as is_index
    from pg_constraint where contype in ('p', 'u') and connamespace = current_schema()::regnamespace
  union all
  select indexdef, true from pg_indexes where schemaname = current_schema()
     and indexname not in (select conname from pg_constraint where connamespace = current_schema()::regnamespace);
do $$ declare one record; begin
  for one in select conrelid::regclass as t, conname from pg_constraint
              where connamespace = current_schema()::regnamespace and conrelid <> 0 order by contype = 'f' desc loop
    execute format('alter table %s drop constraint %I', one.t, one.conname);
  end loop;
  for one in select indexname from pg_indexes where schemaname = current_schema() loop
    execute format('drop index %I', one.indexname);
  end loop;
  for one in select tablename from pg_tables where schemaname = current_schema() and tablename <> 'kept' loop
    execute format('alter table %I set unlogged', one.tablename);
    execute format('alter table %I disable trigger user', one.tablename);
  end loop;
end $$;

insert into users (id, full_name, username, is_findable)
  select id('u' || n), case when n % 5000 = 0 then 'Grace ' || n else 'Somebody ' || n end, 'name' || n, n % 2 = 0
    from generate_series(0, 99999) n;
insert into user_blocks (user_id, blocked_id) select id('u1'), id('u' || n) from generate_series(2, 100000) n;
insert into user_blocks (user_id, blocked_id) select id('u0'), id('u' || n) from generate_series(2, 4) n;
insert into auth_sessions (id, user_id, expires_at, revoked_at)
  select id('a' || n), id('u0'), now() + interval '1 day', case when n > 10 then now() end from generate_series(1, 100000) n;
insert into identities (id, user_id, issuer, subject)
  select id('o' || n), id('u' || n), 'https://example.org', n::text from generate_series(0, 99999) n;
insert into audit_log (id, at, actor_kind, actor_id, action, target_kind, target_id)
  select id('l' || n), now() - n * interval '1 second', 'user', id('u0'), 'act', 'user', id('u1') from generate_series(1, 100000) n;

insert into subjects (id, name, category) select id('s' || n), 'Subject ' || n, 'Category ' || n % 100 from generate_series(0, 1999) n;
insert into user_subjects (user_id, subject_id, is_sought) select id('u' || n), id('s0'), n % 2 = 0 from generate_series(0, 99999) n;
insert into user_subjects (user_id, subject_id, is_sought) select id('u0'), id('s' || n), true from generate_series(1, 49) n;
insert into skills (id, name, holders) select id('k' || n), 'Skill ' || n, 2 from generate_series(0, 99999) n;
insert into user_skills (user_id, skill_id, level, offered, wanted, is_sought)
  select id('u' || n), id('k0'), 'expert', true, true, n % 2 = 0 from generate_series(0, 99999) n;

insert into study_rooms (id, name, subject_id, room_type, max_participants)
  select id('r' || n), case when n % 5000 = 0 then 'Grace ' || n else 'Room ' || n end, id('s' || n % 10),
         case when n % 2000 = 0 then 'public' else 'private' end, 100 from generate_series(0, 99999) n;
insert into room_members (room_id, user_id, muted_until)
  select id('r1'), id('u' || n), case when n < 3 then now() + interval '1 day' end from generate_series(0, 99999) n;
insert into room_members (room_id, user_id) select id('r' || n), id('u0') from generate_series(2, 41) n;
insert into room_members (room_id, user_id, muted_until)
  select id('r2'), id('u' || n), now() + interval '1 day' from generate_series(1, 3) n;
insert into room_bans (room_id, user_id) select id('r2'), id('u' || n) from generate_series(4, 6) n;
insert into room_bans (room_id, user_id) select id('r1'), id('u' || n) from generate_series(0, 99999) n;
insert into room_bans (room_id, user_id) select id('r' || n), id('u0') from generate_series(100, 50000) n;
insert into room_mutes (room_id, user_id, muted_until)
  select id('r1'), id('u' || n), now() + interval '1 day' from generate_series(3, 99999) n;
insert into room_invites (id, room_id, code) select id('i' || n), id('r' || n / 10), 'INVITE' || n + 1000000 from generate_series(0, 99999) n;
insert into messages (id, room_id, seq, sender_id, client_message_id, content, search)
  select id('m' || n), id('r1'), n, id('u0'), case when n % 2 = 0 then id('c' || n) end, 'x', '' from generate_series(1, 100000) n;
insert into message_reactions (message_id, user_id, emoji) select id('m' || n), id('u0'), 'x' from generate_series(1, 100000) n;

insert into notes (id, title, uploaded_by, subject_id, room_id, is_public, file_type)
  select id('n' || n), 'Word' || n % 5000, id('u1'), id('s0'), id('r1'), n % 2 = 0, 'pdf' from generate_series(1, 90000) n;
insert into notes (id, title, uploaded_by, subject_id, room_id, is_public, file_type)
  select id('n' || n), 'Word' || n % 5000, id('u0'), id('s1'), case when n % 2 = 0 then id('r50000') end, n % 2 = 1, 'audio'
    from generate_series(90001, 100000) n;
insert into note_versions (note_id, version, file_id) select id('n' || n), 1, id('f' || n) from generate_series(1, 100000) n;
insert into note_versions (note_id, version) select id('n1'), n from generate_series(2, 10) n;
insert into files (id, owner_id, room_id, kind, state, original_name, size, sha256, due_at, open_until)
  select id('f' || n), id('u' || n % 2), id('r1'), 'message', 'ready', 'a', 1, repeat('0', 64), now() + n * interval '1 second',
         now() + n * interval '1 second' from generate_series(1, 100000) n;

do $$ declare one record; begin
  for one in select sql from kept order by is_index loop execute one.sql; end loop;
end $$;
drop table kept;
set default_statistics_target = 10;
-- Of this schema alone: two who go through all of the database's tables wait for each other.
do $$ declare one record; begin
  for one in select tablename from pg_tables where schemaname = current_schema() loop execute format('analyze %I', one.tablename); end loop;
end $$;
)";

}  // namespace stoa::lists
