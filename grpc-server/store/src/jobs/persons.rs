//! The jobs that an account is shown: their list, one of them, those that have changed, and the retry of one.
//!
//! Not the workers' side: see `queue` and `ends`. Invariants: a job without a title, or of another account, does not exist
//! here. A list reads at most as many rows for each state as it gives, whatever else the account has. A job whose file is deleted for
//! good does not run again.

use std::time::Duration;

use serde_json::Value;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::queue::{check_room_of, lock_jobs_of};
use super::{JobId, JobState, attempts};
use crate::database::connection::Connection;
use crate::sql::{Micros, from_bigint};
use crate::{QUERY_TIMEOUT, Store, StoreError};
use model::limits::edge::JOB_ATTEMPTS;
use model::{AccountId, FileId};

/// The end of the year 9999: no job is newer, and Postgres has the time.
const LAST_MICROS: i64 = 253_402_300_799_999_999;

/// All states.
const STATES: [JobState; 5] =
    [JobState::Waiting, JobState::Running, JobState::Done, JobState::Failed, JobState::Cancelled];

/// Whether a job may run again: a file that is deleted for good does not return. A join needs the file of its other table, too.
macro_rules! is_retryable {
    () => {
        "jobs.is_retryable and not exists (
            select from (values
                (jobs.parameters ->> 'file'), (jobs.parameters #>> '{operation,join,other,file}')
            ) as needed (file)
            where needed.file is not null and not exists (select from files where files.id = needed.file::uuid))"
    };
}

macro_rules! columns {
    () => {
        concat!(
            "jobs.id, jobs.kind, jobs.parameters ->> 'title', jobs.parameters ->> 'file', jobs.state, jobs.attempt,
        jobs.attempts, jobs.progress_done, jobs.progress_total, jobs.cancel_asked, jobs.error, ",
            is_retryable!(),
            ", jobs.created_at, jobs.started_at, jobs.ended_at, jobs.changed_at, jobs.account,
        case when jobs.state = 'done' then jobs.result end"
        )
    };
}

pub(crate) mod once;
pub(crate) mod operated;
pub(crate) mod readings;
mod unless;
pub(crate) mod views;

const ONE: &str = concat!(
    "select ",
    columns!(),
    " from jobs where id = $1 and account = $2 and parameters ? 'title'"
);

/// The newest of each state, and of these the newest.
/// Bound: a title and an error of the most characters, and a result of the most bytes, for each of `$5` jobs.
const LIST: &str = concat!(
    "select ",
    columns!(),
    " from unnest($2::text[]) as wanted (state)
    cross join lateral (
        select * from jobs
        where jobs.account = $1 and jobs.state = wanted.state and jobs.parameters ? 'title'
            and (jobs.created_at, jobs.id) < ($3::timestamptz, $4::uuid)
        order by jobs.created_at desc, jobs.id desc limit $5
    ) as jobs
    order by jobs.created_at desc, jobs.id desc limit $5"
);

/// Bound: a title and an error of the most characters, and a result of the most bytes, for each of `$5` jobs.
const LIST_ABOUT: &str = concat!(
    "select ",
    columns!(),
    " from jobs
    where account = $1 and parameters ? 'title' and parameters ->> 'file' = $6 and state = any($2::text[])
        and (created_at, id) < ($3::timestamptz, $4::uuid)
    order by created_at desc, id desc limit $5"
);

/// Bound: a title and an error of the most characters, and a result of the most bytes, for each of `$5` jobs.
const CHANGED: &str = concat!(
    "select ",
    columns!(),
    " from jobs
    where account = any($1) and parameters ? 'title' and changed_at > now() - make_interval(secs => $2)
        and (changed_at, id) > ($3::timestamptz, $4::uuid)
    order by changed_at, id limit $5"
);

const LOCKED: &str = concat!(
    "select ",
    columns!(),
    " from jobs where id = $1 and account = $2 and parameters ? 'title' for update"
);

const RETRY: &str = concat!(
    "update jobs set state = 'waiting', attempt = 0, cancel_asked = false, result = null, error = null,
        progress_done = 0, progress_total = null, plan = null, run_at = now(), started_at = null, ended_at = null
    where id = $1 returning ",
    columns!()
);

