-- Accounts, their sign-ins, and the subjects that rooms are about.

create extension if not exists citext;   -- e-mail addresses and usernames are unique whatever their case
create extension if not exists pg_trgm;  -- finding people and rooms by a part of their name

create table users (
  id uuid primary key,
  email citext unique check (length(email) <= 254),
  phone text unique check (length(phone) <= 20),
  password_hash text,
  full_name text not null check (length(full_name) between 1 and 100),
  username citext unique check (length(username) between 3 and 30),
  profile_picture_url text check (length(profile_picture_url) <= 2048),
  bio text check (length(bio) <= 1000),
  education_level text check (length(education_level) <= 100),
  institution text check (length(institution) <= 200),
  role text not null default 'learner' check (role in ('learner', 'mentor', 'admin')),
  timezone text not null default 'UTC' check (length(timezone) <= 64),
  locale text not null default 'en' check (length(locale) <= 35),
  is_verified boolean not null default false,
  is_premium boolean not null default false,
  suspended_at timestamptz,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index users_full_name_trgm on users using gin (full_name gin_trgm_ops) where deleted_at is null;
create index users_username_trgm on users using gin ((username::text) gin_trgm_ops) where deleted_at is null;

-- One row a signed-in device. Its refresh tokens are one family, each used once and replaced: the family is
-- kept as a hash, so that any token of it that was used before is recognised and ends the sign-in, and the
-- present token and the one before it, whose answer may have been lost (`successor` is sealed with that one).
-- A sign-in without a family cannot be renewed.
create table auth_sessions (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade,
  family_hash text unique,
  refresh_hash text,
  previous_hash text,
  successor text,
  rotated_at timestamptz,
  device text not null default '' check (length(device) <= 256),
  ip text not null default '' check (length(ip) <= 64),
  last_used_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  check ((family_hash is null) = (refresh_hash is null))
);
create index auth_sessions_user on auth_sessions (user_id, last_used_at desc);
create index auth_sessions_expiry on auth_sessions (expires_at);

create table subjects (
  id uuid primary key,
  name citext not null unique check (length(name) between 1 and 100),
  category text not null default '' check (length(category) <= 100),
  description text check (length(description) <= 1000),
  icon_url text check (length(icon_url) <= 2048),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
