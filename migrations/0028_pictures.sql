-- What is known of a file that is a picture, and which smaller ones were made of it (docs/adr/0036-pictures-are-made-anew.md). They
-- lie beside it, under its key and their longer side, and take room of the same quotas.
alter table files
  add column width integer check (width > 0),
  add column height integer check (height > 0),
  add column sizes integer[] not null default '{}',  -- longer sides of the smaller ones, the least first
  add column sizes_type text check (length(sizes_type) between 3 and 127),  -- of all of them
  add column sizes_bytes bigint not null default 0 check (sizes_bytes >= 0);  -- of all of them together
