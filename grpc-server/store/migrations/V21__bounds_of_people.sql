-- Bounds of notices, of the people of a sheet, and of the comments of a sheet: what one statement reads and deletes.

create index notices_of_roles on notices (account, actor, number) where listed and kind in ('share', 'role');
create index thread_members_wrote on thread_members (thread, account) where wrote;
-- A page of the open comments passes over no resolved ones.
create index threads_open_comments on threads (sheet, created_at, id)
    where kind = 'comment' and resolved_at is null and deleted_at is null;
create index link_members_by_time on link_members (link, opened_at, account);

-- Deletes notices of an account beyond its bounds, the oldest first, 256 of each sort at most: the listed ones of one
-- actor beyond its newest 100, and then the listed ones, and the others, beyond the newest 1,000. So one actor pushes out
-- no notice of another one. The caller has locked the counter of the account.
create function trim_notices(of_account uuid) returns void language plpgsql volatile as $$
declare
    of_sort boolean;
    edge bigint;
    gone bigint;
    last_gone bigint;
begin
    with newest as (
        select number, actor from notices where account = of_account and listed order by number desc limit 1064
    ), placed as (
        select number, row_number() over (partition by actor order by number desc) as place
        from newest where actor is not null
    ), old as (
        select number from placed where place > 100 order by number limit 256
    ), deleted as (
        delete from notices using old where account = of_account and notices.number = old.number
        returning notices.number
    )
    select max(number) into last_gone from deleted;
    foreach of_sort in array array[true, false] loop
        select number into edge from notices where account = of_account and listed = of_sort
            order by number desc offset 1000 limit 1;
        continue when edge is null;
        with old as (
            select number from notices where account = of_account and listed = of_sort and number <= edge
                order by number limit 256
        ), deleted as (
            delete from notices using old where account = of_account and notices.number = old.number
            returning notices.number
        )
        select max(number) into gone from deleted;
        last_gone := greatest(last_gone, gone);
    end loop;
    update notice_heads set dropped = greatest(dropped, last_gone)
    where account = of_account and last_gone is not null;
end
$$;

-- Writes a notice. The marks of what is read take numbers, too: a notice trims where a multiple of 64 lies between its
-- number and that of the notice before, so that 64 notices more than the bounds stay at most.
create or replace function notify_account(
    of_account uuid, of_kind text, is_listed boolean, by_account uuid, of_sheet uuid, of_thread uuid,
    of_message bigint, of_detail jsonb
) returns uuid language plpgsql volatile as $$
declare
    given bigint := next_notice(of_account);
    before bigint := coalesce((select max(number) from notices where account = of_account), 0);
begin
    insert into notices (account, number, kind, listed, actor, sheet, thread, message, detail)
    values (of_account, given, of_kind, is_listed, by_account, of_sheet, of_thread, of_message, of_detail);
    if before / 64 <> given / 64 then
        perform trim_notices(of_account);
    end if;
    return of_account;
end
$$;

-- The accounts that own a sheet or have opened it by a role or a link, `most` of each of the three. Each link is looked up
-- by its index: a join would be planned as a walk over the members of all links.
create function people_of(of_sheet uuid, most bigint) returns setof uuid language sql stable as $$
    select owner from sheets where id = of_sheet
    union
    select accounts.id from (
        select email from shares where sheet = of_sheet and opened_at is not null limit most
    ) as opened join accounts on accounts.email = opened.email
    union
    (select members.account from links cross join lateral (
        select account from link_members where link_members.link = links.id order by opened_at limit most
    ) as members
    where links.sheet = of_sheet and (links.expires_at is null or links.expires_at > now()) limit most)
$$;

-- The accounts that receive what happens in a thread: both persons, or people of the sheet, those who wrote there first.
-- It looks at four times `most` of those who wrote, since some of them may have no role any more. With a limit each role
-- is looked up by an index.
create or replace function audience(of_thread uuid, most bigint) returns setof uuid language sql stable as $$
    select account from (
        select low as account, 0 as turn from threads where id = of_thread and low is not null
        union all
        select high, 0 from threads where id = of_thread and high is not null
        union all
        (select author.account, 0
        from threads cross join lateral (
            select account from thread_members where thread = threads.id and wrote order by account limit 4 * most
        ) as author
        where threads.id = of_thread and threads.sheet is not null and (
            coalesce((select true from sheets
                where sheets.id = threads.sheet and sheets.owner = author.account limit 1), false)
            or coalesce((select true from accounts join shares on shares.email = accounts.email
                where accounts.id = author.account and shares.sheet = threads.sheet
                    and shares.opened_at is not null limit 1), false)
            or coalesce((select true from link_members join links on links.id = link_members.link
                where link_members.account = author.account and links.sheet = threads.sheet
                    and (links.expires_at is null or links.expires_at > now()) limit 1), false))
        limit most)
        union all
        select people.account, 1 from threads cross join lateral people_of(threads.sheet, most) as people (account)
        where threads.id = of_thread and threads.sheet is not null
    ) as listed
    group by account order by min(turn), account limit most
$$;

-- How many comments a sheet has, without those that are deleted.
create table comment_counts (
    sheet uuid primary key references sheets on delete cascade,
    comments bigint not null
);

insert into comment_counts (sheet, comments)
select threads.sheet, count(*) from threads join sheets on sheets.id = threads.sheet
where threads.kind = 'comment' and threads.deleted_at is null group by threads.sheet;

create function count_comments(of_sheet uuid, more bigint) returns void language sql volatile as $$
    insert into comment_counts as counted (sheet, comments)
    select id, greatest(0, more) from sheets where id = of_sheet
    on conflict (sheet) do update set comments = greatest(0, counted.comments + more)
$$;

create function count_made_comment() returns trigger language plpgsql as $$
begin
    perform count_comments(new.sheet, 1);
    return null;
end
$$;

create function count_deleted_comment() returns trigger language plpgsql as $$
begin
    perform count_comments(old.sheet, -1);
    return null;
end
$$;

-- Of one statement together: to count each row would visit all versions of the count before it.
create function count_gone_comments() returns trigger language plpgsql as $$
begin
    perform count_comments(sums.sheet, -sums.comments) from (
        select sheet, count(*) as comments from gone
        where kind = 'comment' and deleted_at is null group by sheet order by sheet
    ) as sums;
    return null;
end
$$;

create trigger threads_count_made after insert on threads for each row
when (new.kind = 'comment' and new.deleted_at is null)
execute function count_made_comment();

create trigger threads_count_deleted after update of deleted_at on threads for each row
when (new.kind = 'comment' and old.deleted_at is null and new.deleted_at is not null)
execute function count_deleted_comment();

create trigger threads_count_gone after delete on threads referencing old table as gone for each statement
execute function count_gone_comments();