/// A job as its account is shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonJob {
    /// Its id.
    pub id: JobId,
    /// Whose it is.
    pub account: AccountId,
    /// Its kind, by name.
    pub kind: String,
    /// Its name for a person.
    pub title: String,
    /// The file that it is about.
    pub file: Option<FileId>,
    /// Where it is in its life.
    pub state: JobState,
    /// The attempts that have begun.
    pub attempt: u32,
    /// The most attempts.
    pub attempts: u32,
    /// How much is done, and of how much.
    pub progress: (u64, Option<u64>),
    /// Its cancellation was asked for.
    pub cancel_asked: bool,
    /// Its result, once it is done.
    pub result: Option<Value>,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// Whether it may run again once it has failed or is cancelled.
    pub is_retryable: bool,
    /// When it was enqueued, in microseconds since the Unix epoch.
    pub created_micros: i64,
    /// When the last attempt began.
    pub started_micros: Option<i64>,
    /// When it ended.
    pub ended_micros: Option<i64>,
    /// When it was written last: later than each time before.
    pub changed_micros: i64,
}

impl PersonJob {
    /// Its place in a list.
    #[must_use]
    pub const fn place(&self) -> JobPlace {
        JobPlace { micros: self.created_micros, job: self.id }
    }

    /// Its place among the jobs that have changed.
    #[must_use]
    pub const fn change(&self) -> JobPlace {
        JobPlace { micros: self.changed_micros, job: self.id }
    }
}

/// The place of a job in an order by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobPlace {
    /// The time, in microseconds since the Unix epoch, before the year 10000.
    pub micros: i64,
    /// The job.
    pub job: JobId,
}

impl JobPlace {
    /// The place before all jobs.
    pub const FIRST: Self = Self { micros: 0, job: JobId(Uuid::nil()) };
    /// The place after all jobs.
    pub const LAST: Self = Self { micros: LAST_MICROS, job: JobId(Uuid::max()) };
}

/// Which jobs a list has.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// Those in one of these states; empty: all.
    pub states: Vec<JobState>,
    /// Those about this file; `None`: all.
    pub file: Option<FileId>,
}

/// What became of a retry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Retried {
    /// The job waits or runs.
    Job(Box<PersonJob>),
    /// It runs until it sees that it is cancelled.
    BeingCancelled,
    /// It is in effect.
    Done,
    /// It does not run again.
    NotRetryable,
    /// The account has no such job.
    NoJob,
}

impl Store {
    /// The jobs of an account, the newest first: those after a place.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn jobs_of(
        &self,
        account: AccountId,
        filter: &JobFilter,
        after: Option<JobPlace>,
        limit: u32,
    ) -> Result<Vec<PersonJob>, StoreError> {
        let states = state_names(&filter.states);
        let JobPlace { micros, job } = after.unwrap_or(JobPlace::LAST);
        let (micros, limit) = (Micros(micros), i64::from(limit));
        let rows = match filter.file.map(|file| file.to_string()) {
            None => {
                let parameters: [&(dyn ToSql + Sync); 5] =
                    [&account.0, &states, &micros, &job.0, &limit];
                self.query(LIST, &parameters).await?
            }
            Some(file) => {
                let parameters: [&(dyn ToSql + Sync); 6] =
                    [&account.0, &states, &micros, &job.0, &limit, &file];
                self.query(LIST_ABOUT, &parameters).await?
            }
        };
        rows.iter().map(person_job).collect()
    }

    /// A job of an account; `None`: it has no such job.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn job_of(
        &self,
        account: AccountId,
        job: JobId,
    ) -> Result<Option<PersonJob>, StoreError> {
        self.query_opt(ONE, &[&job.0, &account.0]).await?.as_ref().map(person_job).transpose()
    }

    /// The jobs of some accounts that have changed within so long, by the time of their change: those after a place.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn jobs_changed(
        &self,
        accounts: &[AccountId],
        within: Duration,
        after: JobPlace,
        limit: u32,
    ) -> Result<Vec<PersonJob>, StoreError> {
        let accounts: Vec<Uuid> = accounts.iter().map(|account| account.0).collect();
        let (seconds, micros) = (within.as_secs_f64(), Micros(after.micros));
        let limit = i64::from(limit);
        let parameters: [&(dyn ToSql + Sync); 5] =
            [&accounts, &seconds, &micros, &after.job.0, &limit];
        self.query(CHANGED, &parameters).await?.iter().map(person_job).collect()
    }

    /// Asks for the cancellation of a job of an account, as [`Store::cancel_job`] does, and gives the job as it is then.
    /// One that has ended stays as it is. `None`: the account has no such job.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn cancel_job_of(
        &self,
        account: AccountId,
        job: JobId,
    ) -> Result<Option<PersonJob>, StoreError> {
        match self.job_of(account, job).await? {
            Some(found) if !found.state.is_ended() => {
                self.cancel_job(job, Some(account)).await?;
                self.job_of(account, job).await
            }
            found => Ok(found),
        }
    }

    /// Lets a job that failed or was cancelled wait again, with all of its attempts. One that waits or runs stays as it
    /// is; one that is being cancelled would end after all, and is refused.
    ///
    /// # Errors
    /// [`StoreError::TooManyJobs`], [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn retry_job(&self, account: AccountId, job: JobId) -> Result<Retried, StoreError> {
        let connection = self.connection().await?;
        // Until the commit, the only way back is to close the connection.
        connection.discard();
        connection.within(QUERY_TIMEOUT, connection.batch_execute("begin")).await?;
        let retried = retry_on(&connection, account, job).await?;
        connection.within(QUERY_TIMEOUT, connection.batch_execute("commit")).await?;
        connection.keep();
        Ok(retried)
    }
}

