//! A job that is enqueued unless a statement finds another one, which is the answer then.
//!
//! Not what makes two jobs the same: the statement says that. Invariant: of several calls at once one enqueues a job, since the
//! look and the job are one transaction that holds the lock on the jobs of the account.

use tokio_postgres::types::ToSql;

use super::{ONE, PersonJob, person_job};
use crate::jobs::NewJob;
use crate::jobs::queue::{enqueue_on, lock_jobs_of};
use crate::{QUERY_TIMEOUT, Store, StoreError};

/// A statement with its parameters.
pub(super) type Statement<'a> = (&'a str, &'a [&'a (dyn ToSql + Sync)]);

/// Enqueues a job of an account, unless the statement finds a job. Gives the job, and whether it is new.
///
/// # Errors
/// As [`Store::enqueue`]; [`StoreError::Corrupt`].
pub(super) async fn enqueue_unless(
    store: &Store,
    known: Statement<'_>,
    job: &NewJob,
) -> Result<(PersonJob, bool), StoreError> {
    enqueue_with(store, (Some(known), None), job).await
}

/// The same, where a job is looked for if a statement is given; the other one runs after a job that is new.
///
/// # Errors
/// As [`enqueue_unless`].
pub(super) async fn enqueue_with(
    store: &Store,
    (known, noted): (Option<Statement<'_>>, Option<Statement<'_>>),
    job: &NewJob,
) -> Result<(PersonJob, bool), StoreError> {
    let ownerless = || StoreError::Invalid("a job of no account".to_owned());
    let account = job.account.ok_or_else(ownerless)?;
    let connection = store.for_access().connection().await?;
    // Until the commit, the only way back is to close the connection.
    connection.discard();
    connection.within(QUERY_TIMEOUT, connection.batch_execute("begin")).await?;
    lock_jobs_of(&connection, account).await?;
    let known = match known {
        Some((sql, parameters)) => {
            connection.within(QUERY_TIMEOUT, connection.query_opt(sql, parameters)).await?
        }
        None => None,
    };
    let is_new = known.is_none();
    let row = match known {
        Some(known) => known,
        None => {
            enqueue_on(&connection, job).await?;
            if let Some((sql, parameters)) = noted {
                connection.within(QUERY_TIMEOUT, connection.execute(sql, parameters)).await?;
            }
            let parameters: [&(dyn ToSql + Sync); 2] = [&job.id.0, &account.0];
            connection.within(QUERY_TIMEOUT, connection.query_one(ONE, &parameters)).await?
        }
    };
    connection.within(QUERY_TIMEOUT, connection.batch_execute("commit")).await?;
    connection.keep();
    Ok((person_job(&row)?, is_new))
}
