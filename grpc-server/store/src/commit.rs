//! Commits a batch: the operation log, the rows, the order of lines and the head, all or nothing.
//!
//! One statement does it all. So it is one transaction, one round trip and one flush of Postgres's
//! log, for a batch of any size; every part depends on the update of the head, which finds no row unless
//! the sheet is at the revision before the batch. Not when a batch is committed: see `durability` of the sheet.
//!
//! Invariant: a batch is committed once. To commit it again changes nothing and succeeds.

mod arrays;
mod statements;

use std::pin::pin;
use std::time::Duration;

use ot_engine::{Revision, RowId};
use tokio::time::{sleep, timeout};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use self::arrays::Arrays;
use super::sql::{from_bigint, to_bigint};
use super::{COMMIT_TIMEOUT, QUERY_TIMEOUT, Store, StoreError};
use crate::database::connection::{Connection, Purpose};
use model::CommitBatch;

/// An attempt that is not answered within this may stand on a dead connection: the same is tried on
/// another one.
const ANSWER_SOON: Duration = Duration::from_secs(3);
/// How long such a further attempt may take: as long as a large batch does.
const RETRY_TIMEOUT: Duration = Duration::from_secs(30);
/// Pause before the next of them when there is no connection.
const RETRY_PAUSE: Duration = Duration::from_millis(500);

/// The rows of more than 64 KiB that a commit wrote, and the bytes of each: Postgres writes a row as a whole, also where one
/// of its cells has changed.
pub type LargeRows = Vec<(RowId, u64)>;

/// Where a sheet is, and whether an entry of a batch is in the log.
const LOOK: &str = "
    select head, exists (
        select from changes
        where sheet = sheets.id and revision = $2 and client = $3 and sequence = $4
    )
    from sheets where id = $1";

impl Store {
    /// Writes a batch in one transaction, if the sheet is at `batch.previous`. A batch that has
    /// landed already (the answer was lost) is a success as well.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: it may have landed or not; try the same batch again.
    /// [`StoreError::Conflict`]: the sheet is at another revision and nothing was written.
    /// [`StoreError::NotFound`]: there is no such sheet.
    pub async fn commit(&self, batch: &CommitBatch) -> Result<LargeRows, StoreError> {
        let arrays = Arrays::new(batch)?;
        let mut attempt = pin!(self.attempt(&arrays));
        let landed = match timeout(ANSWER_SOON, attempt.as_mut()).await {
            Ok(landed) => landed?,
            Err(_) => self.attempt_again(attempt, &arrays).await?,
        };
        match landed {
            Some(large) => Ok(large),
            None => self.explain_refusal(batch).await.map(|()| LargeRows::new()),
        }
    }

    /// The large rows; `None` where the sheet was not where the batch stands.
    async fn attempt(&self, arrays: &Arrays) -> Result<Option<LargeRows>, StoreError> {
        let (sql, parameters) = arrays.statement();
        let connection = Connection::get(&self.pools, Purpose::Commits).await?;
        let query = async {
            let statement = connection.prepare_cached(sql).await?;
            connection.query_opt(&statement, &parameters).await
        };
        let Some(row) = connection.within(COMMIT_TIMEOUT, query).await? else { return Ok(None) };
        let (ids, bytes): (Vec<i64>, Vec<i32>) = (row.try_get(0)?, row.try_get(1)?);
        let large = ids.into_iter().zip(bytes).map(|(id, bytes)| {
            Ok((RowId(from_bigint(id)?), u64::try_from(bytes).unwrap_or_default()))
        });
        large.collect::<Result<_, StoreError>>().map(Some)
    }

    /// Waits for the first attempt, and tries the same on other connections meanwhile: a dead connection
    /// never answers. If Postgres is still at the first attempt, the others wait there for the lock on the
    /// sheet, and then find the sheet at the head of the batch.
    async fn attempt_again(
        &self,
        mut attempt: impl Future<Output = Result<Option<LargeRows>, StoreError>> + Unpin,
        arrays: &Arrays,
    ) -> Result<Option<LargeRows>, StoreError> {
        loop {
            // Idle connections may be dead, too, but for those that answered meanwhile.
            self.pools.commits.retain(|_, metrics| metrics.last_used() < ANSWER_SOON);
            let another = async {
                match timeout(RETRY_TIMEOUT, self.attempt(arrays)).await {
                    Ok(Err(error)) if error.is_unavailable() => {
                        sleep(RETRY_PAUSE).await;
                        None
                    }
                    answered => answered.ok(),
                }
            };
            tokio::select! {
                landed = &mut attempt => return landed,
                answered = another => if let Some(landed) = answered {
                    return landed;
                },
            }
        }
    }

    /// Why a batch found no sheet at its revision: it is there already, or in conflict.
    async fn explain_refusal(&self, batch: &CommitBatch) -> Result<(), StoreError> {
        let Some(last) = batch.entries.last() else {
            return Err(StoreError::Invalid("a batch without entries".into()));
        };
        let revision = to_bigint(last.revision.0)?;
        let sequence = to_bigint(last.sequence.0)?;
        let client = Uuid::from_u128(last.client.0);
        let connection = Connection::get(&self.pools, Purpose::Commits).await?;
        let query = async {
            let statement = connection.prepare_cached(LOOK).await?;
            let parameters: [&(dyn ToSql + Sync); 4] =
                [&batch.sheet.0, &revision, &client, &sequence];
            connection.query_opt(&statement, &parameters).await
        };
        let row = connection.within(QUERY_TIMEOUT, query).await?;
        let row = row.ok_or(StoreError::NotFound("sheet"))?;
        if row.try_get(1)? {
            return Ok(());
        }
        let found = Revision(from_bigint(row.try_get(0)?)?);
        Err(StoreError::Conflict { expected: batch.previous, found })
    }
}
