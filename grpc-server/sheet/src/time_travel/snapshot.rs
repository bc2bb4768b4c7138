//! A sheet as it was at a revision.
//!
//! Lines and columns: from the nearest checkpoint (or from now) forward by the changes, or back by
//! their stored inverses. Cells: what a row holds now, with everything laid over it that was
//! overwritten since. That is kept for each commit, and a commit may hold many changes, so this ends
//! at the head that the commit beyond the revision stood on; from there the changes up to the revision
//! are applied one by one.
//!
//! Read only. Cost: the changes of lines to the nearest checkpoint, the changes of one commit, and
//! for each row that is looked at the commits that wrote to it since.

use std::ops::Range;

use ot_engine::{ColumnId, Edit, Revision, RowId, Run};
use rustc_hash::FxHashMap;

use crate::ports::history::{Around, History, RowVersions};
use crate::ports::storage::StoreError;
use crate::state::{Misfit, SheetState};
use model::{Entry, Order, Origin, RowPatch, SheetId};

/// Steps that are read at one go.
const STEPS_READ: u32 = 200;

/// Why a revision can't be told.
#[derive(Debug, thiserror::Error)]
pub enum PastError {
    /// The sheet has not got so far.
    #[error("revision {head} is the newest")]
    Future {
        /// The newest revision.
        head: Revision,
    },
    /// It is no longer kept, or never was.
    #[error("history begins at revision {oldest}")]
    Compacted {
        /// The oldest revision that can be told.
        oldest: Revision,
    },
    /// There is no such sheet, or it can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log does not fit the sheet.
    #[error(transparent)]
    Misfit(#[from] Misfit),
}

/// A sheet at a revision.
#[derive(Debug)]
pub struct Past {
    /// Which revision.
    pub revision: Revision,
    /// Its order of rows and its columns.
    pub state: SheetState,
    /// The head that the next commit stood on: up to there, cells come from what was overwritten.
    base: Revision,
    /// What was written from there up to the revision.
    written: FxHashMap<RowId, FxHashMap<ColumnId, Edit>>,
    /// The rows that were made from there up to the revision: they held nothing before.
    made: Vec<Range<RowId>>,
}

impl Past {
    /// A committed sheet at `revision`.
    ///
    /// # Errors
    /// See [`PastError`].
    pub async fn at(
        store: &dyn History,
        sheet: SheetId,
        revision: Revision,
    ) -> Result<Self, PastError> {
        let record = store.load_sheet(sheet).await?.ok_or(StoreError::NotFound("sheet"))?;
        if revision > record.head {
            return Err(PastError::Future { head: record.head });
        }
        // Without a next change, the next commit will stand here.
        let base = store.batch_of(sheet, Revision(revision.0 + 1)).await?.unwrap_or(revision);
        let around = store.checkpoints_around(sheet, base, record.head).await?;
        let now = Order {
            spans: record.spans,
            columns: record.columns,
            next_row_id: record.next_row_id,
            next_column_id: record.next_column_id,
        };
        let state = walk(store, sheet, base, &around, (record.head, now)).await;
        let count = u32::try_from(revision.0 - base.0).unwrap_or(u32::MAX);
        let entries = store.changes(sheet, base, count).await;
        // Before anything is made of them: what was pruned meanwhile would not fit together.
        still_kept(store, sheet, base).await?;
        let mut past =
            Self { revision, state: state?, base, written: FxHashMap::default(), made: Vec::new() };
        for entry in entries? {
            past.follow(&entry)?;
        }
        Ok(past)
    }

    /// Takes in the next change of the commit that goes beyond the revision.
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
                self.made.push(first..RowId(first.0.saturating_add(u64::from(*count))));
            }
        }
        Ok(())
    }

    /// The rows of these ids: what they hold now, and what they held at the revision. Those that
    /// never held anything may be left out. The caller bounds the ranges.
    ///
    /// # Errors
    /// [`PastError::Compacted`], [`PastError::Store`].
    pub async fn rows(
        &self,
        store: &dyn History,
        sheet: SheetId,
        ids: &[Range<RowId>],
    ) -> Result<Vec<RowVersions>, PastError> {
        let rows = store.held(sheet, ids, self.base).await;
        still_kept(store, sheet, self.base).await?;
        let mut rows = rows?;
        for row in &mut rows {
            if self.made.iter().any(|made| made.contains(&row.id)) {
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

    /// The rows whose cells may be others now, ascending.
    ///
    /// # Errors
    /// [`PastError::Compacted`], [`PastError::Store`].
    pub async fn changed_since(
        &self,
        store: &dyn History,
        sheet: SheetId,
    ) -> Result<Vec<RowId>, PastError> {
        let mut rows = store.overwritten(sheet, self.base).await?;
        still_kept(store, sheet, self.base).await?;
        // Of rows that were made by the same commit nothing was kept.
        rows.extend(self.made.iter().flat_map(|made| (made.start.0..made.end.0).map(RowId)));
        rows.sort_unstable();
        rows.dedup();
        Ok(rows)
    }
}

/// Whether a revision can still be told, so that all that was read about it was there.
async fn still_kept(store: &dyn History, sheet: SheetId, base: Revision) -> Result<(), PastError> {
    match store.history_floor(sheet).await? {
        Some(oldest) if oldest <= base => Ok(()),
        Some(oldest) => Err(PastError::Compacted { oldest }),
        None => Err(StoreError::NotFound("sheet").into()),
    }
}

/// The order at `to`, from the nearest place where it is known.
async fn walk(
    store: &dyn History,
    sheet: SheetId,
    to: Revision,
    around: &Around,
    (head, now): (Revision, Order),
) -> Result<SheetState, PastError> {
    let Some(below) = around.below else {
        return Err(PastError::Compacted { oldest: around.above.unwrap_or(head) });
    };
    let forward = around.steps_forward <= around.steps_back;
    let begin = if forward { Some(below) } else { around.above };
    let (mut at, order) = match begin {
        Some(begin) => {
            // It may have been pruned since it was looked for.
            let order = store.checkpoint(sheet, begin).await?;
            (begin, order.ok_or(PastError::Compacted { oldest: head })?)
        }
        None => (head, now),
    };
    let mut state = SheetState::at(order).map_err(Misfit::from)?;
    while at != to {
        let steps = store.steps(sheet, at, to, STEPS_READ).await?;
        let full = steps.len() == STEPS_READ as usize;
        for (revision, step) in steps {
            state.step(&step)?;
            // Back over a change is to the revision before it.
            at = if forward { revision } else { Revision(revision.0 - 1) };
        }
        if !full {
            break;
        }
    }
    Ok(state)
}
