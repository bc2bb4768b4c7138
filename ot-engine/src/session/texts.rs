//! The session's text edits, which depend on the value of a cell and not only on its position.
//!
//! It applies no text edit to a view that a person sees. Invariant: a text edit whose text may have
//! changed unseen is stale, or is replaced by a value.

use super::ClientSession;
use crate::{CellEdit, Edit, Sequence, View, Window};

impl ClientSession {
    /// Whether an edit in the buffer changes text.
    pub(crate) fn buffers_text(&self) -> bool {
        self.buffer.iter().any(|edit| edit.now.edits_text())
    }

    /// Marks the edits in flight with text edits outside `window` as stale. The server does not send
    /// changes there, so `now` of such an edit may be wrong.
    pub(crate) fn mark_stale(&mut self, window: &Window) {
        for sent in &mut self.in_flight {
            let now = &sent.edit.now;
            if !now.edits_text() {
                continue;
            }
            let origins = now.cell_origins();
            let outside = |cell: &CellEdit| {
                let place = origins.of(cell.row, cell.col);
                cell.edit.as_set().is_none()
                    && place.is_some_and(|(row, col)| !window.contains(row, col))
            };
            sent.stale |= now.cells.iter().any(outside);
        }
    }

    /// Whether the edit with this number is stale.
    pub(crate) fn is_stale(&self, sequence: Sequence) -> bool {
        self.in_flight.iter().any(|sent| sent.stale && sent.edit.sequence == sequence)
    }

    /// Whether any edit in flight is stale.
    pub(crate) fn any_stale(&self) -> bool {
        self.in_flight.iter().any(|sent| sent.stale)
    }

    /// Replaces text edits in the buffer by the values that they lead to: those of cells that are loaded in
    /// the server's state `before` and not in `after`.
    pub(crate) fn set_unloaded_texts(&mut self, mut before: View, mut after: View) {
        for sent in &self.in_flight {
            before.apply(&sent.edit.now);
            after.apply(&sent.edit.now);
        }
        for edit in &mut self.buffer {
            before.apply(&edit.now);
            after.apply(&edit.now);
            for CellEdit { row, col, edit } in &mut edit.now.cells {
                if let (Edit::Text(_), Some(value), None) =
                    (&*edit, before.get(*row, *col), after.get(*row, *col))
                {
                    *edit = Edit::Set(value.clone());
                }
            }
        }
    }
}
