-- A search reads what was said in the searcher's rooms and no more: one index has the words of a message and its room
-- (docs/adr/0018-search-within-rooms.md). What is new waits in the index's list; the server has it sorted in before the list
-- has a third of these kilobytes (chat.search_backlog_bytes), so that no insert has to.
create index messages_search_within on messages using gin (search, (array[room_id]))
  with (fastupdate = on, gin_pending_list_limit = 8192);
drop index messages_search;
alter index messages_search_within rename to messages_search;
