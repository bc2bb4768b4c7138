//! The cells of one column in a batch, without a copy of their texts.
//!
//! Not the values of a whole row: see the parent, which reads a cell by the same rules. Invariant: a cell is the value that
//! [`Table::rows_at`](super::Table::rows_at) has.

use std::borrow::Cow;

use arrow_array::{Array, Float64Array, StringArray};
use ot_engine::Value;

use super::cells;
use crate::marks;

/// The value of a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// None.
    Empty,
    /// True or false.
    Bool(bool),
    /// A number, which is finite; zero has no sign.
    Number(f64),
    /// A day: days since 1970-01-01.
    Date(i32),
    /// A time without a zone: microseconds since 1970-01-01 00:00.
    LocalDateTime(i64),
    /// An instant: microseconds since 1970-01-01 00:00 in UTC.
    Instant(i64),
    /// A text, which has characters.
    Text(Cow<'a, str>),
}

impl From<Value> for Cell<'_> {
    fn from(value: Value) -> Self {
        match value {
            Value::Empty => Self::Empty,
            Value::Bool(truth) => Self::Bool(truth),
            Value::Number(number) => Self::Number(number),
            Value::Date(days) => Self::Date(days),
            Value::LocalDateTime(micros) => Self::LocalDateTime(micros),
            Value::Instant(micros) => Self::Instant(micros),
            Value::Text(text) => Self::Text(Cow::Owned(text.as_ref().to_owned())),
        }
    }
}

impl From<Cell<'_>> for Value {
    fn from(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Empty => Self::Empty,
            Cell::Bool(truth) => Self::Bool(truth),
            Cell::Number(number) => Self::Number(number),
            Cell::Date(days) => Self::Date(days),
            Cell::LocalDateTime(micros) => Self::LocalDateTime(micros),
            Cell::Instant(micros) => Self::Instant(micros),
            Cell::Text(text) => Self::from(&*text),
        }
    }
}

/// The cells of a column in a batch.
pub struct ColumnCells<'a> {
    values: Typed<'a>,
    /// The texts of values that do not fit; `None` where the batch has none.
    texts: Option<&'a StringArray>,
    marks: &'a StringArray,
    column: usize,
}

impl std::fmt::Debug for ColumnCells<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ColumnCells").field("column", &self.column).finish_non_exhaustive()
    }
}

/// The array of a column: the types that nearly all columns have are known before their cells.
enum Typed<'a> {
    Numbers(&'a Float64Array),
    Texts(&'a StringArray),
    Other(&'a dyn Array),
}

impl<'a> ColumnCells<'a> {
    pub(super) fn new(
        values: &'a dyn Array,
        texts: Option<&'a StringArray>,
        marks: &'a StringArray,
        column: usize,
    ) -> Self {
        let any = values.as_any();
        let values = match (any.downcast_ref(), any.downcast_ref()) {
            (Some(numbers), _) => Typed::Numbers(numbers),
            (None, Some(texts)) => Typed::Texts(texts),
            (None, None) => Typed::Other(values),
        };
        let texts = texts.filter(|texts| texts.null_count() < texts.len());
        Self { values, texts, marks, column }
    }

    /// The value of a row of the batch.
    #[must_use]
    pub fn cell(&self, at: usize) -> Cell<'a> {
        if let Some(texts) = self.texts.filter(|texts| texts.is_valid(at)) {
            let text = texts.value(at);
            let exact = if self.is_marked(at) { None } else { cells::exactly(text) };
            return exact.map_or_else(|| text_cell(text), Cell::from);
        }
        match self.values {
            Typed::Numbers(numbers) if numbers.is_null(at) => Cell::Empty,
            Typed::Numbers(numbers) if numbers.value(at).is_finite() => {
                // Zero has no sign.
                Cell::Number(numbers.value(at) + 0.0)
            }
            Typed::Numbers(numbers) => cells::value(numbers, at).into(),
            Typed::Texts(texts) if texts.is_null(at) => Cell::Empty,
            Typed::Texts(texts) => text_cell(texts.value(at)),
            Typed::Other(values) => cells::value(values, at).into(),
        }
    }

    /// Whether the text beside the column is a text, whatever its form.
    fn is_marked(&self, at: usize) -> bool {
        self.marks.is_valid(at)
            && marks::places(self.marks.value(at)).binary_search(&self.column).is_ok()
    }
}

fn text_cell(text: &str) -> Cell<'_> {
    match text {
        "" => Cell::Empty,
        text if text.contains('\0') => cells::text(text).into(),
        text => Cell::Text(Cow::Borrowed(text)),
    }
}
