-- Mentions keep their names, and the readers of a message are those after its wait for the row of the thread: a volatile
-- function reads at the time of its call, a stable one at the beginning of the statement.

-- The accounts that receive what happens in a thread: as V21 has them, but volatile.
create or replace function audience(of_thread uuid, most bigint) returns setof uuid language sql volatile as $$
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

-- Whether an account has written in a thread.
create function has_written(of_thread uuid, of_account uuid) returns boolean language sql volatile as $$
    select exists (
        select from thread_members where thread = of_thread and account = of_account and wrote)
$$;

-- The names of the mentioned persons when the text was written, in the order of `mentions`; null: of an earlier release.
alter table messages add column mention_names text[];

-- The names of mentioned persons in a text: those of the text before, where it still has them behind an @, and otherwise
-- their names now.
create function mention_names(persons uuid[], of_text text, earlier uuid[], earlier_names text[])
returns text[] language sql stable as $$
    select coalesce(array_agg(coalesce(kept.name, accounts.display_name, '') order by given.place), '{}')
    from unnest(persons) with ordinality as given (id, place)
    left join lateral (
        select before.name from unnest(earlier, earlier_names) as before (id, name)
        where before.id = given.id and before.name <> '' and strpos(of_text, '@' || before.name) > 0 limit 1
    ) as kept on true
    left join accounts on accounts.id = given.id
$$;
