-- Names in the terms of the field. Data and meaning stay as they are.

-- The cells that a commit overwrote, as they were before it.
alter table befores rename to before_images;
alter index befores_pkey rename to before_images_pkey;
alter index befores_by_time rename to before_images_by_time;

-- The epoch of the shared journal in which a node accepts edits, and the one that it has left. Another thing
-- than a sheet's epoch.
alter table nodes rename column era to journal_epoch;
alter table nodes rename column left_era to left_epoch;
alter table nodes rename column beat_at to heartbeat_at;
