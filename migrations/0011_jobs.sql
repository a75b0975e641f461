-- What is done later (docs/adr/0015-jobs-are-rows.md).
create table jobs (
  id uuid primary key,
  kind text not null check (length(kind) between 1 and 64),
  key text check (length(key) between 1 and 255),
  payload jsonb not null,
  due_at timestamptz not null,  -- of one that is being worked on: until then it is left to its worker
  attempts integer not null default 0 check (attempts >= 0),  -- that have begun
  worker uuid,  -- the process that took it last, while it has not said how it went
  again_at timestamptz,  -- when a job of this key is due that was enqueued while this one was being worked on
  parked_at timestamptz,  -- it has failed too often: until an operator says what to do
  last_error text,
  created_at timestamptz not null default now(),
  check (worker is null or parked_at is null),
  check (again_at is null or worker is not null)
);
create index jobs_due on jobs (kind, due_at) where parked_at is null;
-- A parked one does not keep another from being enqueued.
create unique index jobs_key on jobs (kind, key) where parked_at is null;
create index jobs_worker on jobs (worker) where worker is not null;
-- Rows come and go.
alter table jobs set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