async fn retry_on(
    connection: &Connection,
    account: AccountId,
    job: JobId,
) -> Result<Retried, StoreError> {
    // Before the row is locked, as by a transaction that enqueues.
    lock_jobs_of(connection, account).await?;
    let found = connection
        .within(QUERY_TIMEOUT, connection.query_opt(LOCKED, &[&job.0, &account.0]))
        .await?;
    let Some(found) = found.as_ref().map(person_job).transpose()? else {
        return Ok(Retried::NoJob);
    };
    match found.state {
        JobState::Waiting | JobState::Running if found.cancel_asked => {
            return Ok(Retried::BeingCancelled);
        }
        JobState::Waiting | JobState::Running => return Ok(Retried::Job(Box::new(found))),
        JobState::Done => return Ok(Retried::Done),
        JobState::Failed | JobState::Cancelled if !found.is_retryable => {
            return Ok(Retried::NotRetryable);
        }
        JobState::Failed | JobState::Cancelled => {}
    }
    check_room_of(connection, account).await?;
    let row = connection.within(QUERY_TIMEOUT, connection.query_one(RETRY, &[&job.0])).await?;
    Ok(Retried::Job(Box::new(person_job(&row)?)))
}

/// The names of states, each once; of none, those of all.
fn state_names(given: &[JobState]) -> Vec<&'static str> {
    let mut states: Vec<&str> = given.iter().map(|state| state.to_sql()).collect();
    if states.is_empty() {
        states.extend(STATES.map(JobState::to_sql));
    }
    states.sort_unstable();
    states.dedup();
    states
}

fn person_job(row: &Row) -> Result<PersonJob, StoreError> {
    let file = row.try_get::<_, Option<&str>>(3)?.map(|file| {
        let corrupt = |_| StoreError::Corrupt("a job's file is no id".to_owned());
        file.parse::<FileId>().map_err(corrupt)
    });
    let micros = |time: Option<Micros>| time.map(|time| time.0);
    let (created, changed): (Micros, Micros) = (row.try_get(12)?, row.try_get(15)?);
    Ok(PersonJob {
        id: JobId(row.try_get(0)?),
        account: AccountId(row.try_get(16)?),
        kind: row.try_get(1)?,
        title: row.try_get(2)?,
        file: file.transpose()?,
        state: JobState::from_sql(row.try_get(4)?)?,
        attempt: attempts(row.try_get(5)?)?,
        attempts: row.try_get::<_, Option<i32>>(6)?.map_or(Ok(JOB_ATTEMPTS), attempts)?,
        progress: (
            from_bigint(row.try_get(7)?)?,
            row.try_get::<_, Option<i64>>(8)?.map(from_bigint).transpose()?,
        ),
        cancel_asked: row.try_get(9)?,
        result: row.try_get(17)?,
        error: row.try_get(10)?,
        is_retryable: row.try_get(11)?,
        created_micros: created.0,
        started_micros: micros(row.try_get(13)?),
        ended_micros: micros(row.try_get(14)?),
        changed_micros: changed.0,
    })
}
