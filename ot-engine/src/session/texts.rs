//! What edits of texts ask of a session beyond what other edits do: they stand on what a cell holds, not
//! only on where it is.

use super::ClientSession;
use crate::codec::encoded_len;
use crate::{AxisMap, CellEdit, Delta, Edit, Sequence, Value, View, Window};

impl ClientSession {
    /// Whether an edit that waits to be sent edits text.
    pub(crate) fn buffers_text(&self) -> bool {
        self.buffer.iter().any(|edit| edit.now.edits_text())
    }

    /// Marks the edits in flight whose text edits stand outside of `window`. Changes there are not told, so how such an edit stands now may be wrong.
    pub(crate) fn mark_blind(&mut self, window: &Window) {
        for sent in &mut self.in_flight {
            let now = &sent.edit.now;
            let outside = |cell: &CellEdit| {
                let place = now.map_cell_back(cell.row, cell.col);
                cell.edit.as_set().is_none()
                    && place.is_some_and(|(row, col)| !window.contains(row, col))
            };
            sent.blind |= now.cells.iter().any(outside);
        }
    }

    /// Whether text edits of the edit of this number may stand in the wrong place.
    pub(crate) fn is_blind(&self, sequence: Sequence) -> bool {
        self.in_flight.iter().any(|sent| sent.blind && sent.edit.sequence == sequence)
    }

    /// Whether any edit in flight is such a one.
    pub(crate) fn any_blind(&self) -> bool {
        self.in_flight.iter().any(|sent| sent.blind)
    }

    /// Makes of each waiting text edit, whose cell was known in the server's state `before` and is
    /// not any more in `after`, the value that it leads to.
    pub(crate) fn set_forgotten_texts(&mut self, mut before: View, mut after: View) {
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

/// The inverse of an edit as far as it matters to edits on top of it: where lines and characters go.
/// A text edit that stands on a value which the edit set has nothing to stand on without it.
pub(super) fn without_values(delta: &Delta) -> Delta {
    let (rows, cols) = (delta.rows.inverse(), delta.cols.inverse());
    let (row_back, col_back) = (AxisMap::new(&rows), AxisMap::new(&cols));
    let cells = delta.cells.iter().filter_map(|cell| {
        let (row, col) = (row_back.map_line(cell.row)?, col_back.map_line(cell.col)?);
        let edit = match &cell.edit {
            Edit::Set(_) => Edit::Set(Value::Empty),
            Edit::Text(edit) => Edit::Text(edit.blank_inverse()),
        };
        Some(CellEdit { row, col, edit })
    });
    let cells = cells.collect();
    Delta::from_parts(rows, cols, cells, Vec::new())
}

/// Cells of a joined edit at most. Joining is for what is typed; it looks at all cells each time.
const JOINED_CELLS: usize = 1_000;
/// Bytes of a joined edit at most: in any form it fits the smallest message that a server may be set to
/// take, so no edit becomes too large by waiting.
const JOINED_BYTES: usize = 6 << 10;

/// Whether two deltas of cells can be joined without leaving the limits of one.
pub(super) fn fits_together(one: &Delta, other: &Delta) -> bool {
    one.cells.len() + other.cells.len() <= JOINED_CELLS
        && encoded_len(one) + encoded_len(other) <= JOINED_BYTES
}
