-- The index of words alone gives way to that of words and rooms, in a moment.
drop index messages_search;
alter index messages_search_within rename to messages_search;
