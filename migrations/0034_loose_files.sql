-- What somebody has brought into a room and nothing keeps: counted at each further one, and gone with its owner, so that nobody who
-- comes by fills a room for its members.
create index files_loose on files (owner_id, room_id) where held_by is null and room_id is not null and state <> 'dropped';

create function loose_files_of_members() returns trigger language plpgsql as $$
begin
  update files set state = 'dropped', due_at = now(), updated_at = now()
   where owner_id = old.user_id and room_id = old.room_id and held_by is null and state <> 'dropped';
  return null;
end $$;
create trigger room_members_loose_files after delete on room_members
  for each row execute function loose_files_of_members();
