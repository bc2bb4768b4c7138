//! A snapshot: a sheet at an older revision.
//!
//! Its order of rows and columns is that of the nearest checkpoint (or the current one), carried forward by the
//! changes or back by their stored inverses. Its cells are the current ones, with the before images of later
//! commits applied. Before images are kept by commit, and a commit may contain many changes. So they lead to
//! the head before the commit that goes beyond the revision; from there the changes up to the revision are
//! applied one by one.
//!
//! Read only. Not here: the change that restores a snapshot (`restore`). Cost: the changes of lines to the
//! nearest checkpoint, the changes of one commit, and for each row the commits that wrote to it since.
//!
//! Invariant: a snapshot of a revision that is pruned during the reads is an error.

use std::ops::Range;

use ot_engine::{ColumnId, Edit, Revision, RowId, Run};
use rustc_hash::FxHashMap;

use super::ranges::{common, contains, without};
use crate::ports::history::{Around, HeldQuery, History, RowVersions};
use crate::ports::storage::StoreError;
use crate::state::{Misfit, SheetState};
use model::{Entry, Order, Origin, RowPatch, SheetId};

/// Steps in one read.
const STEPS_READ: u32 = 200;

/// Why there is no snapshot of a revision.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The revision is beyond the head.
    #[error("revision {head} is the newest")]
    Future {
        /// The newest revision.
        head: Revision,
    },
    /// The revision is no longer kept, or never was.
    #[error("history begins at revision {oldest}")]
    Compacted {
        /// The oldest revision that is kept.
        oldest: Revision,
    },
    /// There is no such sheet, or Postgres failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log does not fit the sheet.
    #[error(transparent)]
    Misfit(#[from] Misfit),
}

/// A committed sheet at a revision.
#[derive(Debug)]
pub struct Snapshot {
    /// The epoch of the sheet's history.
    pub epoch: u64,
    /// The revision.
    pub revision: Revision,
    /// Its row order and its columns.
    pub state: SheetState,
    /// See [`Order::knows_settings`].
    pub(super) knows_settings: bool,
    /// The head before the next commit: cells up to there come from before images.
    base: Revision,
    /// Edits of cells after `base`, up to the revision.
    written: FxHashMap<RowId, FxHashMap<ColumnId, Edit>>,
    /// The rows that were created after `base`, up to the revision, sorted: they were empty before.
    created: Vec<Range<RowId>>,
}

impl Snapshot {
    /// The snapshot of `revision`.
    ///
    /// # Errors
    /// See [`SnapshotError`].
    pub async fn at(
        history: &dyn History,
        sheet: SheetId,
        revision: Revision,
    ) -> Result<Self, SnapshotError> {
        let record = history.load_sheet(sheet).await?.ok_or(StoreError::NotFound("sheet"))?;
        if revision > record.head {
            return Err(SnapshotError::Future { head: record.head });
        }
        // Without a next change, the next commit will begin at this revision.
        let base = history.batch_of(sheet, Revision(revision.0 + 1)).await?.unwrap_or(revision);
        let around = history.checkpoints_around(sheet, base, record.head).await?;
        let current = Order {
            spans: record.spans,
            columns: record.columns,
            knows_settings: true,
            next_row_id: record.next_row_id,
            next_column_id: record.next_column_id,
        };
        let walked = walk(history, sheet, base, &around, (record.head, current)).await;
        let count = u32::try_from(revision.0 - base.0).unwrap_or(u32::MAX);
        let entries = history.changes(sheet, base, count).await;
        // Before the entries are used: after a pruning they would not fit together.
        still_kept(history, sheet, base).await?;
        let (state, knows_settings) = walked?;
        let mut snapshot = Self {
            epoch: record.epoch,
            revision,
            state,
            knows_settings,
            base,
            written: FxHashMap::default(),
            created: Vec::new(),
        };
        for entry in entries? {
            snapshot.follow(&entry)?;
        }
        snapshot.created.sort_unstable_by_key(|created| created.start);
        Ok(snapshot)
    }

    /// Applies the next change of the commit that goes beyond the revision.
    fn follow(&mut self, entry: &Entry) -> Result<(), Misfit> {
        self.state.step(&entry.delta)?;
        for cell in &entry.delta.cells {
            let row = self.state.row_order().id_at(cell.row);
            let column = self.state.columns().get(cell.col as usize).map(|column| column.id);
            let outside = Misfit::Outside { row: cell.row, col: cell.col };
            let (row, column) = row.zip(column).ok_or(outside)?;
            let written = self.written.entry(row).or_default().entry(column);
            written
                .and_modify(|edit| *edit = edit.compose(&cell.edit))
                .or_insert_with(|| cell.edit.clone());
        }
        for run in entry.delta.rows.runs() {
            if let (Run::Insert { count, first: Some(first) }, Origin::Edit) = (run, entry.origin) {
                let first = RowId(first.0);
                self.created.push(first..RowId(first.0.saturating_add(u64::from(*count))));
            }
        }
        Ok(())
    }

