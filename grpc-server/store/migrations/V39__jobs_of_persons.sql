-- Jobs that are shown to their accounts: those whose parameters have the member `title`, their name for a person. The
-- member `file` is the id of the file that such a job is about.

alter table jobs
    -- Whether it may run again once it has failed or is cancelled. A secret is deleted at the end, and another job may have
    -- the key by then.
    add column is_retryable boolean not null default false,
    -- When the row was written last, later than each time before. The clock, not the begin of the transaction: streams
    -- look for rows that changed within the last seconds.
    add column changed_at timestamptz not null default now(),
    add constraint jobs_retryable
        check (not is_retryable or (account is not null and secret is null and key is null));

alter table jobs alter column changed_at set default clock_timestamp();

create function note_job_change() returns trigger language plpgsql as $$
begin
    new.changed_at := greatest(clock_timestamp(), old.changed_at + interval '1 microsecond');
    return new;
end
$$;

create trigger jobs_changed before update on jobs for each row execute function note_job_change();

-- The list of an account, for each state alone, so that no page passes over the jobs of other states.
create index jobs_of_persons on jobs (account, state, created_at desc, id desc) where parameters ? 'title';
create index jobs_about_files on jobs (account, (parameters ->> 'file'), created_at desc, id desc)
    where parameters ? 'title';
create index jobs_changed_of_persons on jobs (account, changed_at, id) where parameters ? 'title';

-- A job whose parameters have the member `notice` sends its account a notice when it ends; with the member `notice_of`,
-- only in that state. The name of the job is its title, or else the text of `notice`, in which `{email}` is the address in
-- the secret part, which the record does not keep.
create or replace function notify_of_job() returns trigger language plpgsql as $$
begin
    if coalesce(new.parameters ->> 'notice_of', new.state) = new.state then
        perform notify_account(new.account, 'job', true, null, null, null, null, jsonb_build_object(
            'job', new.id, 'state', new.state,
            'name', coalesce(new.parameters ->> 'title',
                replace(new.parameters ->> 'notice', '{email}', coalesce(old.secret ->> 'email', '')))));
    end if;
    return null;
end
$$;
