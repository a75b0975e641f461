-- What was said in rooms. (room_id, seq) is the order that everybody sees; (sender_id, client_message_id) makes
-- sending again harmless.

create table messages (
  id uuid primary key,
  room_id uuid not null references study_rooms (id) on delete cascade,
  seq bigint not null check (seq > 0),
  sender_id uuid references users (id) on delete set null,
  client_message_id uuid,
  content text not null check (octet_length(content) <= 1048576),
  message_type text not null default 'text' check (message_type in ('text', 'image', 'file', 'system')),
  attachments jsonb not null default '[]' check (jsonb_typeof(attachments) = 'array'),
  reply_to uuid references messages (id) on delete set null,
  is_edited boolean not null default false,
  deleted_at timestamptz,
  search tsvector generated always as (to_tsvector('simple', left(content, 100000))) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint messages_room_seq unique (room_id, seq),
  constraint messages_client_message unique (sender_id, client_message_id)
);
create index messages_reply on messages (reply_to) where reply_to is not null;
create index messages_search on messages using gin (search) with (fastupdate = on);

create table message_reactions (
  message_id uuid not null references messages (id) on delete cascade,
  user_id uuid not null references users (id) on delete cascade,
  emoji text not null check (octet_length(emoji) between 1 and 64),
  created_at timestamptz not null default now(),
  primary key (message_id, user_id, emoji)
);
create index message_reactions_user on message_reactions (user_id);
