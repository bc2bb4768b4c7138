-- Letters that are tried for hours, and notices of those that could not be sent.

alter table jobs
    -- The most attempts at the job; null: as many as at most jobs.
    add column attempts integer;

-- A job whose parameters have the member `notice`, its name for a person, sends its account a notice when it ends; with
-- the member `notice_of`, only in that state. An `{email}` in the name is the address in the secret part, which the
-- record does not keep.
create or replace function notify_of_job() returns trigger language plpgsql as $$
begin
    if coalesce(new.parameters ->> 'notice_of', new.state) = new.state then
        perform notify_account(new.account, 'job', true, null, null, null, null, jsonb_build_object(
            'job', new.id, 'state', new.state,
            'name', replace(new.parameters ->> 'notice', '{email}', coalesce(old.secret ->> 'email', ''))));
    end if;
    return null;
end
$$;
