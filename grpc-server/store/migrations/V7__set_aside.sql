-- Sheets that stand still because a change that was accepted can't be stored, and changes that were taken
-- out of the journal so that nothing else waits for them.

create table set_aside (
    sheet uuid primary key references sheets (id) on delete cascade,
    -- The last revision that is stored: the change after it was refused.
    head bigint not null,
    -- Why, in the words of the server or of Postgres.
    reason text not null,
    at timestamptz not null default now()
);

create table parked_changes (
    sheet uuid not null references sheets (id) on delete cascade,
    -- The line of history that the revision counts in.
    epoch bigint not null,
    revision bigint not null,
    account uuid not null,
    accepted_at timestamptz not null,
    parked_at timestamptz not null default now(),
    -- As in the journal.
    entry bytea not null,
    -- So that one change is kept once, and two changes of one revision are both kept: a journal that was
    -- lost may have given a revision again.
    digest bytea not null generated always as (sha256(entry)) stored,
    primary key (sheet, epoch, revision, digest)
);
