//! The cells with unsaved edits, for a person to copy when a sheet accepts no more edits.
//!
//! It sends nothing, and it lists no moved, inserted or deleted lines.
//!
//! Invariant: positions are those of the current view.

use ot_engine::{CellEdit, Value};

use super::edited::EditedCells;
use super::{Cell, LiveSheet};
use crate::core::event::UnsavedCell;

impl LiveSheet {
    /// The cells with own edits that are not accepted yet, by row and column.
    #[must_use]
    pub fn unsaved_cells(&self) -> Vec<UnsavedCell> {
        let Some(session) = &self.session else { return Vec::new() };
        let mut edited = EditedCells::default();
        session.replica.session().pending().for_each(|(_, delta)| edited.list(delta));
        self.with_values(edited)
    }

    /// Cells of pending edits, with the values that the view shows.
    pub(super) fn with_values(&self, edited: EditedCells) -> Vec<UnsavedCell> {
        let unsaved = |CellEdit { row, col, edit }| {
            let value = match self.get(row, col) {
                Cell::Value(seen) => seen.clone(),
                Cell::Unknown => edit.apply(&Value::Empty),
            };
            UnsavedCell { row, col, value }
        };
        edited.into_cells().into_iter().map(unsaved).collect()
    }
}
