//! Reads what belongs to the log: checkpoints, the floor, names of edits.
//!
//! Not the changes themselves: see `pages`. Invariant: a record that can't be read is returned with the reason.

use ot_engine::{ClientId, Revision};
use tokio_postgres::Row;

use super::{Audit, client};
use crate::log::checkpoints::{CHECKPOINT, decode_order};
use crate::sql::Micros;
use crate::{COMMIT_TIMEOUT, StoreError};
use model::Order;

/// Bound: a number for each checkpoint, of which there is one for many changes of lines.
const CHECKPOINTS: &str = "select revision from checkpoints where sheet = $1 order by revision";

/// Bound: one row of numbers.
const PRUNING: &str = "select floor, since, bodies_floor from prunings where sheet = $1";

/// Names that stand in the log twice, and numbers of a client that do not ascend with the revisions.
/// Bound: five numbers for each of `limit` edits.
const NAMES: &str = "
    select client, sequence, revision, earlier, earlier_revision
    from (
        select client, sequence, revision,
            lag(sequence) over by_client as earlier, lag(revision) over by_client as earlier_revision
        from changes where sheet = $1
        window by_client as (partition by client order by revision)
    ) as named
    where earlier >= sequence
    order by revision limit $2";

/// Of what was pruned only the last edit is known, so everything later has a higher number.
/// Bound: five numbers for each of `limit` edits.
const PAST_NAMES: &str = "
    select past.client, changes.sequence, changes.revision, past.sequence, past.revision
    from past_clients as past
    join changes on changes.sheet = past.sheet and changes.client = past.client
        and changes.revision > past.revision and changes.sequence <= past.sequence
    where past.sheet = $1
    union all
    select client, sequence, revision, sequence, revision
    from past_clients where sheet = $1 and revision > $3
    limit $2";

/// An edit whose number was used before.
#[derive(Clone, Copy, Debug)]
pub struct RepeatedName {
    /// The client that sent it.
    pub client: ClientId,
    /// Its number.
    pub sequence: i64,
    /// The revision that it made.
    pub revision: i64,
    /// The number of an earlier edit of the same client, not below this one.
    pub earlier: i64,
    /// The revision that that one made.
    pub earlier_revision: i64,
}

/// How far a sheet's history was pruned.
#[derive(Clone, Copy, Debug)]
pub struct Pruned {
    /// The oldest revision that can be read.
    pub floor: i64,
    /// Since when, in microseconds since the Unix epoch.
    pub since_micros: i64,
    /// The floor up to which bodies of deleted rows are gone.
    pub bodies_floor: i64,
}

/// A noted order, or why it can't be read; `None`: there is none at this revision.
pub type MarkedOrder = Option<Result<Order, String>>;

impl Audit {
    /// The revisions whose order is noted, ascending.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn checkpoints(&self) -> Result<Vec<i64>, StoreError> {
        let rows = self.query(CHECKPOINTS, &[&self.sheet.0]).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// The order that is noted at a revision.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn checkpoint(&self, revision: i64) -> Result<MarkedOrder, StoreError> {
        // What was noted may be of a form that Postgres refuses to take apart, which would end the
        // transaction.
        self.run("savepoint checkpoint").await?;
        match self.query(CHECKPOINT, &[&self.sheet.0, &revision]).await {
            Ok(rows) => {
                let order = |row: &Row| decode_order(row).map_err(|error| error.to_string());
                Ok(rows.first().map(order))
            }
            Err(error @ (StoreError::Internal(_) | StoreError::Refused(_))) => {
                self.run("rollback to savepoint checkpoint").await?;
                Ok(Some(Err(error.to_string())))
            }
            Err(error) => Err(error),
        }
    }

    /// How far its history was pruned, if it was.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn pruned(&self) -> Result<Option<Pruned>, StoreError> {
        let rows = self.query(PRUNING, &[&self.sheet.0]).await?;
        let pruned = |row: &Row| -> Result<Pruned, StoreError> {
            let since: Micros = row.try_get(1)?;
            let (floor, bodies_floor) = (row.try_get(0)?, row.try_get(2)?);
            Ok(Pruned { floor, since_micros: since.0, bodies_floor })
        };
        rows.first().map(pruned).transpose()
    }

    /// Edits whose number was used before by the same client, up to `limit`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn repeated_names(&self, limit: u32) -> Result<Vec<RepeatedName>, StoreError> {
        let rows = self.query(NAMES, &[&self.sheet.0, &i64::from(limit)]).await?;
        rows.iter().map(name).collect()
    }

    /// The same beside the names of pruned edits; one of these that claims a revision beyond the head
    /// is among them.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn past_names(
        &self,
        head: Revision,
        limit: u32,
    ) -> Result<Vec<RepeatedName>, StoreError> {
        let head = i64::try_from(head.0).unwrap_or(i64::MAX);
        let rows = self.query(PAST_NAMES, &[&self.sheet.0, &i64::from(limit), &head]).await?;
        rows.iter().map(name).collect()
    }

    async fn run(&self, sql: &str) -> Result<(), StoreError> {
        self.connection.within(COMMIT_TIMEOUT, self.connection.batch_execute(sql)).await
    }
}

fn name(row: &Row) -> Result<RepeatedName, StoreError> {
    Ok(RepeatedName {
        client: client(row, 0)?,
        sequence: row.try_get(1)?,
        revision: row.try_get(2)?,
        earlier: row.try_get(3)?,
        earlier_revision: row.try_get(4)?,
    })
}
