-- Who is proposed to others stands beside each of his subjects and skills too, so that an index has those alone, the newest first:
-- among a hundred thousand who may not be found, the few that may are read and no more (docs/adr/0033-who-may-be-found.md).
alter table user_subjects add column is_sought boolean not null default false;
alter table user_skills add column is_sought boolean not null default false;

create function is_sought(u users) returns boolean language sql immutable
  return u.is_findable and u.is_matched and u.deleted_at is null and u.suspended_at is null;

update user_subjects o set is_sought = true from users u where u.id = o.user_id and is_sought(u);
update user_skills o set is_sought = true from users u where u.id = o.user_id and is_sought(u);

create index user_subjects_sought on user_subjects (subject_id, user_id desc) where is_sought;
create index user_skills_sought on user_skills (skill_id, user_id desc) where is_sought;

-- The person's row is locked against a change of these wishes until the new row is there: the change then finds it.
create function note_whether_sought() returns trigger language plpgsql as $$
begin
  select is_sought(u) into new.is_sought from users u where u.id = new.user_id for share;
  new.is_sought := coalesce(new.is_sought, false);
  return new;
end $$;
create trigger user_subjects_note_whether_sought before insert on user_subjects
  for each row execute function note_whether_sought();
create trigger user_skills_note_whether_sought before insert on user_skills
  for each row execute function note_whether_sought();

create function pass_on_whether_sought() returns trigger language plpgsql as $$
begin
  update user_subjects set is_sought = is_sought(new) where user_id = new.id;
  update user_skills set is_sought = is_sought(new) where user_id = new.id;
  return null;
end $$;
create trigger users_pass_on_whether_sought
  after update of is_findable, is_matched, deleted_at, suspended_at on users
  for each row when (is_sought(old) is distinct from is_sought(new)) execute function pass_on_whether_sought();
