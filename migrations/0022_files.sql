-- Files that people bring. The row comes first, then the bytes, then the row says that they are there; a row whose file is to go is
-- deleted after the file. So nothing lies in the storage without a row (docs/adr/0031-files-the-row-first.md). That is why no
-- account or room takes its rows along.
create table files (
  id uuid primary key,
  owner_id uuid references users (id) on delete set null,
  room_id uuid references study_rooms (id) on delete set null,
  kind text not null check (kind ~ '^[a-z_]{1,32}$'),  -- a feature's name for its own
  state text not null check (state in ('receiving', 'scanning', 'ready', 'refused', 'dropped')),
  original_name text not null check (octet_length(original_name) <= 255),
  media_type text not null default 'application/octet-stream' check (length(media_type) between 3 and 127),
  size bigint not null check (size >= 0),  -- while it comes: what is set aside for it
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  held_by uuid,                -- the message or note that it belongs to
  due_at timestamptz,          -- when it is swept, as long as nothing holds it
  by_link boolean not null default false,  -- its owner writes it himself, into the storage where that can be
  open_until timestamptz,      -- until then
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (state <> 'ready' or sha256 is not null)
);
create index files_owner on files (owner_id, id desc) where state <> 'dropped';
create index files_owner_kind on files (owner_id, kind, id desc) where state <> 'dropped';
create index files_of_owner on files (owner_id) where owner_id is not null;
create index files_room on files (room_id) where room_id is not null;
create index files_held on files (held_by) where held_by is not null;
create index files_due on files (due_at) where due_at is not null;
create index files_open on files (open_until) where open_until is not null;
create index files_receiving on files (owner_id) where state = 'receiving';

-- What the rows of a person, and those of a room, have together, kept in one statement with what is set aside: so no quota is
-- passed by two uploads at once.
create table file_usage (
  holder uuid primary key,  -- a person or a room
  bytes bigint not null check (bytes >= 0),
  files integer not null check (files >= 0)
);
