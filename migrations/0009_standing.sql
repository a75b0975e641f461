-- How often somebody of the room lost the right to speak: left, was removed, or was muted otherwise. An insert of messages that waited
-- for the room's row sees it as it is now, and the members as they were when the statement began: where these two
-- differ, it looks again (src/features/chat/chat_store.cpp).
alter table study_rooms add column standing bigint not null default 0;
