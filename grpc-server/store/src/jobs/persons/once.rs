//! Jobs that a request enqueues once: a request that is sent again with its id gets the job of then.
//!
//! Not what the request asks for: a used id gives its job, whatever else the request has. Invariant: of several calls at once
//! with the same id one enqueues a job, since the look and the job are one transaction that holds the lock on the jobs of the
//! account.

use tokio_postgres::types::ToSql;

use super::{ONE, PersonJob, person_job};
use crate::database::connection::Connection;
use crate::jobs::NewJob;
use crate::jobs::queue::{enqueue_on, lock_jobs_of};
use crate::sql::check_text;
use crate::{QUERY_TIMEOUT, Store, StoreError};
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
        let connection = self.connection().await?;
        of_request_on(&connection, account, request_id).await
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
        if let Some(request_id) = request_id {
            check_text(request_id)?;
        }
        let connection = self.for_access().connection().await?;
        // Until the commit, the only way back is to close the connection.
        connection.discard();
        connection.within(QUERY_TIMEOUT, connection.batch_execute("begin")).await?;
        let enqueued = enqueue_once_on(&connection, account, request_id, job).await?;
        connection.within(QUERY_TIMEOUT, connection.batch_execute("commit")).await?;
        connection.keep();
        Ok(enqueued)
    }
}

async fn enqueue_once_on(
    connection: &Connection,
    account: AccountId,
    request_id: Option<&str>,
    job: &NewJob,
) -> Result<(PersonJob, bool), StoreError> {
    lock_jobs_of(connection, account).await?;
    if let Some(request_id) = request_id
        && let Some(known) = of_request_on(connection, account, request_id).await?
    {
        return Ok((known, false));
    }
    enqueue_on(connection, job).await?;
    if let Some(request_id) = request_id {
        let parameters: [&(dyn ToSql + Sync); 2] = [&job.id.0, &request_id];
        connection.within(QUERY_TIMEOUT, connection.execute(NAME, &parameters)).await?;
    }
    let parameters: [&(dyn ToSql + Sync); 2] = [&job.id.0, &account.0];
    let one = connection.query_one(ONE, &parameters);
    let row = connection.within(QUERY_TIMEOUT, one).await?;
    Ok((person_job(&row)?, true))
}

async fn of_request_on(
    connection: &Connection,
    account: AccountId,
    request_id: &str,
) -> Result<Option<PersonJob>, StoreError> {
    let parameters: [&(dyn ToSql + Sync); 2] = [&account.0, &request_id];
    let found = connection.query_opt(OF_REQUEST, &parameters);
    let row = connection.within(QUERY_TIMEOUT, found).await?;
    row.as_ref().map(person_job).transpose()
}
