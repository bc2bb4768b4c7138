-- Servers of one database that decide differently whether new addresses are confirmed find out about each other.

-- Whether it confirms the address of a new account, by its settings; null: it is of an earlier release.
alter table nodes add column confirms_email boolean;
