-- The servers that share this database.

-- One row for each start of a server. It beats while it runs; one whose beat is old has died.
create table nodes (
    id uuid primary key,
    -- What its operator calls it.
    name text not null,
    -- Where it listens.
    address text not null,
    started_at timestamptz not null default now(),
    beat_at timestamptz not null default now(),
    -- The era of the shared journal in which it accepts edits; null while it holds none that are
    -- not in the tables.
    era uuid,
    ended_at timestamptz
);

create index nodes_running on nodes (beat_at) where ended_at is null;
