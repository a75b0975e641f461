-- A key is written with its answer, in the transaction of the work: one without an answer belongs to a request that
-- an earlier version had begun.
delete from idempotency_keys where response is null;
alter table idempotency_keys alter column response set not null, drop column status;
