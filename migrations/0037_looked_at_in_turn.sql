-- Which of a person's files is looked at after another one.
create index files_scanning on files (owner_id, id) where state = 'scanning';
