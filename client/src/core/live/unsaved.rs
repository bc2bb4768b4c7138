//! The cells with unsaved edits, for a person to copy when a sheet accepts no more edits.
//!
//! It sends nothing, and it lists no moved, inserted or deleted lines.
//!
//! Invariant: positions are those of the current view.

use ot_engine::{Delta, Edit, Value, compose};

use super::{Cell, LiveSheet};
use crate::core::event::UnsavedCell;

impl LiveSheet {
    /// The cells with own edits that are not accepted yet, by row and column.
    #[must_use]
    pub fn unsaved_cells(&self) -> Vec<UnsavedCell> {
        let Some(session) = &self.session else { return Vec::new() };
        let pending = session.replica.session().pending();
        let all = pending.fold(Delta::default(), |all, (_, delta)| compose(&all, delta));
        let cells = all.cells.iter();
        cells.map(|cell| self.unsaved_cell((cell.row, cell.col), &cell.edit)).collect()
    }

    /// A cell of a pending edit, with the value that the view shows.
    pub(super) fn unsaved_cell(&self, (row, col): (u32, u32), edit: &Edit) -> UnsavedCell {
        let value = match self.get(row, col) {
            Cell::Value(seen) => seen.clone(),
            Cell::Unknown => edit.apply(&Value::Empty),
        };
        UnsavedCell { row, col, value }
    }
}
