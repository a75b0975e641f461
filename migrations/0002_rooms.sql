-- Study rooms and who is in them. last_seq and member_count are kept in the room's row, whose lock is what makes
-- a room's sequence gapless and its limit hold.

create table study_rooms (
  id uuid primary key,
  name text not null check (length(name) between 1 and 100),
  description text check (length(description) <= 2000),
  subject_id uuid references subjects (id) on delete set null,
  created_by uuid references users (id) on delete set null,
  room_type text not null check (room_type in ('public', 'private')),
  max_participants integer not null check (max_participants between 2 and 100000),
  logo_url text check (length(logo_url) <= 2048),
  is_active boolean not null default true,
  last_seq bigint not null default 0 check (last_seq >= 0),
  member_count integer not null default 0 check (member_count >= 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
-- Ids sort by age, so newest first is the primary key backwards; these serve the filters.
create index study_rooms_public on study_rooms (id desc) where is_active and room_type = 'public';
create index study_rooms_subject on study_rooms (subject_id, id desc);
create index study_rooms_creator on study_rooms (created_by);
create index study_rooms_name_trgm on study_rooms using gin (name gin_trgm_ops) where is_active;

create table room_members (
  room_id uuid not null references study_rooms (id) on delete cascade,
  user_id uuid not null references users (id) on delete cascade,
  role text not null default 'member' check (role in ('owner', 'moderator', 'member')),
  muted_until timestamptz,
  read_seq bigint not null default 0 check (read_seq >= 0),
  joined_at timestamptz not null default now(),
  primary key (room_id, user_id)
);
create index room_members_user on room_members (user_id, room_id desc);
create index room_members_age on room_members (room_id, joined_at, user_id);
create unique index room_members_one_owner on room_members (room_id) where role = 'owner';

create table room_invites (
  id uuid primary key,
  room_id uuid not null references study_rooms (id) on delete cascade,
  code text not null check (code ~ '^[A-Z0-9]{10,64}$'),
  created_by uuid references users (id) on delete set null,
  max_uses integer check (max_uses > 0),
  uses integer not null default 0 check (uses >= 0),
  expires_at timestamptz,
  created_at timestamptz not null default now()
);
create index room_invites_room on room_invites (room_id, id desc);
create index room_invites_creator on room_invites (created_by);
-- A code that somebody tries is looked up by its hash, so that the time it takes says nothing about how much of
-- it was right.
create unique index room_invites_code_hash on room_invites (sha256(code::bytea));

create table room_bans (
  room_id uuid not null references study_rooms (id) on delete cascade,
  user_id uuid not null references users (id) on delete cascade,
  reason text check (length(reason) <= 500),
  banned_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  primary key (room_id, user_id)
);
create index room_bans_user on room_bans (user_id);
create index room_bans_author on room_bans (banned_by);
