-- What is left of a mute when its member goes: it is in force again when that person comes back. Those that have lapsed are removed.
create table room_mutes (
  room_id uuid not null references study_rooms (id) on delete cascade,
  user_id uuid not null references users (id) on delete cascade,
  muted_until timestamptz not null,
  primary key (room_id, user_id)
);
create index room_mutes_user on room_mutes (user_id);
create index room_mutes_end on room_mutes (muted_until);
