-- What a server has seen of the shared journal is true for all of them, also for one that can't see it.

-- The era that this server has left, because Redis did not have it any more. Whoever still works in it
-- leaves it, too.
alter table nodes add column left_era uuid;
