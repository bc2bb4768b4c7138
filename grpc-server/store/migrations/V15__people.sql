-- Messages between persons and on sheets, comments on cells, and the notices to persons.

create table threads (
    id uuid primary key,
    kind text not null check (kind in ('persons', 'sheet', 'comment')),
    -- The two persons, the lower id first; null once an account is deleted.
    low uuid references accounts on delete set null,
    high uuid references accounts on delete set null,
    -- The sheet of a sheet's thread, and of a comment. Without a reference: the messages of a purged sheet are deleted in
    -- parts.
    sheet uuid,
    -- The cell of a comment. Ids of rows and columns stay through moves, undo and restore.
    row_id bigint,
    column_id bigint,
    -- The number of the last message. A message gets its number while this row is locked, so numbers have the order of
    -- commits.
    last bigint not null default 0,
    last_at timestamptz not null default now(),
    created_at timestamptz not null default clock_timestamp(),
    resolved_at timestamptz,
    resolved_by uuid references accounts on delete set null,
    check ((kind = 'persons') = (sheet is null)),
    check ((kind = 'comment') = (row_id is not null and column_id is not null))
);

create unique index threads_of_persons on threads (low, high) where kind = 'persons';
create index threads_of_low on threads (low) where low is not null;
create index threads_of_high on threads (high) where high is not null;
create index threads_of_none on threads (id) where kind = 'persons' and low is null and high is null;
create index threads_on_sheet on threads (sheet) where sheet is not null;
create unique index threads_of_sheet on threads (sheet) where kind = 'sheet';
create index threads_on_cells on threads (sheet, row_id) where kind = 'comment';
create index threads_of_comments on threads (sheet, created_at, id) where kind = 'comment';
create index threads_resolved_by on threads (resolved_by) where resolved_by is not null;

create table messages (
    thread uuid not null references threads on delete cascade,
    number bigint not null,
    -- Null once the account is deleted.
    author uuid references accounts on delete set null,
    -- The id that the client gave it: a repeated call finds it.
    client_id uuid not null,
    -- SHA-256 of the request, so that one id names one message.
    digest bytea not null,
    -- Empty once the message is deleted.
    text text not null,
    mentions uuid[] not null default '{}',
    link_sheet uuid,
    link_row bigint,
    link_column bigint,
    sent_at timestamptz not null,
    edited_at timestamptz,
    deleted_at timestamptz,
    primary key (thread, number)
);

create unique index messages_once on messages (author, client_id);

-- What an account has read of a thread, and whether it has written there.
create table thread_members (
    account uuid not null references accounts on delete cascade,
    thread uuid not null references threads on delete cascade,
    read bigint not null default 0,
    wrote boolean not null default false,
    -- The account's number of the last change of `read`: its streams send what is newer than their read point.
    number bigint not null default 0,
    primary key (account, thread)
);

create index thread_members_changed on thread_members (account, number);
create index thread_members_of_thread on thread_members (thread);

-- The bytes of the messages that an account has written; they count among its stored bytes.
create table message_bytes (
    account uuid primary key references accounts on delete cascade,
    bytes bigint not null
);

-- The counter of an account. Each notice takes the next number while this row is locked until the commit, so the
-- numbers of an account have the order of commits. No reference: an address without an account gets its notice under
-- an id of no account, so that the call takes the same time.
create table notice_heads (
    account uuid primary key,
    last bigint not null default 0,
    -- Some notices up to this number were deleted.
    dropped bigint not null default 0,
    -- All notices up to this number are read; and the number of that change.
    read bigint not null default 0,
    read_number bigint not null default 0
);

create table notices (
    account uuid not null,
    number bigint not null,
    kind text not null
        check (kind in ('message', 'thread', 'mention', 'comment', 'share', 'role', 'job')),
    -- Whether the list of notices shows it; a message is shown in its thread.
    listed boolean not null,
    actor uuid,
    sheet uuid,
    thread uuid,
    message bigint,
    detail jsonb,
    at timestamptz not null default now(),
    primary key (account, number)
);

create index notices_listed on notices (account, listed, number);
create index notices_by_age on notices (at);

-- The accounts with a stream of notices at a node.
create table watchers (
    account uuid not null,
    node uuid not null,
    primary key (account, node)
);

create index watchers_of_node on watchers (node);

