-- Who somebody was at an issuer whose account here was deleted: what began there before begins no new one (docs/adr/0034-leaving.md).
create table left_identities (
  hash bytea primary key check (length(hash) = 32),  -- SHA-256 of issuer, line and subject
  left_at timestamptz not null
);
create index left_identities_age on left_identities (left_at);

-- What the answer to who asked for a code had: strangers who guess at it do not use up his attempts (docs/adr/0035-codes-to-telephones.md).
alter table one_time_codes
  add column asker_hash text check (length(asker_hash) = 43),
  add column unproven smallint not null default 0 check (unproven >= 0);  -- attempts without it
