-- What the server itself remembers between requests.

-- The answers of POSTs that came with an Idempotency-Key; status is null while the first one is under way.
create table idempotency_keys (
  user_id uuid not null references users (id) on delete cascade,
  key text not null check (length(key) between 1 and 255),
  request_hash text not null,
  status integer check (status between 100 and 599),
  response text,
  created_at timestamptz not null default now(),
  primary key (user_id, key)
);
create index idempotency_keys_age on idempotency_keys (created_at);
