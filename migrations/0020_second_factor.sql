-- Second factors (RFC 6238). The secret is sealed; sealed_kid names the key, without which its owner cannot sign in. Until a code
-- of it has come it is none of the account's. A code is good once: later steps than last_step alone are accepted. Failures in a
-- row are counted for all doors and nodes together.
create table user_totp (
  user_id uuid primary key references users (id) on delete cascade,
  sealed_secret text not null check (length(sealed_secret) <= 256),
  sealed_kid text not null check (length(sealed_kid) <= 64),
  last_step bigint not null default 0,
  failures integer not null default 0 check (failures >= 0),
  tried_at timestamptz not null default '-infinity',
  not_before timestamptz not null default '-infinity',  -- no attempt is taken until then
  confirmed_at timestamptz,
  created_at timestamptz not null default now()
);
create index user_totp_kid on user_totp (sealed_kid) where confirmed_at is not null;

-- For who has lost the app, good once each: HMACs with the secret.
create table recovery_codes (
  user_id uuid not null references user_totp (user_id) on delete cascade,
  code_hash text not null check (length(code_hash) = 43),
  primary key (user_id, code_hash)
);

-- How somebody signed in, and with how many factors: some things are only for who has done so a short while ago, with all that
-- the account has. When that was is created_at, which renewing leaves alone. For the checks all of
-- auth_sessions is read under ACCESS EXCLUSIVE: meanwhile nobody signs in or renews.
alter table auth_sessions
  add column how text not null default 'password' check (length(how) between 1 and 16),
  add column factors smallint not null default 1 check (factors between 1 and 2);
