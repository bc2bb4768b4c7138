-- Roles on sheets: given to e-mail addresses, and to accounts that open a link.

-- A guest of a link is an account without an address and a password.
alter table accounts alter column email drop not null;
alter table accounts alter column password_hash drop not null;

-- The role belongs to the address, so that it is the same whether or not the address has an account.
create table shares (
    sheet uuid not null references sheets on delete cascade,
    -- In lower case.
    email text not null,
    role text not null check (role in ('viewer', 'commenter', 'editor')),
    given_at timestamptz not null,
    -- When the account with this address first opened the sheet.
    opened_at timestamptz,
    primary key (sheet, email)
);

create index shares_of_email on shares (email, sheet);

create table links (
    id uuid primary key,
    sheet uuid not null references sheets on delete cascade,
    role text not null check (role in ('viewer', 'commenter', 'editor')),
    -- Whether guests may open it.
    guests boolean not null,
    created_at timestamptz not null,
    expires_at timestamptz
);

create index links_of_sheet on links (sheet, created_at);

-- The accounts that have opened a link.
create table link_members (
    link uuid not null references links on delete cascade,
    account uuid not null references accounts on delete cascade,
    opened_at timestamptz not null,
    primary key (link, account)
);

create index link_members_of_account on link_members (account);

-- The role of an account on a sheet, deleted or not; null: none. The highest one counts.
create function role_on(of_sheet uuid, of_account uuid) returns text language sql stable as $$
    select given.role from (
        select 'owner' as role from sheets where id = of_sheet and owner = of_account
        union all
        select shares.role from accounts join shares on shares.email = accounts.email
        where accounts.id = of_account and shares.sheet = of_sheet
        union all
        select links.role from link_members join links on links.id = link_members.link
        where link_members.account = of_account and links.sheet = of_sheet
            and (links.expires_at is null or links.expires_at > now())
    ) as given
    order by array_position(array['owner', 'editor', 'commenter', 'viewer'], given.role)
    limit 1
$$;
