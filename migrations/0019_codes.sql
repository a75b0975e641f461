-- Codes that are good once and for a while: those of links in mails. Of each only a hash is kept, and one is live
-- of a purpose and target at a time.
create table one_time_codes (
  id uuid primary key,
  purpose text not null check (length(purpose) between 1 and 32),
  target text not null check (length(target) between 1 and 254),  -- an address in small letters, a user's id
  user_id uuid references users (id) on delete cascade,
  code_hash text not null check (length(code_hash) = 43),
  data text not null default '' check (length(data) <= 254),      -- what it is good for: a new address
  attempts smallint not null default 0 check (attempts >= 0),
  most_attempts smallint not null check (most_attempts >= 0),     -- 0: nobody guesses it
  address text not null default '' check (length(address) <= 64), -- of the network: who asked for it
  expires_at timestamptz not null,
  spent_at timestamptz,
  created_at timestamptz not null default now()
);
create unique index one_time_codes_live on one_time_codes (purpose, target) where spent_at is null;
create unique index one_time_codes_hash on one_time_codes (code_hash);
create index one_time_codes_user on one_time_codes (user_id) where user_id is not null;
create index one_time_codes_expiry on one_time_codes (expires_at);

-- What was sent to a target, for the limits: whoever asks for it, and from wherever.
create table code_sends (
  target text not null,
  at timestamptz not null,
  primary key (target, at)
);
create index code_sends_age on code_sends (at);
