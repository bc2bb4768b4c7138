-- Roles on files, given to e-mail addresses, and files whose original is deleted while their tables stay.

-- The role belongs to the address, as on sheets.
create table file_shares (
    file uuid not null references files on delete cascade,
    -- In lower case.
    email text not null,
    role text not null check (role in ('viewer', 'editor')),
    given_at timestamptz not null,
    -- When the account with this address first used the file.
    opened_at timestamptz,
    primary key (file, email)
);

-- The list of an account has those that were given last.
create index file_shares_of_email on file_shares (email, given_at, file);

-- The role of an account on a file; null: none. A removed file, or that of an account that has ended, is its owner's alone.
create function file_role_on(of_file uuid, of_account uuid) returns text language sql stable as $$
    select case when files.owner = of_account then 'owner' else (
        select file_shares.role from accounts
        join file_shares on file_shares.email = accounts.email and file_shares.file = files.id
        join accounts as owner on owner.id = files.owner
        where accounts.id = of_account and files.removed_at is null and owner.ended_at is null
    ) end
    from files where files.id = of_file
$$;

-- Whether an account has a role on a file, or a higher one. The share that gives it is locked until the commit, so its end
-- waits for what is written by it. Each statement reads at the time of its call, after the waits.
create function holds_file_role(of_file uuid, of_account uuid, at_least text) returns boolean language plpgsql volatile as $$
declare
    roles constant text[] := array['viewer', 'editor', 'owner'];
begin
    perform from file_shares
    where file = of_file and email = (select email from accounts where id = of_account)
    for share;
    return coalesce(
        array_position(roles, file_role_on(of_file, of_account)) >= array_position(roles, at_least), false);
end
$$;

-- As before, but notices of one file are bounded beside those of one sheet: the detail has its id.
create or replace function notify_role(
    of_account uuid, of_kind text, by_account uuid, of_sheet uuid, of_detail jsonb
) returns uuid language plpgsql volatile as $$
declare
    gone bigint;
begin
    -- It locks the counter of the account first, so that calls beside this one count its notice.
    perform notify_account(of_account, of_kind, true, by_account, of_sheet, null, null, of_detail);
    with mine as (
        select number, row_number() over (order by number desc) as place,
            row_number() over (partition by sheet, detail ->> 'file' order by number desc) as place_on_one
        from notices
        where account = of_account and listed and kind in ('share', 'role') and actor = by_account
    ), deleted as (
        delete from notices using mine
        where account = of_account and notices.number = mine.number
            and (mine.place > 100 or mine.place_on_one > 4)
        returning notices.number
    )
    select max(number) into gone from deleted;
    update notice_heads set dropped = greatest(dropped, gone) where account = of_account and gone is not null;
    return of_account;
end
$$;

alter table files
    -- Null once the original is deleted: its tables stay.
    alter column content drop not null,
    add column original_deleted_at timestamptz,
    add constraint files_original check ((content is null) = (original_deleted_at is not null));

-- Jobs of all accounts that read a file: the original stays until they end.
create index jobs_under_way_about_files on jobs ((parameters ->> 'file'))
    where ended_at is null and parameters ? 'file';
