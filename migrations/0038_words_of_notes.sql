-- What waits to be sorted into the index of notes' words is sorted within the insert that fills its list: so it is short, in KiB.
alter index notes_search set (gin_pending_list_limit = 256);
