-- Since when marks of devices are good: those from before a password that was set anew by a link tell of whoever had the
-- account then.
alter table users add column devices_since timestamptz not null default 'epoch';
