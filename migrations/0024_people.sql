-- Who may be found, what people study and can do, and whom they do not want to meet (docs/adr/0033-who-may-be-found.md).

-- Nobody is found who has not wished it; who is found is also proposed to others, unless he does not want that.
alter table users
  add column is_findable boolean not null default false,
  add column is_matched boolean not null default true,
  add column exported_at timestamptz;  -- when a copy of everything was asked for last

-- A search is for those alone who may be found.
drop index users_full_name_trgm;
drop index users_username_trgm;
drop index users_full_name_words;
create index users_full_name_trgm on users using gin (full_name gin_trgm_ops)
  where is_findable and deleted_at is null and suspended_at is null;
create index users_username_trgm on users using gin ((username::text) gin_trgm_ops)
  where is_findable and deleted_at is null and suspended_at is null;
create index users_full_name_words on users using gin (to_tsvector('simple', searchable(full_name)))
  where is_findable and deleted_at is null and suspended_at is null;
create index users_findable on users (id desc)
  where is_findable and deleted_at is null and suspended_at is null;

-- What somebody has reacted to is read message by message.
drop index message_reactions_user;
create index message_reactions_user on message_reactions (user_id, message_id);

create table user_subjects (
  user_id uuid not null references users (id) on delete cascade,
  subject_id uuid not null references subjects (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (user_id, subject_id)
);
create index user_subjects_subject on user_subjects (subject_id, user_id desc);
create index study_rooms_suggested on study_rooms (subject_id, id desc) where is_active and room_type = 'public';
create index subjects_category on subjects (category, name);

-- A skill is made by whoever names it first, and goes with the last who has it. `holders` counts those who do.
create table skills (
  id uuid primary key,
  name citext not null unique check (length(name) between 1 and 60),
  holders integer not null default 0 check (holders >= 0),
  created_at timestamptz not null default now()
);
create index skills_holders on skills (holders desc, id);
create index skills_name_trgm on skills using gin ((name::text) gin_trgm_ops);
create index skills_name_words on skills using gin (to_tsvector('simple', searchable(name::text)));

create table user_skills (
  user_id uuid not null references users (id) on delete cascade,
  skill_id uuid not null references skills (id) on delete cascade,
  level text not null check (level in ('beginner', 'intermediate', 'advanced', 'expert')),
  offered boolean not null,
  wanted boolean not null,
  primary key (user_id, skill_id),
  check (offered or wanted)
);
create index user_skills_skill on user_skills (skill_id, user_id desc);

create table user_blocks (
  user_id uuid not null references users (id) on delete cascade,
  blocked_id uuid not null references users (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (user_id, blocked_id),
  check (user_id <> blocked_id)
);
create index user_blocks_blocked on user_blocks (blocked_id, user_id);
