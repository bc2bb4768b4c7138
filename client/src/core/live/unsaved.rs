//! The cells with unsaved edits, for a person to copy when a sheet accepts no more edits.
//!
//! It sends nothing, and it lists no moved, inserted or deleted lines.
//!
//! Invariant: positions are those of the current view.

use ot_engine::{Delta, Edit, Value, compose};

use super::{Cell, LiveSheet};

/// A cell with an edit that is not accepted yet.
#[derive(Clone, Debug, PartialEq)]
pub struct UnsavedCell {
    /// The row in the view.
    pub row: u32,
    /// The column in the view.
    pub col: u32,
    /// The value after the edit. For a text edit of a row that is not loaded, only the inserted text.
    pub value: Value,
}

impl LiveSheet {
    /// The cells with own edits that are not accepted yet, by row and column.
    #[must_use]
    pub fn unsaved_cells(&self) -> Vec<UnsavedCell> {
        let Some(session) = &self.session else { return Vec::new() };
        let pending = session.replica.session().pending();
        let all = pending.fold(Delta::default(), |all, (_, delta)| compose(&all, delta));
        let cell = |cell: &ot_engine::CellEdit| {
            let value = match (&cell.edit, self.get(cell.row, cell.col)) {
                (Edit::Text(_), Cell::Value(seen)) => seen.clone(),
                (edit, _) => edit.apply(&Value::Empty),
            };
            UnsavedCell { row: cell.row, col: cell.col, value }
        };
        all.cells.iter().map(cell).collect()
    }
}