-- People are found by the first characters of their names and addresses.
create index accounts_by_name on accounts (lower(display_name) text_pattern_ops, id);
create index accounts_by_email on accounts (email text_pattern_ops);
create index live_sessions_open_of_account on live_sessions (account) where ended_at is null;

-- The next number of an account.
create function next_notice(of_account uuid) returns bigint language sql volatile as $$
    insert into notice_heads as head (account, last) values (of_account, 1)
    on conflict (account) do update set last = head.last + 1
    returning last
$$;

-- Writes a notice. Of each account the newest 1,000 listed ones and the newest 1,000 others stay, and at most 64 more.
create function notify_account(
    of_account uuid, of_kind text, is_listed boolean, by_account uuid, of_sheet uuid, of_thread uuid,
    of_message bigint, of_detail jsonb
) returns uuid language plpgsql volatile as $$
declare
    given bigint := next_notice(of_account);
    gone bigint;
begin
    insert into notices (account, number, kind, listed, actor, sheet, thread, message, detail)
    values (of_account, given, of_kind, is_listed, by_account, of_sheet, of_thread, of_message, of_detail);
    if given % 64 = 0 then
        with old as (
            (select number from notices where account = of_account and listed
                order by number desc offset 1000)
            union all
            (select number from notices where account = of_account and not listed
                order by number desc offset 1000)
        ), deleted as (
            delete from notices using old where account = of_account and notices.number = old.number
            returning notices.number
        )
        select max(number) into gone from deleted;
        update notice_heads set dropped = greatest(dropped, gone) where account = of_account and gone is not null;
    end if;
    return of_account;
end
$$;

-- A job whose parameters have the member `notice`, its name for a person, sends its account a notice when it ends.
create function notify_of_job() returns trigger language plpgsql as $$
begin
    perform notify_account(new.account, 'job', true, null, null, null, null, jsonb_build_object(
        'job', new.id, 'name', new.parameters ->> 'notice', 'state', new.state));
    return null;
end
$$;

create trigger jobs_notify after update on jobs for each row
when (old.ended_at is null and new.ended_at is not null and new.account is not null
    and new.parameters ? 'notice')
execute function notify_of_job();

-- The sheets that an account owns or has opened by a role or a link.
create function sheets_of(of_account uuid) returns setof uuid language sql stable as $$
    select id from sheets where owner = of_account and deleted_at is null
    union
    select sheets.id from accounts join shares on shares.email = accounts.email
    join sheets on sheets.id = shares.sheet and sheets.deleted_at is null
    where accounts.id = of_account and shares.opened_at is not null
    union
    select sheets.id from link_members join links on links.id = link_members.link
    join sheets on sheets.id = links.sheet and sheets.deleted_at is null
    where link_members.account = of_account and (links.expires_at is null or links.expires_at > now())
$$;

-- The accounts that own a sheet or have opened it by a role or a link.
create function people_of(of_sheet uuid) returns setof uuid language sql stable as $$
    select owner from sheets where id = of_sheet
    union
    select accounts.id from shares join accounts on accounts.email = shares.email
    where shares.sheet = of_sheet and shares.opened_at is not null
    union
    select link_members.account from links join link_members on link_members.link = links.id
    where links.sheet = of_sheet and (links.expires_at is null or links.expires_at > now())
$$;

-- The accounts that receive what happens in a thread: both persons, or people of the sheet, those who wrote there first.
create function audience(of_thread uuid, most bigint) returns setof uuid language sql stable as $$
    select account from (
        select low as account, 0 as turn from threads where id = of_thread and low is not null
        union all
        select high, 0 from threads where id = of_thread and high is not null
        union all
        select people.account, case when thread_members.wrote then 0 else 1 end
        from threads cross join lateral people_of(threads.sheet) as people (account)
        left join thread_members
            on thread_members.thread = threads.id and thread_members.account = people.account
        where threads.id = of_thread and threads.sheet is not null
    ) as listed
    order by turn, account limit most
$$;

-- Whether an account has a live session, or a stream of notices, at a node that lives.
create function is_online(of_account uuid) returns boolean language sql stable as $$
    select exists (select from live_sessions where account = of_account and ended_at is null)
        or exists (select from watchers join nodes on nodes.id = watchers.node
            where watchers.account = of_account and nodes.ended_at is null)
$$;
