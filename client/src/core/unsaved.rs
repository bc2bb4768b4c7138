//! What a person stands to lose when a sheet takes no more edits: the cells whose own edits are not
//! accepted, for the person to keep elsewhere.
//!
//! Not what is sent: that is `outgoing`. Rows and columns that were moved, put in or taken out are not
//! told; only where the cells stand now, in the view.

use ot_engine::{Delta, Edit, Value, compose};

use super::{Cell, LiveSheet};

/// A cell with an edit that is not accepted yet.
#[derive(Clone, Debug, PartialEq)]
pub struct UnsavedCell {
    /// Its row in the view.
    pub row: u32,
    /// Its column in the view.
    pub col: u32,
    /// What it holds after the edit. Of a text whose row is not loaded, only what was typed is known.
    pub value: Value,
}

impl LiveSheet {
    /// The cells whose own edits are not accepted yet, by row and column.
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
