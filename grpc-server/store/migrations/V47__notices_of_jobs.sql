-- Notices of jobs lead to what the jobs have made. The members `made_file` and `made_sheet` of a notice are ids; `listed` is true
-- for a job that is shown to its account.

-- As in V39. The parameters may have the member `notice_after`, in seconds. Such a job sends a notice where it has failed, or is
-- done so long after it was enqueued, since the person may have left the page by then.
create or replace function notify_of_job() returns trigger language plpgsql as $$
declare
    took double precision := extract(epoch from new.ended_at - new.created_at);
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
    end if;
    return null;
end
$$;
