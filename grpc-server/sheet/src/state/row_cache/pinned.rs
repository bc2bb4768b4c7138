//! The pinned cells: written and not yet known to be in Postgres, or written during an outstanding read.
//!
//! Only the newest value of each cell is kept, so a cell that is edited all day costs one place. Not here: which
//! revisions may be unpinned (`row_cache`).
//!
//! Invariant: a pinned cell holds its value at the head and the revision that wrote it.

use std::collections::VecDeque;

use ot_engine::{ColumnId, Revision, RowId, Value};
use rustc_hash::FxHashMap;

use model::{RowBody, RowPatch};

/// A pinned cell.
#[derive(Clone, Debug)]
struct Cell {
    column: ColumnId,
    revision: Revision,
    value: Value,
}

/// All pinned cells, by row.
#[derive(Debug, Default)]
pub(super) struct Pinned {
    rows: FxHashMap<RowId, Vec<Cell>>,
    /// The rows that each revision wrote, in order: the rows to unpin once it is committed.
    written: VecDeque<(Revision, RowId)>,
}

impl Pinned {
    /// Pins the cells that a change writes to a row. Revisions ascend from call to call.
    pub(super) fn pin(&mut self, revision: Revision, row: RowId, patch: &RowPatch) {
        if patch.is_empty() {
            return;
        }
        let cells = self.rows.entry(row).or_default();
        if cells.is_empty() {
            // Most rows are written once before they are committed.
            cells.reserve_exact(patch.cells().len());
        }
        for (column, value) in patch.cells() {
            let cell = Cell { column: *column, revision, value: value.clone() };
            match cells.binary_search_by_key(column, |cell| cell.column) {
                Ok(at) => cells[at] = cell,
                Err(at) => cells.insert(at, cell),
            }
        }
        self.written.push_back((revision, row));
    }

    /// Applies the pinned cells to a body that lacks no older write: then it is the row at the head.
    pub(super) fn apply_to(&self, row: RowId, body: &mut RowBody) {
        for cell in self.rows.get(&row).into_iter().flatten() {
            body.set(cell.column, cell.value.clone());
        }
    }

    /// Unpins the cells whose last write is not after `revision`.
    pub(super) fn unpin(&mut self, revision: Revision) {
        while let Some(&(written, row)) = self.written.front()
            && written <= revision
        {
            self.written.pop_front();
            let Some(cells) = self.rows.get_mut(&row) else { continue };
            cells.retain(|cell| cell.revision > revision);
            if cells.is_empty() {
                self.rows.remove(&row);
            }
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn check_invariants(&self) {
        assert!(self.written.iter().is_sorted_by_key(|(revision, _)| *revision));
        assert!(self.rows.values().all(|cells| !cells.is_empty()));
        assert!(self.rows.keys().all(|row| self.written.iter().any(|(_, known)| known == row)));
    }
}
