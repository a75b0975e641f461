-- A search reads what was said in the searcher's rooms and no more: one index has the words of a message and its room
-- (docs/adr/0018-search-within-rooms.md). What is new waits in the index's list; the server has it sorted in before the list
-- is full (chat.search_backlog_bytes), so that no insert has to. It takes the other one's place in the next migration: an
-- index is dropped under a lock that a transaction must not ask for while it holds another one on the same table.
create index messages_search_within on messages using gin (search, (array[room_id]))
  with (fastupdate = on, gin_pending_list_limit = 8192);
