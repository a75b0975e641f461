-- When somebody has last shown that he has the number of the account: carriers give numbers to others. Numbers from before
-- were shown by nobody.
update users set phone = null where phone is not null;
alter table users
  add column phone_confirmed_at timestamptz,
  add constraint users_phone_form check (phone ~ '^\+[1-9][0-9]{6,14}$'),
  add constraint users_phone_confirmed check ((phone is null) = (phone_confirmed_at is null));
