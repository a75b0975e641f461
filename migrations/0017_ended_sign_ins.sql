-- Sign-ins that were ended are removed some time afterwards, and found by when that was: most were never ended.
create index auth_sessions_revoked on auth_sessions (revoked_at) where revoked_at is not null;
