//! The queue of jobs: what is enqueued, and what a node takes from it or gives back.
//!
//! Not the end of an attempt: see `ends`. Invariants: the row that causes a job and the job commit together, where the
//! caller enqueues in its own transaction. Two nodes never take one attempt.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::Value;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::{Hold, JobId, JobState, NewJob, TakenJob, attempts};
use crate::database::connection::Connection;
use crate::sql::from_bigint;
use crate::{QUERY_TIMEOUT, Store, StoreError};
use model::limits::edge::{
    ACCOUNT_JOBS_WAITING, JOB_ATTEMPTS, JOB_PARAMETERS_BYTES, JOBS_COMPARED, STRANGER_JOBS_WAITING,
};
use model::limits::jobs::JOB_TITLE_CHARACTERS;
use model::{AccountId, NodeId};

/// Jobs of one account, or of one kind without an account, are counted one after the other.
const LOCK: &str = "select pg_advisory_xact_lock(hashtextextended($1, 0))";

const COUNT_OF_ACCOUNT: &str =
    "select count(*) from jobs where account = $1 and ended_at is null and key is null";

const COUNT_OF_KIND: &str = "
    select count(*) from jobs
    where kind = $1 and state = 'waiting' and account is null and key is null";

const ENQUEUE: &str = "
    insert into jobs (id, kind, account, key, parameters, secret, run_at, attempts, is_retryable)
    values ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7), $8, $9)
    on conflict (kind, key) where key is not null and ended_at is null do nothing";

/// The next run of a recurring job begins so long after the last one has ended.
const RECUR: &str = "
    insert into jobs (id, kind, key, parameters, run_at)
    values ($1, $2, $3, '{}', make_interval(secs => $4) + coalesce(
        (select max(ended_at) from jobs where kind = $2 and key = $3), now()))
    on conflict (kind, key) where key is not null and ended_at is null do nothing";

/// The key of recurring jobs.
const RECURRING: &str = "recurring";

/// Locks rows that no other node is about to take, and leaves the others out. A job's turn is the number of jobs of its kind that
/// its account would run with it: those that run, at any node, and its older ones. Jobs without an account count as those of one.
/// The oldest job is always compared, and comes first once its account runs none, so each is taken in the end.
/// Bound: one row of a job, with its parameters, for each free worker. Of each kind it compares `JOBS_COMPARED` jobs by the index
/// of those that wait, and reads the jobs that run, which workers bound. It passes over `ACCOUNT_JOBS_WAITING` jobs at most of
/// each account that is left out.
const TAKE: &str = "
    with running as materialized (
        select kind, account, count(*) as count from jobs
        where state = 'running' and kind = any($2::text[]) group by kind, account
    ), due as (
        select job.id from unnest($2::text[], $3::bigint[]) as free (kind, places)
        cross join lateral (
            select jobs.id from (
                select oldest.id, oldest.run_at, coalesce(running.count, 0) + row_number() over (
                    partition by oldest.account order by oldest.run_at, oldest.id) as turn
                from (
                    select id, account, run_at from jobs
                    where jobs.kind = free.kind and state = 'waiting' and run_at <= now()
                        and not exists (
                            select from unnest($4::text[], $5::uuid[]) as busy (kind, account)
                            where busy.kind = jobs.kind and busy.account = jobs.account
                        )
                    order by run_at, id limit $6
                ) as oldest
                left join running
                    on running.kind = free.kind and running.account is not distinct from oldest.account
                order by turn, run_at, id limit free.places + $7
            ) as compared
            join jobs on jobs.id = compared.id
            where jobs.state = 'waiting' and jobs.run_at <= now()
            order by compared.turn, compared.run_at, compared.id
            limit free.places for update of jobs skip locked
        ) as job
    )
    update jobs set state = 'running', attempt = attempt + 1, fence = nextval('job_fences'),
        node = $1, started_at = now(), progress_done = 0, progress_total = null, plan = null
    where jobs.id = any(array(select id from due))
    returning jobs.id, fence, kind, account, parameters, secret, attempt";

