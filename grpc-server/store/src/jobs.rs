//! The table of jobs: enqueue, take, write, end, and give up those of dead nodes.
//!
//! Not the workers, nor the kinds of jobs: see the crate `jobs`. Times are those of Postgres.
//!
//! Invariants: one statement takes a job, with a new fence; each later write of a worker is conditional on that fence,
//! and reports when it changed nothing. No ended job keeps its secret: the table checks that.

mod ends;
pub(crate) mod persons;
pub(crate) mod queue;

use std::time::Duration;

use serde_json::Value;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::sql::Micros;
use crate::{Store, StoreError};
use model::{AccountId, FileId, NodeId};

/// A job's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub Uuid);

impl std::fmt::Display for JobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A job to enqueue.
#[derive(Clone)]
pub struct NewJob {
    /// Its id.
    pub id: JobId,
    /// Its kind, by name.
    pub kind: &'static str,
    /// Whose it is; `None` for the server, and for a caller without a token.
    pub account: Option<AccountId>,
    /// Of the jobs of a kind with the same key, one waits or runs.
    pub key: Option<&'static str>,
    /// Its parameters, which stay in the table, without the member `title`.
    pub parameters: Value,
    /// A part of the parameters that is deleted when the job ends.
    pub secret: Option<Value>,
    /// It starts no earlier.
    pub after: Duration,
    /// The most attempts; `None`: `JOB_ATTEMPTS`.
    pub attempts: Option<u32>,
    /// Its name for a person, who is shown the job by it; `None`: no person is. The parameters get it as `title`.
    pub title: Option<String>,
    /// The file that a job with a title is about. The parameters get it as `file`.
    pub file: Option<FileId>,
    /// Whether a job with a title may run again once it has failed or is cancelled: one without a secret and a key.
    pub is_retryable: bool,
    /// A job with a title sends its account a notice when it fails, or is done so long after it was enqueued.
    /// The parameters get it as `notice_after`, in seconds, with `notice`. `None`: they say themselves whether it sends one.
    pub notice_after: Option<Duration>,
}

/// The secret is left out.
impl std::fmt::Debug for NewJob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewJob")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// An attempt that a node has taken: the right to write to its job, while no other has a newer fence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hold {
    /// The job.
    pub job: JobId,
    /// The fence of the attempt.
    pub fence: i64,
}

/// A job that a node has taken.
#[derive(Clone)]
pub struct TakenJob {
    /// The attempt.
    pub hold: Hold,
    /// Its kind, by name.
    pub kind: String,
    /// Whose it is.
    pub account: Option<AccountId>,
    /// Its parameters.
    pub parameters: Value,
    /// The part of its parameters that is deleted when it ends.
    pub secret: Option<Value>,
    /// Which attempt this is, from 1.
    pub attempt: u32,
}

/// The secret is left out.
impl std::fmt::Debug for TakenJob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { hold, kind, attempt, .. } = self;
        f.debug_struct("TakenJob")
            .field("hold", hold)
            .field("kind", kind)
            .field("attempt", attempt)
            .finish_non_exhaustive()
    }
}

/// Where a job is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// It waits for its time, or for a worker.
    Waiting,
    /// A worker runs it.
    Running,
    /// It is in effect.
    Done,
    /// Its attempts are used up, or it can't succeed.
    Failed,
    /// It was cancelled before it was in effect.
    Cancelled,
}

impl JobState {
    fn from_sql(name: &str) -> Result<Self, StoreError> {
        Ok(match name {
            "waiting" => Self::Waiting,
            "running" => Self::Running,
            "done" => Self::Done,
            "failed" => Self::Failed,
            "cancelled" => Self::Cancelled,
            other => return Err(StoreError::Corrupt(format!("a job's state {other}"))),
        })
    }

    /// Its name in the table.
    const fn to_sql(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether it has ended.
    #[must_use]
    pub const fn is_ended(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// A job's record, without its parameters.
#[derive(Clone, Debug)]
pub struct JobRecord {
    /// Its id.
    pub id: JobId,
    /// Its kind, by name.
    pub kind: String,
    /// Whose it is.
    pub account: Option<AccountId>,
    /// Where it is in its life.
    pub state: JobState,
    /// The attempts that have begun.
    pub attempt: u32,
    /// The server of the last attempt.
    pub node: Option<NodeId>,
    /// How much is done, and of how much.
    pub progress: (u64, Option<u64>),
    /// Its cancellation was asked for.
    pub cancel_asked: bool,
    /// Its result, once it is done.
    pub result: Option<Value>,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// When it was enqueued, in microseconds since the Unix epoch.
    pub created_micros: i64,
    /// When it ended.
    pub ended_micros: Option<i64>,
}

const JOB: &str = "
    select id, kind, account, state, attempt, node, progress_done, progress_total, cancel_asked,
        case when state = 'done' then result end, error, created_at, ended_at
    from jobs where id = $1";

impl Store {
    /// A job's record; `None` if there is none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn job(&self, id: JobId) -> Result<Option<JobRecord>, StoreError> {
        self.for_access().query_opt(JOB, &[&id.0]).await?.as_ref().map(record).transpose()
    }
}

fn record(row: &Row) -> Result<JobRecord, StoreError> {
    let count = |number: i64| crate::sql::from_bigint(number);
    let created: Micros = row.try_get(11)?;
    let ended: Option<Micros> = row.try_get(12)?;
    Ok(JobRecord {
        id: JobId(row.try_get(0)?),
        kind: row.try_get(1)?,
        account: row.try_get::<_, Option<Uuid>>(2)?.map(AccountId),
        state: JobState::from_sql(row.try_get(3)?)?,
        attempt: attempts(row.try_get(4)?)?,
        node: row.try_get::<_, Option<Uuid>>(5)?.map(NodeId),
        progress: (
            count(row.try_get(6)?)?,
            row.try_get::<_, Option<i64>>(7)?.map(count).transpose()?,
        ),
        cancel_asked: row.try_get(8)?,
        result: row.try_get(9)?,
        error: row.try_get(10)?,
        created_micros: created.0,
        ended_micros: ended.map(|it| it.0),
    })
}

fn attempts(number: i32) -> Result<u32, StoreError> {
    u32::try_from(number).map_err(|_| StoreError::Corrupt(format!("a job's attempt {number}")))
}
