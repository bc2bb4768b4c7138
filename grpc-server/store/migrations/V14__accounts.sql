-- Links that are mailed, the states of an account, and invitations.

-- Links of earlier releases could be computed from this database; they end here, within the hour of their validity.
drop table password_resets;

-- Each attempt to send a link makes one with a secret of its own, so a request may have several. A used link takes the
-- others of its account, or of its address, with it.
create table mailed_links (
    -- SHA-256 of the link's token. The token itself is not stored.
    hash bytea primary key,
    purpose text not null check (purpose in ('password', 'confirm', 'invite')),
    account uuid references accounts (id) on delete cascade,
    -- The address that is invited, in lower case.
    email text,
    -- The account that invites; null for the operator.
    inviter uuid references accounts (id) on delete cascade,
    expires_at timestamptz not null,
    check ((purpose = 'invite') = (email is not null)),
    check ((purpose = 'invite') = (account is null))
);

create index mailed_links_of_account on mailed_links (account) where account is not null;
create index mailed_links_of_email on mailed_links (email) where email is not null;
create index mailed_links_of_inviter on mailed_links (inviter) where inviter is not null;
create index mailed_links_expired on mailed_links (expires_at);

alter table accounts
    -- The operator has disabled the account: it has no tokens, and gets none.
    add column disabled_at timestamptz,
    -- The account gets no token before its address is confirmed.
    add column unconfirmed boolean not null default false,
    -- When its owner deleted it. The row keeps the name for the history of sheets, and nothing else.
    add column ended_at timestamptz;

create index accounts_unconfirmed on accounts (created_at) where unconfirmed;

-- Guests, and accounts that were deleted: they can't sign in.
create index accounts_without_address on accounts (created_at) where email is null;
