-- Who did what to what (docs/adr/0017-audit-and-who-may.md). No references: a row outlives what it names, and names it by its id
-- alone. Old rows are removed (audit.retention); no row is ever changed.
create table audit_log (
  id uuid not null,
  at timestamptz not null default now(),
  actor_kind text not null check (actor_kind in ('user', 'operator')),
  actor_id uuid check ((actor_id is not null) = (actor_kind = 'user')),
  session_id uuid,  -- the actor's sign-in
  address text not null default '' check (length(address) <= 64),
  request_id text not null default '' check (length(request_id) <= 128),
  action text not null check (length(action) between 1 and 64),
  target_kind text not null check (length(target_kind) between 1 and 32),
  target_id uuid not null,
  within_kind text check (length(within_kind) between 1 and 32),  -- where the target was: a member's room
  within_id uuid check ((within_id is null) = (within_kind is null)),
  before jsonb check (length(before::text) <= 32768),
  after jsonb check (length(after::text) <= 32768),
  primary key (at, id)
);
create index audit_log_actor on audit_log (actor_id, at) where actor_id is not null;
create index audit_log_target on audit_log (target_id, at);
create index audit_log_within on audit_log (within_id, at) where within_id is not null;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are never changed', tg_table_name;
end
$$;
create trigger audit_log_stays before update on audit_log for each row execute function refuse_change();
