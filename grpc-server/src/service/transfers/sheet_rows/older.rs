//! The rows of a sheet as it was at an older revision, window by window.
//!
//! Not how a revision is rebuilt: the sheet's `time_travel` does that. Invariants: a window is read at a turn of the reads of
//! revisions, and has a bound in bytes; a revision that is pruned meanwhile is an error.

use std::ops::Range;

use jobs::Failure;
use ot_engine::{Revision, RowId};
use rustc_hash::FxHashMap;
use tonic::Status;

use super::asked::{Asked, gone};
use crate::edge::errors::ServiceError;
use crate::service::tables::failed;
use model::sizes::{EXPORT_PAGE_BYTES, READ_BYTES};
use model::{ColumnRecord, RowBody};
use sheet::time_travel::snapshot::{Snapshot, SnapshotError};
use store::StoreError;

/// Rows of a window at most.
const WINDOW_ROWS: u32 = 4_096;
/// A window whose rows are too large is read again with so many times fewer.
const FEWER: u32 = 4;
/// Bytes of the rows of a window, as they are now and as they were.
const WINDOW_BYTES: usize = 4 * EXPORT_PAGE_BYTES;

/// A sheet at an older revision.
pub(super) struct Older {
    asked: Asked,
    snapshot: Snapshot,
    /// The first row that is not read.
    next: u32,
    /// Rows of the next window.
    window: u32,
    is_read_again: bool,
}

impl Older {
    pub(super) async fn open(
        asked: Asked,
        revision: Revision,
        is_read_again: bool,
    ) -> Result<Self, Failure> {
        let snapshot = Snapshot::at(&asked.store, asked.sheet, revision).await.map_err(unread)?;
        Ok(Self { asked, snapshot, next: 0, window: WINDOW_ROWS, is_read_again })
    }

    pub(super) fn columns(&self) -> &[ColumnRecord] {
        self.snapshot.state.columns()
    }

    /// The number of rows.
    pub(super) const fn rows(&self) -> u32 {
        self.snapshot.state.row_order().len()
    }

    /// The next rows; `None` after the last.
    pub(super) async fn next_page(&mut self) -> Result<Option<Vec<RowBody>>, Failure> {
        let rows = self.rows();
        if self.next >= rows {
            if std::mem::take(&mut self.is_read_again) {
                self.next = 0;
            }
            return Ok(None);
        }
        loop {
            let end = self.next.saturating_add(self.window).min(rows);
            match self.read(self.next..end).await {
                Err(SnapshotError::Store(StoreError::RowsTooLarge { .. }))
                    if end - self.next > 1 =>
                {
                    self.window = ((end - self.next) / FEWER).max(1);
                }
                read => {
                    let page = read.map_err(unread)?;
                    self.next = end;
                    // The rows behind large ones may be small again.
                    self.window = self.window.saturating_mul(2).min(WINDOW_ROWS);
                    return Ok(Some(page));
                }
            }
        }
    }

    /// These rows, blank ones among them.
    async fn read(&self, rows: Range<u32>) -> Result<Vec<RowBody>, SnapshotError> {
        let Asked { store, registry, account, sheet, .. } = &self.asked;
        // A row alone may take what an answer of a call may.
        let most = if rows.len() == 1 { READ_BYTES } else { WINDOW_BYTES };
        let ids: Vec<Range<RowId>> = self.snapshot.state.row_order().ids(rows).collect();
        let _turn = registry.shared().memory.revisions.turn(*account).await;
        let held = self.snapshot.rows(store, *sheet, &ids, None, most).await?;
        let mut bodies: FxHashMap<RowId, RowBody> =
            held.into_iter().map(|row| (row.id, row.at)).collect();
        let ids = ids.into_iter().flat_map(|range| (range.start.0..range.end.0).map(RowId));
        Ok(ids.map(|id| bodies.remove(&id).unwrap_or_default()).collect())
    }
}

fn unread(error: SnapshotError) -> Failure {
    match error {
        SnapshotError::Store(StoreError::NotFound(_)) => gone(),
        SnapshotError::Store(error) => error.into(),
        SnapshotError::Future { .. } | SnapshotError::Compacted { .. } => {
            Failure::Final(Status::from(ServiceError::from(error)).message().to_owned())
        }
        // It is in the log.
        SnapshotError::Misfit(_) => failed(error.into()),
    }
}
