//! The rules for the attribute edits of a delta.
//!
//! The order and number of columns are an axis. Invariant: edits that passed are sorted, unique and
//! inside the sheet.

use super::value::check_text;
use super::{Invalid, Limits, Rule};
use crate::ColumnEdit;

pub(super) fn check(columns: &[ColumnEdit], len: u32, limits: &Limits) -> Result<(), Invalid> {
    let mut last = None;
    for (i, column) in columns.iter().enumerate() {
        let broken = |field: &str, rule| Err(Invalid::new(format!("columns[{i}]{field}"), rule));
        if column.col >= len {
            return broken(".col", Rule::OutOfRange { len });
        }
        if last >= Some(column.col) {
            return broken("", Rule::Repeated);
        }
        last = Some(column.col);
        validate_column(column, limits).or_else(|(field, rule)| broken(field, rule))?;
    }
    Ok(())
}

/// Checks the attributes of a column, without its position.
///
/// # Errors
/// The first broken rule, with its field: `.name`, `.width` or `.settings`.
pub fn validate_column(column: &ColumnEdit, limits: &Limits) -> Result<(), (&'static str, Rule)> {
    if let Some(name) = &column.name {
        check_text(name, limits.max_name_bytes).map_err(|rule| (".name", rule))?;
    }
    if column.width.is_some_and(|width| width > limits.max_width_pixels) {
        return Err((".width", Rule::TooWide { max: limits.max_width_pixels }));
    }
    if let Some(settings) = &column.settings {
        check_text(settings, limits.max_settings_bytes).map_err(|rule| (".settings", rule))?;
    }
    Ok(())
}
