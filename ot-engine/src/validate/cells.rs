//! The rules for the cell edits of a delta.
//!
//! Whether a text edit fits the text of its cell is the matter of `text.rs`. Invariant: cells that
//! passed are sorted, unique and inside the sheet.

use super::text::{path, validate_text_edit};
use super::value::validate_value;
use super::{Invalid, Limits, Rule};
use crate::{CellEdit, Edit, Size};

pub(super) fn check(cells: &[CellEdit], size: Size, limits: &Limits) -> Result<(), Invalid> {
    if cells.len() > limits.max_cells as usize {
        return Err(Invalid::new("cells", Rule::TooManyCells { max: limits.max_cells }));
    }
    let mut last = None;
    for (i, cell) in cells.iter().enumerate() {
        let broken = |field: &str, rule| Err(Invalid::new(path(cells, i) + field, rule));
        if cell.row >= size.rows {
            return broken(".row", Rule::OutOfRange { len: size.rows });
        }
        if cell.col >= size.cols {
            return broken(".col", Rule::OutOfRange { len: size.cols });
        }
        if last >= Some(cell.key()) {
            return broken("", Rule::Repeated);
        }
        last = Some(cell.key());
        let (field, checked) = match &cell.edit {
            Edit::Set(set) => (".set", validate_value(set, limits)),
            Edit::Text(edit) => (".runs", validate_text_edit(edit, limits)),
        };
        checked.or_else(|rule| broken(field, rule))?;
    }
    Ok(())
}
