//! The edit of one cell.
//!
//! It does not know the delta that contains it, nor the value that the cell holds.
//!
//! Invariant: positions are those after the delta's axes apply.

use crate::{TextDelta, Value};

/// A change of a cell's content.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Edit {
    /// Sets the value.
    Set(Value),
    /// Changes the text. A cell without a text counts as empty text.
    Text(TextDelta),
}

/// The edit of one cell.
#[derive(Clone, Debug, PartialEq)]
pub struct CellEdit {
    /// Row position, after the axes apply.
    pub row: u32,
    /// Column position, after the axes apply.
    pub col: u32,
    /// The change of its content.
    pub edit: Edit,
}

impl CellEdit {
    /// Sets the cell at `(row, col)`.
    #[must_use]
    pub fn set(row: u32, col: u32, value: impl Into<Value>) -> Self {
        Self { row, col, edit: Edit::Set(value.into()) }
    }

    /// Edits the text of the cell at `(row, col)`.
    #[must_use]
    pub const fn text(row: u32, col: u32, edit: TextDelta) -> Self {
        Self { row, col, edit: Edit::Text(edit) }
    }

    /// `(row, col)`, the order of a delta's cells.
    #[must_use]
    pub const fn key(&self) -> (u32, u32) {
        (self.row, self.col)
    }
}

impl Edit {
    /// The value after the edit of a cell that holds `before`.
    #[must_use]
    pub fn apply(&self, before: &Value) -> Value {
        match self {
            Self::Set(value) => value.clone(),
            Self::Text(edit) => Value::Text(edit.apply(before.as_text()).into()),
        }
    }

    /// The value of a set; `None` for a text edit, whose outcome depends on the cell's value.
    #[must_use]
    pub const fn as_set(&self) -> Option<&Value> {
        match self {
            Self::Set(value) => Some(value),
            Self::Text(_) => None,
        }
    }

    /// The effect of `self` and then `later`, as one edit.
    #[must_use]
    pub fn compose(&self, later: &Self) -> Self {
        match (self, later) {
            (_, Self::Set(_)) => later.clone(),
            (Self::Set(value), Self::Text(_)) => Self::Set(later.apply(value)),
            (Self::Text(first), Self::Text(second)) => Self::Text(first.compose(second)),
        }
    }

    /// The inverse of this edit on a cell that holds `before`. The inverse of a text edit undoes only
    /// the characters that the edit changed.
    #[must_use]
    pub fn inverse(&self, before: &Value) -> Self {
        match (self, before) {
            (Self::Text(edit), Value::Text(text)) => Self::Text(edit.inverse(text)),
            _ => Self::Set(before.clone()),
        }
    }
}

/// Sorts cells by position; the sort is stable. Most lists are sorted already.
pub(crate) fn sort_cells(cells: &mut [CellEdit]) {
    if !cells.is_sorted_by_key(CellEdit::key) {
        cells.sort_by_key(CellEdit::key);
    }
}