/// Further jobs of a kind that a take has at hand where other nodes are about to take the first ones.
const FURTHER: i64 = 64;

/// Jobs whose node is dead, and those of this node that none of its workers runs: the answer to a take was lost. The counters of
/// notices are locked in the order of accounts, as messages lock them.
/// Bound: two names and numbers for each job that a node runs, which its workers bound.
const TAKE_OVER: &str = "
    with lost as (
        select id, account, cancel_asked or attempt >= coalesce(attempts, $3) as last from jobs
        where state = 'running' and (
            not exists (select from nodes where nodes.id = jobs.node and nodes.ended_at is null)
            or (node = $1 and not (fence = any($2::bigint[])))
        )
        for update skip locked
    ), heads as materialized (
        select account from notice_heads where account in (select account from lost where last)
        order by account for update
    )
    update jobs set
        state = case when cancel_asked then 'cancelled' when last then 'failed' else 'waiting' end,
        secret = case when not last then secret end, ended_at = case when last then now() end,
        fence = null, run_at = now(),
        error = case when not cancel_asked then 'its server ended, or lost it, while it ran' end
    from lost where jobs.id = lost.id and (select count(*) from heads) >= 0
    returning jobs.id, kind, state, attempt, case when ended_at is not null then jobs.account end";

/// The attempt does not count: its server stopped in good order.
const GIVE_BACK: &str = "
    update jobs set state = case when cancel_asked then 'cancelled' else 'waiting' end,
        secret = case when not cancel_asked then secret end,
        ended_at = case when cancel_asked then now() end,
        error = case when not cancel_asked then error end,
        attempt = attempt - 1, fence = null, run_at = now()
    where id = $1 and fence = $2
    returning case when ended_at is not null then account end";

/// Bound: numbers for each job that a node runs.
const HELD: &str = "select id, fence, cancel_asked from jobs where node = $1 and state = 'running'";

/// A job that was taken from a dead node.
#[derive(Clone, Debug)]
pub struct TakenOver {
    /// Which one.
    pub job: JobId,
    /// Its kind, by name.
    pub kind: String,
    /// Where it is now.
    pub state: JobState,
    /// The attempts that have begun.
    pub attempt: u32,
}

impl Store {
    /// Enqueues a job. False: one with its key waits or runs already.
    ///
    /// # Errors
    /// [`StoreError::TooManyJobs`], [`StoreError::Invalid`] for parameters that are too large,
    /// [`StoreError::NotFound`] for an unknown account, [`StoreError::Unavailable`].
    pub async fn enqueue(&self, job: &NewJob) -> Result<bool, StoreError> {
        let connection = self.for_access().connection().await?;
        // Until the commit, the only way back is to close the connection.
        connection.discard();
        connection.within(QUERY_TIMEOUT, connection.batch_execute("begin")).await?;
        let enqueued = enqueue_on(&connection, job).await?;
        connection.within(QUERY_TIMEOUT, connection.batch_execute("commit")).await?;
        connection.keep();
        Ok(enqueued)
    }

