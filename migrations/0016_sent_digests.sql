-- A clientMessageId stands for what was sent with it at first: the same again is harmless, anything else is a conflict. What
-- was sent is the content itself until it is edited; from then on its SHA-256 is kept. Whoever sends pays nothing for it, and
-- a column that may be empty is added without a rewrite.
alter table messages add column sent_digest bytea check (octet_length(sent_digest) = 32);
