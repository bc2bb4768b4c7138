//! The rules for text edits: alone, and on the text of the cell.
//!
//! They apply nothing. Invariant: a text edit that passed both checks fits the text, and the text after
//! it is within the limit.

use super::value::check_text;
use super::{Invalid, Limits, Rule};
use crate::{CellEdit, Edit, TextDelta, TextRun, Value};

/// Checks a text edit without the text; [`validate_text`] checks it on the text.
///
/// # Errors
/// The first broken rule.
pub fn validate_text_edit(edit: &TextDelta, limits: &Limits) -> Result<(), Rule> {
    let max = limits.max_text_bytes;
    if edit.runs().len() > limits.max_runs as usize {
        return Err(Rule::TooManyRuns { max: limits.max_runs });
    }
    if edit.reach() > u64::from(max) {
        return Err(Rule::PastText { len: max });
    }
    if edit.inserted_bytes() > max as usize {
        return Err(Rule::TextTooLong { max });
    }
    edit.runs().iter().try_for_each(|run| match run {
        TextRun::Insert(new) => check_text(new, max),
        TextRun::Retain(_) | TextRun::Delete(_) => Ok(()),
    })
}

/// Checks that the text edits among `cells` fit the values of the cells and leave no text that is too
/// long. `held` returns the value of a cell before the edit; `None` when it is not loaded.
///
/// # Errors
/// The first broken rule, with its field.
pub fn validate_text<'a>(
    cells: &[CellEdit],
    mut held: impl FnMut(&CellEdit) -> Option<&'a Value>,
    limits: &Limits,
) -> Result<(), Invalid> {
    for (i, cell) in cells.iter().enumerate() {
        let Edit::Text(edit) = &cell.edit else { continue };
        let checked = held(cell).ok_or(Rule::TextNotLoaded).and_then(|value| {
            let old = value.as_text();
            let len = old.chars().count() as u32;
            if edit.reach() > u64::from(len) {
                return Err(Rule::PastText { len });
            }
            let grown = old.len() + edit.inserted_bytes();
            let max = limits.max_text_bytes;
            // Applies the edit only where the text could get too long.
            let fits = grown <= max as usize || edit.apply(old).len() <= max as usize;
            if fits { Ok(()) } else { Err(Rule::TextTooLong { max }) }
        });
        checked.map_err(|rule| Invalid::new(path(cells, i) + ".runs", rule))?;
    }
    Ok(())
}

/// The path of a cell's edit: text edits are a list of their own.
pub(super) fn path(cells: &[CellEdit], index: usize) -> String {
    let is_text = |cell: &CellEdit| cell.edit.as_set().is_none();
    if cells.get(index).is_some_and(is_text) {
        let before = cells.iter().take(index).map(is_text);
        format!("texts[{}]", before.filter(|is_text| *is_text).count())
    } else {
        format!("cells[{index}]")
    }
}
