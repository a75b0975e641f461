-- What is drawn in rooms. The server that has read a board keeps it in memory and writes changes behind; held_by
-- names that reading, and only it may write: whoever reads the board anew takes it over.

create table whiteboards (
  room_id uuid primary key references study_rooms (id) on delete cascade,
  version bigint not null default 0 check (version >= 0),
  held_by uuid not null,
  updated_at timestamptz not null default now()
);

-- json and not jsonb: an object goes back to clients as the text that came, and nothing looks into it.
create table whiteboard_objects (
  room_id uuid not null references whiteboards (room_id) on delete cascade,
  object_id text not null check (length(object_id) between 1 and 64),
  version bigint not null check (version > 0),
  place bigint not null check (place > 0 and place <= version),
  body json not null check (json_typeof(body) = 'object'),
  primary key (room_id, object_id)
);
