-- What still comes while its owner leaves the room is dropped too, but its row stays until the upload has surely ended, as long as it
-- was to wait anyway: without it the bytes that are written then were nobody's, for ever.
create or replace function loose_files_of_members() returns trigger language plpgsql as $$
begin
  update files set state = 'dropped', due_at = case when state = 'receiving' then due_at else now() end, updated_at = now()
   where owner_id = old.user_id and room_id = old.room_id and held_by is null and state <> 'dropped';
  return null;
end $$;
