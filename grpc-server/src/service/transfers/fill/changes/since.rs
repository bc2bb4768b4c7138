//! A sheet as it was when a job was requested, beside the sheet of now: rows by their ids.
//!
//! Read only. Not what follows from it (`conflicts`). Invariants: the rows of then belong to the revision of the request, at each
//! attempt; one read has a bound in bytes, or it has one row; a revision whose history is pruned ends the job.

use std::ops::Range;
use std::sync::Arc;

use heavy_work::{Caller, drive};
use jobs::Failure;
use ot_engine::{ColumnId, Revision, RowId};

use super::super::context::Context;
use super::super::failures::{failure, panicked};
use super::conflicts::Versions;
use crate::edge::errors::ServiceError;
use model::sizes::{EXPORT_PAGE_BYTES, READ_BYTES};
use model::{AccountId, RowBody, SheetId};
use sheet::Registry;
use sheet::time_travel::snapshot::{Snapshot, SnapshotError};
use store::{RowVersions, Store, StoreError};

/// Bytes of the rows of one read, as they are now and as they were.
const READ_AT_ONCE_BYTES: usize = 4 * EXPORT_PAGE_BYTES;

/// See the [module](self).
#[derive(Debug)]
pub(in crate::service::transfers::fill) struct Since {
    store: Store,
    registry: Registry,
    account: AccountId,
    sheet: SheetId,
    revision: Revision,
    /// Made at the first read.
    snapshot: Option<Arc<Snapshot>>,
}

impl Since {
    /// A sheet at a revision, which is committed.
    pub(in crate::service::transfers::fill) fn new(
        fill: &Context,
        (account, sheet): (AccountId, SheetId),
        revision: Revision,
    ) -> Self {
        let (store, registry) = (fill.store.clone(), fill.parts.registry.clone());
        Self { store, registry, account, sheet, revision, snapshot: None }
    }

    /// The revision of then.
    pub(super) const fn revision(&self) -> Revision {
        self.revision
    }

    /// The first ones of these rows with these columns, as many as one read takes: then, and now as they are committed. Rows
    /// that never had a cell are left out; one that the sheet did not have then was empty.
    pub(super) async fn first(
        &mut self,
        mut rows: Vec<RowId>,
        columns: &[ColumnId],
    ) -> Result<(usize, Versions), Failure> {
        let snapshot = self.snapshot().await?;
        loop {
            match self.read(Arc::clone(&snapshot), &rows, columns.to_vec()).await? {
                Err(SnapshotError::Store(StoreError::RowsTooLarge { .. })) if rows.len() > 1 => {
                    rows.truncate(rows.len() / 2);
                }
                read => {
                    let read = read.map_err(unread)?;
                    let versions = read.into_iter().map(|row| (row.id, row)).collect();
                    return Ok((rows.len(), versions));
                }
            }
        }
    }

    async fn snapshot(&mut self) -> Result<Arc<Snapshot>, Failure> {
        if let Some(known) = &self.snapshot {
            return Ok(Arc::clone(known));
        }
        let (store, sheet, revision) = (self.store.clone(), self.sheet, self.revision);
        let at = async move { Snapshot::at(&store, sheet, revision).await };
        let made = drive(Caller::Account(self.account), at).await.map_err(panicked)?;
        let made = Arc::new(made.map_err(unread)?);
        self.snapshot = Some(Arc::clone(&made));
        Ok(made)
    }

    async fn read(
        &self,
        snapshot: Arc<Snapshot>,
        rows: &[RowId],
        columns: Vec<ColumnId>,
    ) -> Result<Result<Vec<RowVersions>, SnapshotError>, Failure> {
        // A row alone may take what an answer of a call may.
        let most = if rows.len() == 1 { READ_BYTES } else { READ_AT_ONCE_BYTES };
        let mut ids: Vec<Range<RowId>> =
            rows.iter().map(|row| *row..RowId(row.0.saturating_add(1))).collect();
        ids.sort_unstable_by_key(|ids| ids.start);
        let (store, sheet) = (self.store.clone(), self.sheet);
        let _turn = self.registry.shared().memory.revisions.turn(self.account).await;
        let read = async move {
            let mut rows = snapshot.rows(&store, sheet, &ids, Some(&columns), most).await?;
            let order = snapshot.state.row_order();
            for row in rows.iter_mut().filter(|row| order.position_of(row.id).is_none()) {
                row.at = RowBody::default();
            }
            Ok::<_, SnapshotError>(rows)
        };
        drive(Caller::Account(self.account), read).await.map_err(panicked)
    }
}

fn unread(error: SnapshotError) -> Failure {
    match error {
        SnapshotError::Compacted { .. } => Failure::Final(
            "the history of the sheet since the request is no longer kept, so it is not known which cells are newer; begin \
             another job"
                .to_owned(),
        ),
        SnapshotError::Store(StoreError::NotFound(_)) => {
            Failure::Final("the sheet was deleted".to_owned())
        }
        SnapshotError::Store(error) => error.into(),
        error => failure(ServiceError::from(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pruned_history_ends_the_job() {
        let oldest = Revision(9);
        let Failure::Final(text) = unread(SnapshotError::Compacted { oldest }) else {
            panic!("no attempt can succeed")
        };
        assert!(text.contains("begin another job"), "{text}");
        let away = StoreError::Unavailable("Postgres is away".into());
        assert!(matches!(unread(SnapshotError::Store(away)), Failure::Later(_)));
    }
}
