-- When a room was closed, and whether what its messages had of files was let go since (docs/adr/0031-files-the-row-first.md).
alter table study_rooms
  add column closed_at timestamptz,
  add column has_files_left boolean not null default true;
update study_rooms set closed_at = updated_at where not is_active;
create index study_rooms_closed on study_rooms (closed_at) where not is_active and has_files_left;
