-- Sign-in with an OpenID Connect provider.

alter table accounts
    -- A link that was mailed to the address was used, or a provider has confirmed it. False for an account that has
    -- signed up with an address that may be another person's.
    add column address_proven boolean not null default false;

alter table tokens
    -- When the owner signed in again at the provider for this token.
    add column proven_at timestamptz;

-- The persons of a provider that are linked to an account. The subject never changes; the address may.
create table oidc_identities (
    issuer text not null,
    subject text not null,
    account uuid not null references accounts (id) on delete cascade,
    linked_at timestamptz not null default now(),
    primary key (issuer, subject),
    -- Providers give an address to another person in time, who is not the owner of this account.
    unique (account, issuer)
);

-- Sign-ins under way. The secret itself is in the browser alone. A loss in a crash costs a new beginning.
create unlogged table oidc_sign_ins (
    -- SHA-256 of the browser's secret.
    hash bytea primary key,
    expires_at timestamptz not null,
    -- Set by the one call that exchanges the code.
    taken boolean not null default false,
    -- The person that the provider has named: for a second call with a password.
    subject text,
    email text,
    display_name text
);

create index oidc_sign_ins_expired on oidc_sign_ins (expires_at);
