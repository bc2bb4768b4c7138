-- The sign-in behind each token.

alter table tokens
    -- When a password, a provider or a link gave the first token. A renewed token keeps it.
    add column signed_in_at timestamptz,
    -- The hash of that first token, for a renewed one: a sign-out ends them all.
    add column sign_in bytea;

update tokens set signed_in_at = created_at;

alter table tokens
    alter column signed_in_at set default now(),
    alter column signed_in_at set not null;
