-- Who somebody is at an issuer of ID tokens (docs/adr/0028-identity-from-outside.md). Issuer and subject together are what a person is known by
-- there; an address may change hands.
create table identities (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade,
  issuer text not null check (length(issuer) between 1 and 512),
  subject text not null check (length(subject) between 1 and 255),
  refused_before timestamptz not null default '-infinity',  -- no sign-in there that is older begins one here
  created_at timestamptz not null default now(),
  unique (issuer, subject)
);
create index identities_user on identities (user_id);
