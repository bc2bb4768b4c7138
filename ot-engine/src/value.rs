//! The value of a cell, the attributes of a column, and the size of a sheet.
//!
//! Plain data: no formatting and no parsing of typed text.
//!
//! Invariant: cloning a value is cheap, because texts are shared.

use std::sync::Arc;

use crate::ColumnId;

/// The value of a cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// No value.
    #[default]
    Empty,
    /// True or false.
    Bool(bool),
    /// A finite number; [`validate`](crate::validate) refuses infinities and NaN.
    Number(f64),
    /// Text in UTF-8, without NUL characters.
    Text(Arc<str>),
    /// A moment: microseconds since the Unix epoch, UTC; from year 1 to year 9999.
    Instant(i64),
    /// A day: days since 1970-01-01; from year 1 to year 9999.
    Date(i32),
    /// A day and a time of day without a zone: microseconds since 1970-01-01 00:00; from year 1 to year 9999.
    LocalDateTime(i64),
}

impl Value {
    /// Whether there is no value. Text without characters is a value for the algebra, since edits inside a text may leave
    /// it; for people it is none (see [`Value::normalized`]).
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// The value as people see it: text without characters is none, and zero has no sign.
    #[must_use]
    pub fn normalized(self) -> Self {
        match self {
            Self::Text(text) if text.is_empty() => Self::Empty,
            Self::Number(number) => number.into(),
            value => value,
        }
    }

    /// The text; any other value counts as empty text.
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
    /// Zero has no sign: so all replicas and the store hold the same bits.
    fn from(number: f64) -> Self {
        // The sum of the two zeros is the one without a sign.
        Self::Number(number + 0.0)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

/// The intended kind of a column's values. A hint for entry and sorting; the engine does not enforce it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ColumnKind {
    /// Any kind.
    #[default]
    Any,
    /// Booleans.
    Bool,
    /// Numbers.
    Number,
    /// Text.
    Text,
    /// Moments.
    Instant,
    /// Days.
    Date,
    /// Days and times of day without a zone.
    LocalDateTime,
    /// Texts, each one of the options of the column's settings.
    Choice,
    /// Texts, each several of the options of the column's settings.
    Choices,
    /// Texts, each the address of a page.
    Link,
    /// Texts, each an e-mail address.
    Email,
}

/// A column's attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// The stable id; `None` while the column's insert awaits the server's answer.
    pub id: Option<ColumnId>,
    /// The title; empty when the column has none.
    pub name: Arc<str>,
    /// The intended kind of its values.
    pub kind: ColumnKind,
    /// Width on screen, in CSS pixels; `None` for the default width.
    pub width: Option<u32>,
    /// What else belongs to the kind: options, the form of numbers, a locale. The engine does not read it; empty when
    /// the column has none.
    pub settings: Arc<str>,
}

/// The number of rows and columns of a sheet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Size {
    /// Number of rows.
    pub rows: u32,
    /// Number of columns.
    pub cols: u32,
}

impl Size {
    /// A size from its number of rows and columns.
    #[must_use]
    pub const fn new(rows: u32, cols: u32) -> Self {
        Self { rows, cols }
    }
}
