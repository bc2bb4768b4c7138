-- Limits of sign-in and sign-up that all nodes share, and what keeps them from locking an owner out.

-- Token buckets: when each one is full again. A full bucket needs no row. Its loss in a crash costs a few
-- attempts, so it is not logged.
create unlogged table attempts (
    key bytea primary key,
    full_at timestamptz not null
);

create index attempts_full on attempts (full_at);

-- The networks from which each account has signed in, as keyed hashes.
create table known_networks (
    account uuid not null references accounts (id) on delete cascade,
    network bytea not null,
    used_at timestamptz not null,
    primary key (account, network)
);

-- Keys that the nodes share; the first node makes them.
create table server_keys (
    name text primary key,
    key bytea not null
);
