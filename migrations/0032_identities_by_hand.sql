-- An identity that its owner has taken away stays known, so that its address does not bring it back (docs/adr/0028-identity-from-outside.md).
alter table identities
  add column provider text check (length(provider) between 1 and 32),  -- its name when it was linked
  add column removed_at timestamptz;
