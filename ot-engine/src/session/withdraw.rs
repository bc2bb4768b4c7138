//! The inverse that takes a refused edit out from under later edits.
//!
//! It restores no values, because the session knows none. Invariant: lines and characters of later
//! edits stand where they would stand without the refused edit.

use crate::{AxisMap, CellEdit, Delta, Edit, Value};

/// The inverse of an edit without its values: it restores the positions of lines and characters. A set
/// becomes a set to empty, so that later text edits of the cell conflict with it.
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
