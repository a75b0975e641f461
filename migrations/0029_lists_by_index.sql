-- Lists that read what they pass over, where one person, room or kind has most of a table.

-- Notes of a room with a filter, public ones and others: two lists that are asked together.
create index notes_room_type on notes (room_id, is_public, file_type, id desc) where room_id is not null;
create index notes_room_subject on notes (room_id, is_public, subject_id, id desc) where room_id is not null;
create index notes_room_author on notes (room_id, is_public, uploaded_by, id desc) where room_id is not null;
drop index notes_of_room;

-- Skills that as many people have are in the order of their ids, so that a page goes on where the last one ended.
drop index skills_holders;
create index skills_holders on skills (holders desc, id desc);

-- Who is muted in a room of many, and a person's bans by room.
create index room_members_muted on room_members (room_id, user_id desc) where muted_until is not null;
drop index room_bans_user;
create index room_bans_user on room_bans (user_id, room_id desc);

-- Sign-ins that were ended stay for a month, however many they are; the others are bounded.
drop index auth_sessions_user;
create index auth_sessions_user on auth_sessions (user_id, id desc);
create index auth_sessions_open on auth_sessions (user_id, id desc) where revoked_at is null;

-- Messages without a clientMessageId, for their sender's copy; all others pay nothing for it.
create index messages_unnamed on messages (sender_id, id) where client_message_id is null;
