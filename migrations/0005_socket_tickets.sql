-- One-time tickets that sign a socket in where its address has to carry what does. Only their hashes are kept.
-- They live for a minute: unlogged, since a crash may take them, and without foreign keys, whose locks would
-- be logged; a ticket whose sign-in is over opens nothing anyhow.
create unlogged table socket_tickets (
  hash text primary key,
  user_id uuid not null,
  session_id uuid not null,
  token_expires_at timestamptz,  -- of the access token that it stands for, and so of the connection
  expires_at timestamptz not null
);
create index socket_tickets_user on socket_tickets (user_id, expires_at);
create index socket_tickets_expiry on socket_tickets (expires_at);
