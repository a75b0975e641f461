-- What people write down for others: a file with a title, in a room or for everybody.
create table notes (
  id uuid primary key,
  title text not null check (length(title) between 1 and 200),
  description text check (length(description) <= 5000),
  uploaded_by uuid references users (id) on delete set null,
  subject_id uuid references subjects (id) on delete set null,
  room_id uuid references study_rooms (id) on delete set null,
  is_public boolean not null,
  file_id uuid references files (id) on delete set null,  -- of the newest version
  file_type text not null check (file_type in ('text', 'pdf', 'document', 'image', 'audio', 'video', 'archive', 'other')),
  version integer not null default 1 check (version > 0),
  view_count bigint not null default 0 check (view_count >= 0),
  download_count bigint not null default 0 check (download_count >= 0),
  search tsvector not null generated always as (
    to_tsvector('simple'::regconfig, searchable(title || ' ' || coalesce(description, '')))) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
-- Ids sort by age. Public notes are listed by themselves, those of rooms a room at a time.
create index notes_public on notes (id desc) where is_public;
create index notes_public_subject on notes (subject_id, id desc) where is_public;
create index notes_public_room on notes (room_id, id desc) where is_public;
create index notes_public_author on notes (uploaded_by, id desc) where is_public;
create index notes_public_type on notes (file_type, id desc) where is_public;
create index notes_of_room on notes (room_id) where room_id is not null;
create index notes_room on notes (room_id, id desc) where not is_public;
create index notes_search on notes using gin (search);
create index notes_subject on notes (subject_id);
create index notes_author on notes (uploaded_by, id desc);
create index notes_file on notes (file_id);

create table note_versions (
  note_id uuid not null references notes (id) on delete cascade,
  version integer not null check (version > 0),
  file_id uuid references files (id) on delete set null,
  created_at timestamptz not null default now(),
  primary key (note_id, version)
);
create index note_versions_file on note_versions (file_id);

-- Who has looked at a note or fetched it on a day: that counts once.
create table note_readers (
  note_id uuid not null references notes (id) on delete cascade,
  user_id uuid not null references users (id) on delete cascade,
  what text not null check (what in ('view', 'download')),
  on_day date not null,
  primary key (note_id, user_id, what)
);
create index note_readers_user on note_readers (user_id);
create index note_readers_day on note_readers (on_day);
