//! The values of one column of a batch, as Arrow arrays.
//!
//! Not the rows: see `rows`. Invariant: a value is in one of the two arrays, so each cell is kept exactly.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, StringArray};
use ot_engine::{ColumnKind, Value};

/// The greatest whole number up to which a double holds each one.
const WHOLE_MOST: f64 = 9_007_199_254_740_992.0;

/// The values of a column, and the texts of those that do not fit.
pub(crate) struct Cells {
    values: Values,
    /// The texts; `None`: so far each value fits.
    texts: Option<StringBuilder>,
    rows: usize,
    capacity: usize,
    /// Whether each number so far is a whole one.
    is_whole: bool,
}

enum Values {
    Numbers(Float64Builder),
    Wholes(Int64Builder),
    Bools(BooleanBuilder),
    Dates(Date32Builder),
    Locals(TimestampMicrosecondBuilder),
    Instants(TimestampMicrosecondBuilder),
    Texts(StringBuilder),
}

/// What a cell is in its column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pushed {
    /// The bytes of its text.
    pub(crate) text_bytes: usize,
    /// Whether it is a text that has the form of another value, and stands beside its column.
    pub(crate) is_marked: bool,
}

impl Cells {
    /// A column of this kind in batches of so many rows.
    pub(crate) fn new(kind: ColumnKind, capacity: usize) -> Self {
        Self { values: Values::new(kind, capacity), texts: None, rows: 0, capacity, is_whole: true }
    }

    /// A column of whole numbers, as integers.
    pub(crate) fn wholes(capacity: usize) -> Self {
        let values = Values::Wholes(Int64Builder::with_capacity(capacity));
        Self { values, ..Self::new(ColumnKind::Number, 0) }
    }

    /// Whether each number so far is a whole one that a double holds exactly.
    pub(crate) fn is_whole(&self) -> bool {
        self.is_whole
    }

    pub(crate) fn push(&mut self, value: &Value) -> Pushed {
        self.rows += 1;
        match (&mut self.values, value) {
            (Values::Numbers(all), Value::Number(number)) => {
                self.is_whole &= whole(*number).is_some();
                all.append_value(*number);
            }
            (Values::Wholes(all), Value::Number(number)) if whole(*number).is_some() => {
                all.append_option(whole(*number));
            }
            (Values::Bools(all), Value::Bool(truth)) => all.append_value(*truth),
            (Values::Dates(all), Value::Date(days)) => all.append_value(*days),
            (Values::Locals(all), Value::LocalDateTime(micros)) => all.append_value(*micros),
            (Values::Instants(all), Value::Instant(micros)) => all.append_value(*micros),
            (Values::Texts(all), value) if !is_empty(value) => {
                let text = values::exact(value);
                all.append_value(&text);
                return Pushed { text_bytes: text.len(), is_marked: false };
            }
            (all, value) => {
                all.append_null();
                if !is_empty(value) {
                    return self.push_text(value);
                }
            }
        }
        if let Some(texts) = &mut self.texts {
            texts.append_null();
        }
        Pushed::default()
    }

    /// A value that does not fit.
    fn push_text(&mut self, value: &Value) -> Pushed {
        let before = self.rows - 1;
        let texts = self.texts.get_or_insert_with(|| {
            let mut texts = StringBuilder::with_capacity(self.capacity, 0);
            texts.append_nulls(before);
            texts
        });
        let text = values::exact(value);
        texts.append_value(&text);
        let is_marked = matches!(value, Value::Text(_)) && values::exactly(&text).is_some();
        Pushed { text_bytes: text.len(), is_marked }
    }

    /// Ends the batch: the values, and the texts if the column has such.
    pub(crate) fn finish(&mut self, has_texts: bool, arrays: &mut Vec<ArrayRef>) {
        arrays.push(self.values.finish());
        if has_texts {
            arrays.push(match self.texts.take() {
                Some(mut texts) => Arc::new(texts.finish()),
                None => Arc::new(StringArray::new_null(self.rows)),
            });
        }
        self.rows = 0;
    }
}

/// A number as an integer, if it is a whole one that a double holds exactly; `-0` is none.
#[must_use]
pub fn whole(number: f64) -> Option<i64> {
    let is_whole = number.fract() == 0.0 && number.abs() <= WHOLE_MOST;
    let is_negative_zero = number == 0.0 && number.is_sign_negative();
    #[expect(clippy::cast_possible_truncation, reason = "a whole number of at most 53 bits")]
    let integer = number as i64;
    (is_whole && !is_negative_zero).then_some(integer)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Empty => true,
        Value::Text(text) => text.is_empty(),
        _ => false,
    }
}

impl Values {
    fn new(kind: ColumnKind, rows: usize) -> Self {
        let times = || TimestampMicrosecondBuilder::with_capacity(rows);
        match kind {
            ColumnKind::Any | ColumnKind::Number => {
                Self::Numbers(Float64Builder::with_capacity(rows))
            }
            ColumnKind::Bool => Self::Bools(BooleanBuilder::with_capacity(rows)),
            ColumnKind::Date => Self::Dates(Date32Builder::with_capacity(rows)),
            ColumnKind::LocalDateTime => Self::Locals(times()),
            ColumnKind::Instant => Self::Instants(times().with_timezone("UTC")),
            ColumnKind::Text
            | ColumnKind::Choice
            | ColumnKind::Choices
            | ColumnKind::Link
            | ColumnKind::Email => Self::Texts(StringBuilder::with_capacity(rows, 0)),
        }
    }

    fn append_null(&mut self) {
        match self {
            Self::Numbers(all) => all.append_null(),
            Self::Wholes(all) => all.append_null(),
            Self::Bools(all) => all.append_null(),
            Self::Dates(all) => all.append_null(),
            Self::Locals(all) | Self::Instants(all) => all.append_null(),
            Self::Texts(all) => all.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Numbers(all) => Arc::new(all.finish()),
            Self::Wholes(all) => Arc::new(all.finish()),
            Self::Bools(all) => Arc::new(all.finish()),
            Self::Dates(all) => Arc::new(all.finish()),
            Self::Locals(all) | Self::Instants(all) => Arc::new(all.finish()),
            Self::Texts(all) => Arc::new(all.finish()),
        }
    }
}
