-- Tables: what was read from a file, kept as Parquet. Their bytes are contents, as those of files are, but without a digest:
-- no file shares them.

create table file_tables (
    file uuid not null references files on delete cascade,
    -- In the order of the file, from 0.
    number integer not null check (number >= 0),
    content uuid not null unique references file_contents,
    -- The job that has read it. No reference: the record of a job goes by age.
    reading uuid not null,
    name text not null check (octet_length(name) <= 1024),
    row_count bigint not null check (row_count >= 0),
    -- The columns, and what the reading has found besides the rows.
    facts jsonb not null,
    primary key (file, number)
);

-- The contents of tables that an attempt at a job writes. `released_at` of such a content is the time of its last piece, so
-- the sweep deletes what an attempt has left. They count for the quota of the owner until then, and as contents that leave once
-- another attempt has the job.
create table file_table_drafts (
    content uuid primary key references file_contents on delete cascade,
    owner uuid not null references accounts on delete cascade,
    -- No reference, as above.
    job uuid not null,
    fence bigint not null
);

create index file_table_drafts_of_owner on file_table_drafts (owner);

create trigger file_tables_release after delete on file_tables referencing old table as gone for each statement
execute function release_file_contents();
