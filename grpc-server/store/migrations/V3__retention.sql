-- How history ends: what was pruned, and what has to be remembered all the same.

-- A sheet whose history was pruned at least once. The floor is the oldest revision that can be told,
-- and the sheet's first checkpoint: `changes` before it and what they overwrote are gone, or go soon.
create table prunings (
    sheet uuid primary key references sheets on delete cascade,
    floor bigint not null,
    -- When that became the floor.
    since timestamptz not null,
    -- The bodies of deleted rows that nothing from this revision on can bring back are gone.
    bodies_floor bigint not null
);

-- The last of each client's edits that were pruned while they were young, so that one that is sent
-- again is still known by its name.
create table past_clients (
    sheet uuid not null,
    client uuid not null,
    sequence bigint not null,
    revision bigint not null,
    account uuid not null,
    at timestamptz not null,
    primary key (sheet, client)
);

create index past_clients_by_time on past_clients (at);

-- Pruning leaves room in the table, and what is written next fills it: rows no longer lie in the order
-- of time, which the index of V2 needs.
drop index befores_by_time;
create index befores_by_time on befores (sheet, through);

-- Sheets that are gone for good, and whose rows and history are still to be deleted.
create table purges (
    sheet uuid primary key
);

create index sheets_by_deletion on sheets (deleted_at) where deleted_at is not null;
