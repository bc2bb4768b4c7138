//! The writes of a worker to its job, the cancellation of a job, and the deletion of old ones.
//!
//! Not the queue: see `queue`. Invariant: each write of a worker names its fence; a write that changes nothing means
//! that the worker has lost the job.

use std::time::Duration;

use serde_json::Value;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::{Hold, JobId, JobState};
use crate::sql::to_bigint;
use crate::{Store, StoreError};
use model::AccountId;
use model::limits::edge::{JOB_ATTEMPTS, JOB_ERROR_CHARACTERS};
use model::limits::jobs::JOB_PLAN_BYTES;

/// Ended jobs that one statement deletes.
const FORGOTTEN: i64 = 1_000;

const PROGRESS: &str = "
    update jobs set progress_done = $3, progress_total = $4, plan = coalesce($5, plan)
    where id = $1 and fence = $2";

const FINISH: &str = "
    update jobs set state = 'done', result = $3, error = null, secret = null, fence = null, ended_at = now()
    where id = $1 and fence = $2 returning account";

/// `$4`: no further attempt can succeed; `$5`: the attempts of most jobs; `$6`: the seconds until the next one.
const FAIL: &str = "
    update jobs set
        state = case when cancel_asked then 'cancelled'
            when $4 or attempt >= coalesce(attempts, $5) then 'failed' else 'waiting' end,
        secret = case when not (cancel_asked or $4 or attempt >= coalesce(attempts, $5)) then secret end,
        ended_at = case when cancel_asked or $4 or attempt >= coalesce(attempts, $5) then now() end,
        run_at = now() + make_interval(secs => $6), error = case when not cancel_asked then $3::text end, fence = null
    where id = $1 and fence = $2
    returning state, case when ended_at is not null then account end";

const ASK_CANCEL: &str = "
    update jobs set cancel_asked = true,
        state = case when state = 'waiting' then 'cancelled' else state end,
        secret = case when state <> 'waiting' then secret end,
        error = case when state <> 'waiting' then error end,
        ended_at = case when state = 'waiting' then now() end
    where id = $1 and ended_at is null and ($2::uuid is null or account = $2)
    returning state, case when ended_at is not null then account end";

const FORGET: &str = "
    delete from jobs where ctid = any(array(
        select ctid from jobs
        where ended_at < now() - make_interval(secs => case state when 'done' then $1::float8 else $2::float8 end)
        limit $3
    ))";

impl Store {
    /// Writes the progress of an attempt. False: the attempt has lost the job.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Invalid`].
    pub async fn note_progress(
        &self,
        hold: Hold,
        progress: (u64, Option<u64>),
    ) -> Result<bool, StoreError> {
        self.note_steps(hold, progress, None).await
    }

    /// The same with the steps of the attempt. Those that take more than [`JOB_PLAN_BYTES`] are not kept.
    ///
    /// # Errors
    /// As [`Store::note_progress`].
    pub async fn note_steps(
        &self,
        hold: Hold,
        (done, total): (u64, Option<u64>),
        plan: Option<&Value>,
    ) -> Result<bool, StoreError> {
        let (done, total) = (to_bigint(done)?, total.map(to_bigint).transpose()?);
        let plan = plan.filter(|plan| plan.to_string().len() <= JOB_PLAN_BYTES);
        let parameters: [&(dyn ToSql + Sync); 5] = [&hold.job.0, &hold.fence, &done, &total, &plan];
        Ok(self.for_access().execute(PROGRESS, &parameters).await? > 0)
    }

    /// Ends a job that is in effect. False: the attempt has lost the job.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn finish_job(&self, hold: Hold, result: &Value) -> Result<bool, StoreError> {
        let parameters: [&(dyn ToSql + Sync); 3] = [&hold.job.0, &hold.fence, result];
        let Some(row) = self.for_access().query_opt(FINISH, &parameters).await? else {
            return Ok(false);
        };
        self.hint_of_end(&row, 0)?;
        Ok(true)
    }

    /// Ends an attempt that failed. The job waits for the next one, unless none is left, none can succeed or the job's
    /// cancellation was asked for; a cancelled job has no error. Gives its state; `None`: the attempt has lost the job.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn fail_job(
        &self,
        hold: Hold,
        error: &str,
        is_final: bool,
        back_off: Duration,
    ) -> Result<Option<JobState>, StoreError> {
        // Postgres holds every character but one.
        let error: String =
            error.chars().filter(|it| *it != '\0').take(JOB_ERROR_CHARACTERS).collect();
        let most = i32::try_from(JOB_ATTEMPTS).unwrap_or(i32::MAX);
        let seconds = back_off.as_secs_f64();
        let parameters: [&(dyn ToSql + Sync); 6] =
            [&hold.job.0, &hold.fence, &error, &is_final, &most, &seconds];
        self.written_state(self.for_access().query_opt(FAIL, &parameters).await?)
    }

    /// Asks for the cancellation of a job, of this account where one is given: a waiting one is cancelled at once, a
    /// running one by its worker. Gives its state; `None`: there is no such job, or it has ended.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn cancel_job(
        &self,
        job: JobId,
        account: Option<AccountId>,
    ) -> Result<Option<JobState>, StoreError> {
        let account = account.map(|account| account.0);
        self.written_state(self.for_access().query_opt(ASK_CANCEL, &[&job.0, &account]).await?)
    }

    /// The state of a job that a statement has written.
    fn written_state(&self, row: Option<Row>) -> Result<Option<JobState>, StoreError> {
        let Some(row) = row else { return Ok(None) };
        self.hint_of_end(&row, 1)?;
        JobState::from_sql(row.try_get(0)?).map(Some)
    }

    /// Hints at the notice of a job, which is written where the job has ended and has one. The column holds the account
    /// of an ended job.
    pub(super) fn hint_of_end(&self, row: &Row, column: usize) -> Result<(), StoreError> {
        self.hint(row.try_get::<_, Option<Uuid>>(column)?.as_slice());
        Ok(())
    }

    /// Deletes jobs that were done before `done` ago, or ended otherwise before `others` ago. Gives their number.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn forget_jobs(&self, done: Duration, others: Duration) -> Result<u64, StoreError> {
        let (done, others) = (done.as_secs_f64(), others.as_secs_f64());
        let mut total = 0;
        loop {
            let parameters: [&(dyn ToSql + Sync); 3] = [&done, &others, &FORGOTTEN];
            let count = self.for_access().execute(FORGET, &parameters).await?;
            total += count;
            if count < FORGOTTEN.unsigned_abs() {
                return Ok(total);
            }
        }
    }
}
