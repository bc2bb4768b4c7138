//! The jobs of all accounts, as an operator sees them, and the steps of a job.
//!
//! Not the right to see them. Invariants: a job without a title has its kind as one. None of its
//! parameters is read. A list reads at most as many rows for each state as it gives.

use serde_json::Value;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::{JobPlace, PersonJob, person_job, state_names};
use crate::jobs::{JobId, JobState};
use crate::sql::Micros;
use crate::{Store, StoreError};
use model::AccountId;

macro_rules! operated_columns {
    () => {
        concat!(columns!(), ", accounts.email, coalesce(nodes.name, jobs.node::text)")
    };
}

/// A job with its kind as title where it has none. One of the server has the account with the id zero.
macro_rules! shown {
    () => {
        "id, kind, state, attempt, attempts, progress_done, progress_total, cancel_asked, error, is_retryable,
        created_at, started_at, ended_at, changed_at, result, node, account as owner,
        coalesce(account, '00000000-0000-0000-0000-000000000000') as account,
        case when parameters ? 'title' then parameters
            else jsonb_build_object('title', kind) end as parameters"
    };
}

macro_rules! joined {
    () => {
        " left join accounts on accounts.id = jobs.owner left join nodes on nodes.id = jobs.node"
    };
}

const ONE: &str = concat!(
    "select ",
    operated_columns!(),
    " from (select ",
    shown!(),
    " from jobs where id = $1) as jobs",
    joined!()
);

/// The newest of each state under a condition, and of these the newest.
macro_rules! newest {
    ($condition:literal) => {
        concat!(
            "select ",
            operated_columns!(),
            " from unnest($1::text[]) as wanted (of_state)
            cross join lateral (
                select ",
            shown!(),
            " from jobs
                where jobs.state = wanted.of_state and (jobs.created_at, jobs.id) < ($2::timestamptz, $3::uuid) ",
            $condition,
            " order by jobs.created_at desc, jobs.id desc limit $4
            ) as jobs",
            joined!(),
            " order by jobs.created_at desc, jobs.id desc limit $4"
        )
    };
}

/// Bound: a title and an error of the most characters, and a result of the most bytes, for each of `$4` jobs.
const LIST: &str = newest!("");

/// Bound: a title and an error of the most characters, and a result of the most bytes, for each of `$4` jobs.
const LIST_OF_ACCOUNT: &str = newest!("and jobs.account = $5");

/// Bound: a plan of the most bytes.
const PLAN: &str = "
    select jobs.plan, coalesce(nodes.name, jobs.node::text)
    from jobs left join nodes on nodes.id = jobs.node where jobs.id = $1";

/// A job as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatedJob {
    /// The job. One of the server has the account with the id zero, and its kind as title.
    pub job: PersonJob,
    /// Whose it is; `None` for the server, and for a caller without a token.
    pub account: Option<AccountId>,
    /// The address of its account; empty for a guest, and where there is no account.
    pub email: String,
    /// The name of the server of the last attempt, or its id where the server is forgotten.
    pub node: Option<String>,
}

/// The steps of the last attempt at a job.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JobPlan {
    /// They, as the attempt has written them; `None`: it has none.
    pub steps: Option<Value>,
    /// The name of the server of the attempt, or its id where the server is forgotten.
    pub node: Option<String>,
}

impl Store {
    /// The jobs of all accounts and of the server, the newest first. They are those after a place, in one of these states
    /// (empty: in any), of one account where one is given.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn all_jobs(
        &self,
        states: &[JobState],
        account: Option<AccountId>,
        after: Option<JobPlace>,
        limit: u32,
    ) -> Result<Vec<OperatedJob>, StoreError> {
        let states = state_names(states);
        let JobPlace { micros, job } = after.unwrap_or(JobPlace::LAST);
        let (micros, limit) = (Micros(micros), i64::from(limit));
        let rows = match account {
            None => {
                let parameters: [&(dyn ToSql + Sync); 4] = [&states, &micros, &job.0, &limit];
                self.query(LIST, &parameters).await?
            }
            Some(account) => {
                let parameters: [&(dyn ToSql + Sync); 5] =
                    [&states, &micros, &job.0, &limit, &account.0];
                self.query(LIST_OF_ACCOUNT, &parameters).await?
            }
        };
        rows.iter().map(operated).collect()
    }

    /// A job of any account, or of the server.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn any_job(&self, job: JobId) -> Result<Option<OperatedJob>, StoreError> {
        self.query_opt(ONE, &[&job.0]).await?.as_ref().map(operated).transpose()
    }

    /// The steps of a job; none where there is no such job.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn job_plan(&self, job: JobId) -> Result<JobPlan, StoreError> {
        let Some(row) = self.query_opt(PLAN, &[&job.0]).await? else {
            return Ok(JobPlan::default());
        };
        Ok(JobPlan { steps: row.try_get(0)?, node: row.try_get(1)? })
    }
}

fn operated(row: &Row) -> Result<OperatedJob, StoreError> {
    let job = person_job(row)?;
    let account = Some(job.account).filter(|account| !account.0.is_nil());
    let email: Option<String> = row.try_get(18)?;
    Ok(OperatedJob { job, account, email: email.unwrap_or_default(), node: row.try_get(19)? })
}