    /// Enqueues the next run of a recurring job, unless one waits or runs.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn enqueue_recurring(
        &self,
        kind: &'static str,
        every: Duration,
    ) -> Result<(), StoreError> {
        let seconds = every.as_secs_f64();
        let parameters: [&(dyn ToSql + Sync); 4] = [&Uuid::now_v7(), &kind, &RECURRING, &seconds];
        self.for_access().execute(RECUR, &parameters).await.map(drop)
    }

    /// Takes jobs for the free workers of each kind, other than those of a kind of an account that is busy. An account that runs
    /// fewer jobs of a kind, at any node, comes before one that runs more; then the job that has waited longer.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn take_jobs(
        &self,
        node: NodeId,
        free: &[(&str, usize)],
        busy: &[(&str, AccountId)],
    ) -> Result<Vec<TakenJob>, StoreError> {
        let kinds: Vec<&str> = free.iter().map(|(kind, _)| *kind).collect();
        let places: Vec<i64> =
            free.iter().map(|(_, places)| i64::try_from(*places).unwrap_or(i64::MAX)).collect();
        let (busy_kinds, busy_accounts): (Vec<&str>, Vec<Uuid>) =
            busy.iter().map(|(kind, account)| (*kind, account.0)).unzip();
        let compared = i64::from(JOBS_COMPARED);
        let parameters: [&(dyn ToSql + Sync); 7] =
            [&node.0, &kinds, &places, &busy_kinds, &busy_accounts, &compared, &FURTHER];
        let rows = self.for_access().query(TAKE, &parameters).await?;
        let taken = |row: &tokio_postgres::Row| {
            Ok(TakenJob {
                hold: Hold { job: JobId(row.try_get(0)?), fence: row.try_get(1)? },
                kind: row.try_get(2)?,
                account: row.try_get::<_, Option<Uuid>>(3)?.map(AccountId),
                parameters: row.try_get(4)?,
                secret: row.try_get(5)?,
                attempt: attempts(row.try_get(6)?)?,
            })
        };
        rows.iter().map(taken).collect()
    }

    /// Takes the jobs of dead nodes, and those of this node beside `running`: they wait again, or have failed for good.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn take_over_jobs(
        &self,
        node: NodeId,
        running: &[Hold],
    ) -> Result<Vec<TakenOver>, StoreError> {
        let fences: Vec<i64> = running.iter().map(|hold| hold.fence).collect();
        let most = i32::try_from(JOB_ATTEMPTS).unwrap_or(i32::MAX);
        let rows = self.for_access().query(TAKE_OVER, &[&node.0, &fences, &most]).await?;
        let taken = |row: &tokio_postgres::Row| {
            self.hint_of_end(row, 4)?;
            Ok(TakenOver {
                job: JobId(row.try_get(0)?),
                kind: row.try_get(1)?,
                state: JobState::from_sql(row.try_get(2)?)?,
                attempt: attempts(row.try_get(3)?)?,
            })
        };
        rows.iter().map(taken).collect()
    }

    /// Gives a job back whose server stops. False: the attempt has lost it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn give_back_job(&self, hold: Hold) -> Result<bool, StoreError> {
        let row = self.for_access().query_opt(GIVE_BACK, &[&hold.job.0, &hold.fence]).await?;
        row.map_or(Ok(false), |row| self.hint_of_end(&row, 0).map(|()| true))
    }

    /// The attempts that a node holds, each with whether its cancellation was asked for.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn held_jobs(&self, node: NodeId) -> Result<Vec<(Hold, bool)>, StoreError> {
        let rows = self.for_access().query(HELD, &[&node.0]).await?;
        let held = |row: &tokio_postgres::Row| {
            Ok((Hold { job: JobId(row.try_get(0)?), fence: row.try_get(1)? }, row.try_get(2)?))
        };
        rows.iter().map(held).collect()
    }
}

/// Enqueues a job in the transaction of a connection. False: one with its key waits or runs already.
pub(crate) async fn enqueue_on(connection: &Connection, job: &NewJob) -> Result<bool, StoreError> {
    check_shown(job).map_err(StoreError::Invalid)?;
    let stored = parameters(job);
    check_size(&stored, job.secret.as_ref())?;
    if job.key.is_none() {
        match job.account {
            Some(account) => check_room_of(connection, account).await?,
            None => check_room_of_kind(connection, job.kind).await?,
        }
    }
    let seconds = job.after.as_secs_f64();
    let account = job.account.map(|account| account.0);
    let attempts = job.attempts.map(|most| i32::try_from(most).unwrap_or(i32::MAX));
    let parameters: [&(dyn ToSql + Sync); 9] = [
        &job.id.0,
        &job.kind,
        &account,
        &job.key,
        &*stored,
        &job.secret,
        &seconds,
        &attempts,
        &job.is_retryable,
    ];
    match connection.within(QUERY_TIMEOUT, connection.execute(ENQUEUE, &parameters)).await {
        Err(StoreError::Refused(text)) if text.contains("23503") => {
            Err(StoreError::NotFound("account"))
        }
        enqueued => Ok(enqueued? > 0),
    }
}

