-- Whose job has made a view of a table, so that each account replaces its own views first.

-- Null: that of the file's owner, as a server of an earlier release leaves it. The row may outlast the account by a day: it goes
-- when it is unused.
alter table file_views add column made_by uuid;