    /// The rows with these ids: current, and at the revision, with these columns or all. Rows without a cell may
    /// be left out. The caller bounds the ranges.
    ///
    /// # Errors
    /// [`SnapshotError::Compacted`], [`SnapshotError::Store`]; [`StoreError::RowsTooLarge`] when the rows take more
    /// than `bytes_most` of memory.
    pub async fn rows(
        &self,
        history: &dyn History,
        sheet: SheetId,
        ids: &[Range<RowId>],
        columns: Option<&[ColumnId]>,
        bytes_most: usize,
    ) -> Result<Vec<RowVersions>, SnapshotError> {
        let query = HeldQuery { ranges: ids, revision: self.base, columns, bytes_most };
        let rows = history.held(sheet, query).await;
        still_kept(history, sheet, self.base).await?;
        let mut rows = rows?;
        for row in &mut rows {
            if contains(&self.created, row.id) {
                row.at = Default::default();
            }
            if let Some(written) = self.written.get(&row.id) {
                let edited =
                    |(column, edit): (&ColumnId, &Edit)| (*column, edit.apply(row.at.get(*column)));
                let patch: RowPatch = written.iter().map(edited).collect();
                row.at.merge(&patch);
            }
        }
        Ok(rows)
    }

    /// The rows whose cells may have changed since.
    ///
    /// # Errors
    /// [`SnapshotError::Compacted`], [`SnapshotError::Store`]; [`StoreError::RowsTooLarge`] when they are too many.
    pub async fn changed_since(
        &self,
        history: &dyn History,
        sheet: SheetId,
    ) -> Result<Changed, SnapshotError> {
        let overwritten = history.overwritten(sheet, self.base).await?;
        still_kept(history, sheet, self.base).await?;
        let overwritten = without(&overwritten, &self.created);
        Ok(Changed { overwritten, created: self.created.clone() })
    }
}

/// Rows whose cells may have changed since a snapshot, both parts as ascending ranges: one command creates millions of
/// rows, and one edit after the other overwrites as many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Rows of which cells were overwritten.
    pub overwritten: Vec<Range<RowId>>,
    /// Rows that the commit of the snapshot created: they have no before images.
    pub created: Vec<Range<RowId>>,
}

impl Changed {
    /// Keeps the rows whose ids are in these sorted ranges.
    pub(super) fn keep(&mut self, ids: &[Range<u64>]) {
        for part in [&mut self.overwritten, &mut self.created] {
            let kept = part.iter().flat_map(|rows| common(ids, rows.start.0..rows.end.0));
            *part = kept.map(|ids| RowId(ids.start)..RowId(ids.end)).collect();
        }
    }
}

/// Whether a revision is still kept, so that nothing that was read of it was pruned before.
async fn still_kept(
    history: &dyn History,
    sheet: SheetId,
    base: Revision,
) -> Result<(), SnapshotError> {
    match history.history_floor(sheet).await? {
        Some(oldest) if oldest <= base => Ok(()),
        Some(oldest) => Err(SnapshotError::Compacted { oldest }),
        None => Err(StoreError::NotFound("sheet").into()),
    }
}

/// The order at `to`, from the nearest revision with a known order, and whether that knows the settings of its columns.
async fn walk(
    history: &dyn History,
    sheet: SheetId,
    to: Revision,
    around: &Around,
    (head, current): (Revision, Order),
) -> Result<(SheetState, bool), SnapshotError> {
    let Some(below) = around.below else {
        return Err(SnapshotError::Compacted { oldest: around.above.unwrap_or(head) });
    };
    let forward = around.steps_forward <= around.steps_back;
    let begin = if forward { Some(below) } else { around.above };
    let (mut at, order) = match begin {
        Some(begin) => {
            // It may have been pruned since the lookup.
            let order = history.checkpoint(sheet, begin).await?;
            (begin, order.ok_or(SnapshotError::Compacted { oldest: head })?)
        }
        None => (head, current),
    };
    let knows_settings = order.knows_settings;
    let mut state = SheetState::at(order).map_err(Misfit::from)?;
    while at != to {
        // A page may be short for its bytes.
        let steps = history.steps(sheet, at, to, STEPS_READ).await?;
        let is_last = steps.is_empty();
        for (revision, step) in steps {
            state.step(&step)?;
            // The inverse of a change leads to the revision before it.
            at = if forward { revision } else { Revision(revision.0 - 1) };
        }
        if is_last {
            break;
        }
    }
    Ok((state, knows_settings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_both_parts_are_kept_by_their_ids() {
        let rows = |ids: &[Range<u64>]| -> Vec<Range<RowId>> {
            ids.iter().map(|ids| RowId(ids.start)..RowId(ids.end)).collect()
        };
        let (overwritten, created) = (rows(&[1..4, 6..9, 9..12]), rows(&[0..1, 3..20]));
        let mut changed = Changed { overwritten, created };
        changed.keep(&[2..7, 8..10]);
        let (overwritten, created) = (rows(&[2..4, 6..7, 8..9, 9..10]), rows(&[3..7, 8..10]));
        assert_eq!(changed, Changed { overwritten, created });
        changed.keep(&[]);
        assert_eq!(changed, Changed::default());
    }
}