/// Refuses a job whose fields for persons do not go together, by the rule that it breaks.
fn check_shown(job: &NewJob) -> Result<(), String> {
    if job.parameters.get("title").is_some() {
        return Err("the title of a job is a field, not one of its parameters".to_owned());
    }
    let Some(title) = &job.title else {
        return match job.file.is_some() || job.is_retryable {
            true => Err("a job about a file, or one that may run again, has a title".to_owned()),
            false => Ok(()),
        };
    };
    if !(1..=JOB_TITLE_CHARACTERS).contains(&title.chars().count()) || title.contains('\0') {
        let most = JOB_TITLE_CHARACTERS;
        return Err(format!("the title of a job has 1 to {most} characters, and no NUL character"));
    }
    if job.account.is_none() || !job.parameters.is_object() {
        return Err("a job with a title has an account, and an object as parameters".to_owned());
    }
    if job.is_retryable && (job.secret.is_some() || job.key.is_some()) {
        return Err("a job with a secret or a key does not run again".to_owned());
    }
    Ok(())
}

/// The parameters as the table has them: with what shows the job to its account.
fn parameters(job: &NewJob) -> Cow<'_, Value> {
    let Some(title) = &job.title else { return Cow::Borrowed(&job.parameters) };
    let mut parameters = job.parameters.clone();
    if let Value::Object(members) = &mut parameters {
        members.insert("title".to_owned(), Value::from(title.as_str()));
        if let Some(file) = job.file {
            members.insert("file".to_owned(), Value::from(file.to_string()));
        }
        if let Some(after) = job.notice_after {
            members.insert("notice".to_owned(), Value::from(true));
            members.insert("notice_after".to_owned(), Value::from(after.as_secs_f64()));
        }
    }
    Cow::Owned(parameters)
}

fn check_size(parameters: &Value, secret: Option<&Value>) -> Result<(), StoreError> {
    let secret = secret.map_or(0, |secret| secret.to_string().len());
    let bytes = parameters.to_string().len() + secret;
    if bytes > JOB_PARAMETERS_BYTES {
        return Err(StoreError::Invalid(format!(
            "the parameters of a job take {bytes} bytes and may take {JOB_PARAMETERS_BYTES}"
        )));
    }
    Ok(())
}

/// Refuses a further job of an account above its limit.
pub(super) async fn check_room_of(
    connection: &Connection,
    account: AccountId,
) -> Result<(), StoreError> {
    lock_jobs_of(connection, account).await?;
    let row = connection
        .within(QUERY_TIMEOUT, connection.query_one(COUNT_OF_ACCOUNT, &[&account.0]))
        .await?;
    refuse_from(from_bigint(row.try_get(0)?)?, ACCOUNT_JOBS_WAITING)
}

/// The same of a kind, whose jobs have no account.
async fn check_room_of_kind(connection: &Connection, kind: &str) -> Result<(), StoreError> {
    lock(connection, &format!("jobs of kind {kind}")).await?;
    let row =
        connection.within(QUERY_TIMEOUT, connection.query_one(COUNT_OF_KIND, &[&kind])).await?;
    refuse_from(from_bigint(row.try_get(0)?)?, STRANGER_JOBS_WAITING)
}

/// Until the end of the transaction, no other one adds to the jobs of an account.
pub(super) async fn lock_jobs_of(
    connection: &Connection,
    account: AccountId,
) -> Result<(), StoreError> {
    lock(connection, &format!("jobs of account {account}")).await
}

async fn lock(connection: &Connection, name: &str) -> Result<(), StoreError> {
    connection.within(QUERY_TIMEOUT, connection.execute(LOCK, &[&name])).await.map(drop)
}

fn refuse_from(used: u64, limit: u64) -> Result<(), StoreError> {
    if used >= limit { Err(StoreError::TooManyJobs { used, limit }) } else { Ok(()) }
}
