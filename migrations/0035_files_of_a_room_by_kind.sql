-- A room's logo goes, and so does what a closed room's messages had, without a look at all that lies in that room.
drop index files_room;
create index files_room on files (room_id, kind) where room_id is not null;
