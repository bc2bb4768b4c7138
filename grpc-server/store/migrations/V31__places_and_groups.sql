-- Undo goes by the place that made a change, and takes a group of edits back at once.

-- The gesture that an edit is a part of; null: it is one of its own. Servers of an earlier release leave it out.
alter table changes add column edit_group bigint;

-- The last 8 bytes of a client id are a mark and the place. What an account did at one place, newest first: what can be
-- undone there.
create index changes_by_place on changes (sheet, account, substring(uuid_send(client) from 9), revision desc)
where substring(uuid_send(client) from 9 for 2) = '\x11ac';
