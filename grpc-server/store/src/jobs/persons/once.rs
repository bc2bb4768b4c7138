//! Jobs that a request enqueues once: a request that is sent again with its id gets the job of then.
//!
//! Not what the request asks for: a used id gives its job, whatever else the request has. Invariant: of several calls at once
//! with the same id one enqueues a job, since the look and the job are one transaction that holds the lock on the jobs of the
//! account.

use tokio_postgres::types::ToSql;

use super::unless::enqueue_with;
use super::{PersonJob, person_job};
use crate::jobs::NewJob;
use crate::sql::check_text;
use crate::{Store, StoreError};
use model::AccountId;

const OF_REQUEST: &str = concat!(
    "select ",
    columns!(),
    " from jobs where account = $1 and request_id = $2 and parameters ? 'title'"
);

const NAME: &str = "update jobs set request_id = $2 where id = $1";

impl Store {
    /// The job that a request of an account has enqueued. `None`: none has this id, or its record is deleted.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn job_of_request(
        &self,
        account: AccountId,
        request_id: &str,
    ) -> Result<Option<PersonJob>, StoreError> {
        let parameters: [&(dyn ToSql + Sync); 2] = [&account.0, &request_id];
        self.query_opt(OF_REQUEST, &parameters).await?.as_ref().map(person_job).transpose()
    }

    /// Enqueues a job with a title, unless [`Store::job_of_request`] has one. Gives the job, and whether it is new.
    ///
    /// # Errors
    /// As [`Store::enqueue`]; [`StoreError::Corrupt`].
    pub async fn enqueue_once(
        &self,
        account: AccountId,
        request_id: Option<&str>,
        job: &NewJob,
    ) -> Result<(PersonJob, bool), StoreError> {
        let Some(request_id) = request_id else {
            return enqueue_with(self, (None, None), job).await;
        };
        check_text(request_id)?;
        let of_request: [&(dyn ToSql + Sync); 2] = [&account.0, &request_id];
        let named: [&(dyn ToSql + Sync); 2] = [&job.id.0, &request_id];
        let statements = (Some((OF_REQUEST, &of_request[..])), Some((NAME, &named[..])));
        enqueue_with(self, statements, job).await
    }
}
