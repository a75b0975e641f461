-- Who somebody was at an issuer whose account here was deleted: what began there before begins no new one (docs/adr/0034-leaving.md).
create table left_identities (
  hash bytea primary key check (length(hash) = 32),  -- SHA-256 of issuer, line and subject
  left_at timestamptz not null
);
create index left_identities_age on left_identities (left_at);
