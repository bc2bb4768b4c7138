-- Deleted comments, bounded notices of roles, and links that this database can't compute.

-- A deleted comment is in no list and in no count. Its row stays for an hour, so that the call that made it, sent again,
-- makes no second one.
alter table threads add column deleted_at timestamptz;

create index threads_deleted on threads (deleted_at) where deleted_at is not null;

-- SHA-256 of a link's token, which is not stored. Null: a link of an earlier release, whose token is computed.
alter table links add column hash bytea;

-- Writes a notice of a role. Of one actor the newest 100 of these stay, and the newest 4 on one sheet, so that no one
-- pushes out the notices of others.
create function notify_role(
    of_account uuid, of_kind text, by_account uuid, of_sheet uuid, of_detail jsonb
) returns uuid language plpgsql volatile as $$
declare
    gone bigint;
begin
    -- It locks the counter of the account first, so that calls beside this one count its notice.
    perform notify_account(of_account, of_kind, true, by_account, of_sheet, null, null, of_detail);
    with mine as (
        select number, row_number() over (order by number desc) as place,
            row_number() over (partition by sheet order by number desc) as place_on_sheet
        from notices
        where account = of_account and listed and kind in ('share', 'role') and actor = by_account
    ), deleted as (
        delete from notices using mine
        where account = of_account and notices.number = mine.number
            and (mine.place > 100 or mine.place_on_sheet > 4)
        returning notices.number
    )
    select max(number) into gone from deleted;
    update notice_heads set dropped = greatest(dropped, gone) where account = of_account and gone is not null;
    return of_account;
end
$$;
