-- Who works on what, and where: the live sessions of all nodes, and how the former ones ended.

create table live_sessions (
    -- The run of a server that the session is on, and the session's number there. Together they are
    -- the session's id: NODE-NUMBER, both in hexadecimal.
    node uuid not null,
    number bigint not null,
    -- No foreign keys: what was refused may name a sheet that never was, and nobody should wait here
    -- for a sheet that is just being committed to.
    sheet uuid not null,
    account uuid not null,
    -- How it speaks: one stream both ways, or Watch and Send.
    client text not null check (client in ('stream', 'web')),
    opened_at timestamptz not null,
    -- Null while it is open.
    ended_at timestamptz,
    -- closed: by either side, as it should be; drained: told to go because its node stopped;
    -- error: something that it needed was away; lost: its node was gone before it could say.
    ended text check (ended in ('closed', 'drained', 'error', 'lost')),
    detail text not null default '',
    primary key (node, number),
    check ((ended_at is null) = (ended is null))
);

create index live_sessions_open on live_sessions (opened_at) where ended_at is null;
create index live_sessions_ended on live_sessions (ended_at) where ended_at is not null;
