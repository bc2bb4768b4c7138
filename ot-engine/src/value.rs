//! What a cell holds, and what a column is. No formatting and no parsing of what people type.

use std::sync::Arc;

use crate::ColumnId;

/// The value of a cell. Texts are shared, so that a value is cheap to clone.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing was entered, or it was cleared.
    #[default]
    Empty,
    /// True or false.
    Bool(bool),
    /// A finite number (neither infinite nor NaN; [`validate`](crate::validate) sees to it).
    Number(f64),
    /// Text in UTF-8, without NUL characters.
    Text(Arc<str>),
    /// Microseconds since the Unix epoch, UTC; from year 1 to year 9999.
    DateTime(i64),
}

impl Value {
    /// Whether the cell holds nothing. Empty text is something.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// The text that it holds; what is no text counts as empty text.
    #[must_use]
    pub fn as_text(&self) -> &str {
        if let Self::Text(text) = self { text } else { "" }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

/// What a column is meant to hold. A hint for entry and sorting: the engine does not enforce it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ColumnKind {
    /// Anything.
    #[default]
    Any,
    /// Booleans.
    Bool,
    /// Numbers.
    Number,
    /// Text.
    Text,
    /// Points in time.
    DateTime,
}

/// A column's attributes as they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// The stable id; `None` while the insert that made it awaits the server's answer.
    pub id: Option<ColumnId>,
    /// The title; empty when it was never named.
    pub name: Arc<str>,
    /// What it is meant to hold.
    pub kind: ColumnKind,
    /// Width on screen, in CSS pixels; `None` for the default width.
    pub width: Option<u32>,
}

/// How many rows and columns a sheet has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Size {
    /// Number of rows.
    pub rows: u32,
    /// Number of columns.
    pub cols: u32,
}

impl Size {
    /// A size from its two parts.
    #[must_use]
    pub const fn new(rows: u32, cols: u32) -> Self {
        Self { rows, cols }
    }

    /// The size after a valid delta.
    #[must_use]
    pub fn after(self, delta: &crate::Delta) -> Self {
        Self { rows: delta.rows.len_after(self.rows), cols: delta.cols.len_after(self.cols) }
    }
}
