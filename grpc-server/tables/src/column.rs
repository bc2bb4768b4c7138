//! A column of a table: its name, its kind, which columns of the Parquet file hold it, and which numbers of them are exact.
//!
//! Not its values: see `write` and `table`. Invariant: the names of Parquet columns follow from the place alone (`c0`, `t0`,
//! `c1`, ...), so equal, empty and odd names of a file do no harm.

use std::ops::RangeInclusive;
use std::sync::Arc;

use arrow_schema::{DataType, TimeUnit};
use ot_engine::ColumnKind;

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// As the file has it; columns may share one, and it may be empty.
    pub name: Arc<str>,
    /// The kind of its values.
    pub kind: ColumnKind,
    /// The Arrow type of its values, as text.
    pub data: String,
    /// Whether a column of texts beside it holds the values that do not fit the kind.
    pub has_texts: bool,
    /// Whether each of its numbers is a whole one that a double holds exactly. False: perhaps not.
    pub is_whole: bool,
}

impl TableColumn {
    /// A column of values of this kind, as a reader of texts makes it.
    pub(crate) fn of(name: Arc<str>, kind: ColumnKind) -> Self {
        let (data, has_texts) = (data_type(kind), !is_text(kind));
        Self { name, kind, data: data.to_string(), has_texts, is_whole: false }
    }

    /// The name of the Parquet column of its values.
    #[must_use]
    pub fn values_name(at: usize) -> String {
        format!("c{at}")
    }

    /// The name of the Parquet column of the texts that do not fit.
    #[must_use]
    pub fn texts_name(at: usize) -> String {
        format!("t{at}")
    }
}

/// Whether all values of a column of this kind are texts.
pub(crate) fn is_text(kind: ColumnKind) -> bool {
    match kind {
        ColumnKind::Text
        | ColumnKind::Choice
        | ColumnKind::Choices
        | ColumnKind::Link
        | ColumnKind::Email => true,
        ColumnKind::Any
        | ColumnKind::Bool
        | ColumnKind::Number
        | ColumnKind::Instant
        | ColumnKind::Date
        | ColumnKind::LocalDateTime => false,
    }
}

/// The Arrow type of the values of a kind. Of any kind: numbers, and the rest beside them as texts.
pub(crate) fn data_type(kind: ColumnKind) -> DataType {
    match kind {
        ColumnKind::Any | ColumnKind::Number => DataType::Float64,
        ColumnKind::Bool => DataType::Boolean,
        ColumnKind::Date => DataType::Date32,
        ColumnKind::LocalDateTime => DataType::Timestamp(TimeUnit::Microsecond, None),
        ColumnKind::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        ColumnKind::Text
        | ColumnKind::Choice
        | ColumnKind::Choices
        | ColumnKind::Link
        | ColumnKind::Email => DataType::Utf8,
    }
}

/// The largest decimal of 15 digits, without its point.
const DECIMAL_MOST: i64 = 999_999_999_999_999;

/// The values of 64 bits of which a number holds each digit; the greatest ones without a sign look negative. `None`: those of
/// another type.
pub(crate) fn held_numbers(data: &DataType) -> Option<RangeInclusive<i64>> {
    match data {
        DataType::Int64 => Some(-(1 << 53)..=1 << 53),
        DataType::UInt64 => Some(0..=1 << 53),
        DataType::Decimal64(..) | DataType::Decimal128(..) => Some(-DECIMAL_MOST..=DECIMAL_MOST),
        _ => None,
    }
}
