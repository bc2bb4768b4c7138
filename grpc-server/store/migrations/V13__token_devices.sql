-- What the owner of an account sees of its tokens.

alter table tokens
    -- The program that signed in, as it calls itself.
    add column device text not null default '',
    -- Noted once in ten minutes at most.
    add column used_at timestamptz not null default now();

create index tokens_of_account on tokens (account);
