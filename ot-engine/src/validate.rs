//! Validates deltas from outside, by field and rule.
//!
//! It repairs nothing, and it knows no values of the sheet except those that text edits name.
//!
//! Cost: one look at each run and cell. Invariant: no other function of this crate panics or overflows
//! on a delta that passed.

mod axis;
mod cells;
mod columns;
mod limits;
mod rule;
mod text;
mod value;

use crate::{Delta, Size};
pub(crate) use axis::{validate_lengths, validate_unnamed};
pub use columns::validate_column;
pub use limits::Limits;
pub use rule::{Invalid, Rule};
pub use text::{validate_text, validate_text_edit};
pub use value::validate_value;

/// Checks that `delta` can be applied to a sheet of `size`.
///
/// # Errors
/// The first broken rule, with its field.
pub fn validate(delta: &Delta, size: Size, limits: &Limits) -> Result<(), Invalid> {
    let (max_rows, max_columns) = (limits.max_rows, limits.max_columns);
    let rows = axis::check("rows", &delta.rows, size.rows, max_rows, limits.max_runs)?;
    let cols = axis::check("cols", &delta.cols, size.cols, max_columns, limits.max_runs)?;
    cells::check(&delta.cells, Size { rows, cols }, limits)?;
    columns::check(&delta.columns, cols, limits)
}
