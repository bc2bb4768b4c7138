-- Work that takes longer than a call. A job is one row: its record and its place in the queue.

-- Each attempt at a job has a fence of its own, larger than all before it.
create sequence job_fences;

create table jobs (
    id uuid primary key,
    kind text not null,
    -- Whose job it is; null for a job of the server, or of a caller without a token.
    account uuid references accounts (id) on delete cascade,
    -- Of the jobs of a kind with the same key, one at most waits or runs.
    key text,
    parameters jsonb not null,
    -- A part of the parameters that is deleted when the job ends, such as an address.
    secret jsonb,
    state text not null default 'waiting'
        check (state in ('waiting', 'running', 'done', 'failed', 'cancelled')),
    attempt integer not null default 0,
    -- Of the attempt that runs. Each write of a worker is conditional on it.
    fence bigint,
    -- The server of the last attempt.
    node uuid,
    progress_done bigint not null default 0,
    progress_total bigint,
    cancel_asked boolean not null default false,
    result jsonb,
    -- Of the last attempt that failed.
    error text,
    created_at timestamptz not null default now(),
    -- No attempt starts earlier.
    run_at timestamptz not null default now(),
    started_at timestamptz,
    ended_at timestamptz,
    check ((state = 'running') = (fence is not null)),
    check ((state in ('done', 'failed', 'cancelled')) = (ended_at is not null)),
    check (ended_at is null or secret is null)
);

create index jobs_waiting on jobs (kind, run_at, id) where state = 'waiting';
create index jobs_running on jobs (node) where state = 'running';
create index jobs_ended on jobs (ended_at) where ended_at is not null;
create index jobs_of_account on jobs (account) where account is not null;
create unique index jobs_keyed on jobs (kind, key) where key is not null and ended_at is null;

-- Links by which an owner sets a new password. A row is deleted when its link is used.
create table password_resets (
    -- The job that sends the link, so that each attempt sends the same one.
    request uuid primary key,
    -- SHA-256 of the link's token. The token itself is not stored.
    hash bytea not null unique,
    account uuid not null references accounts (id) on delete cascade,
    expires_at timestamptz not null
);

create index password_resets_of_account on password_resets (account);
create index password_resets_expired on password_resets (expires_at);
