-- Notices of jobs lead to what the jobs have made. The members `made_file` and `made_sheet` of a notice are ids; `listed` is true
-- for a job that is shown to its account.

-- As in V39. The parameters may have the member `notice_after`, in seconds. Such a job sends a notice where it has failed, or is
-- done so long after it was enqueued, since the person may have left the page by then. Of each account the newest 100 notices of
-- jobs stay, so that they push out no notice of persons.
create or replace function notify_of_job() returns trigger language plpgsql as $$
declare
    took double precision := extract(epoch from new.ended_at - new.created_at);
    gone bigint;
begin
    if coalesce(new.parameters ->> 'notice_of', new.state) = new.state
        and (not new.parameters ? 'notice_after' or new.state = 'failed'
            or new.state = 'done' and took >= (new.parameters ->> 'notice_after')::double precision) then
        perform notify_account(new.account, 'job', true, null, null, null, null, jsonb_strip_nulls(jsonb_build_object(
            'job', new.id, 'state', new.state,
            'name', coalesce(new.parameters ->> 'title',
                replace(new.parameters ->> 'notice', '{email}', coalesce(old.secret ->> 'email', ''))),
            'listed', case when new.parameters ? 'title' then true end,
            'made_file', new.result ->> 'file', 'made_sheet', new.result ->> 'sheet')));
        with older as (
            select number from notices where account = new.account and listed and kind = 'job'
            order by number desc offset 100
        ), deleted as (
            delete from notices using older
            where notices.account = new.account and notices.number = older.number
            returning notices.number
        )
        select max(number) into gone from deleted;
        update notice_heads set dropped = greatest(dropped, gone) where account = new.account and gone is not null;
    end if;
    return null;
end
$$;
