-- The tables of Gridloom. Made to be read with psql, too: see the view sheet_rows at the end.
-- A migration that was released is never edited; the next one follows it.

create table accounts (
    id uuid primary key,
    -- In lower case.
    email text not null unique,
    display_name text not null,
    -- argon2id, in PHC form.
    password_hash text not null,
    created_at timestamptz not null
);

create table tokens (
    -- SHA-256 of the token; the token itself is kept nowhere.
    hash bytea primary key check (octet_length(hash) = 32),
    account uuid not null references accounts on delete cascade,
    created_at timestamptz not null,
    expires_at timestamptz not null
);

create index tokens_by_account on tokens (account);
create index tokens_by_end on tokens (expires_at);

create table sheets (
    id uuid primary key,
    owner uuid not null references accounts,
    name text not null,
    -- Counts changes of the name and the like; the source of the etag.
    version bigint not null default 1,
    -- Revisions of another epoch are another history.
    epoch bigint not null default 1,
    -- The last revision that is in these tables.
    head bigint not null default 0,
    -- Ids below these have been given out, and are never given out again.
    next_row_id bigint not null,
    next_column_id bigint not null,
    row_count bigint not null,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    deleted_at timestamptz
);

-- Ids sort by the time of their making, so this is also the order of a list.
create index sheets_by_owner on sheets (owner, id);

create table columns (
    sheet uuid not null references sheets on delete cascade,
    id bigint not null,
    -- From the left, from 0.
    position integer not null,
    name text not null,
    kind text not null check (kind in ('any', 'bool', 'number', 'text', 'datetime')),
    -- On screen, in CSS pixels; null leaves it to the client.
    width bigint,
    primary key (sheet, id)
);

-- The order of rows: runs of consecutive row ids, in the order of their keys. A sheet that was
-- imported is one run; moving, inserting and deleting rows splits runs and rewrites no row.
create table spans (
    sheet uuid not null references sheets on delete cascade,
    key bigint not null,
    start bigint not null,
    length bigint not null check (length > 0),
    primary key (sheet, key)
);

-- The cells of a row, keyed by column id: booleans, numbers and text as themselves, a date and time
-- as {"datetime": "2024-05-01T12:00:00Z"}. A null means the same as no cell. A row without cells
-- may have no body here; the body of a deleted row stays until history is pruned.
--
-- No foreign key: it would be checked once for each row of an import, and every writer holds the
-- lock on the sheet's own row anyway. Room is left on each page so that an update stays on it.
create table rows (
    sheet uuid not null,
    id bigint not null,
    cells jsonb not null,
    primary key (sheet, id)
) with (fillfactor = 90);

-- The operation log. (client, sequence) names an edit for ever, so a resend can't land twice.
create table changes (
    sheet uuid not null,
    revision bigint not null,
    client uuid not null,
    sequence bigint not null,
    -- The revision that the client had seen.
    base bigint not null,
    account uuid not null,
    at timestamptz not null,
    -- The delta as accepted, in the engine's own binary form.
    delta bytea not null,
    primary key (sheet, revision),
    unique (sheet, client, sequence)
);

-- For people: the rows of a sheet as they stand in it, from position 0.
create view sheet_rows as
select
    span.sheet,
    span.before + line.number as position,
    span.start + line.number as id,
    coalesce(body.cells, '{}') as cells
from (
    select
        sheet, key, start, length,
        (sum(length) over (partition by sheet order by key) - length)::bigint as before
    from spans
) as span
cross join lateral generate_series(0, span.length - 1) as line (number)
left join rows as body on body.sheet = span.sheet and body.id = span.start + line.number;
