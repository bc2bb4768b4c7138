//! The columns of a table for a file that is written: which of them have values of their kind alone.
//!
//! Not the values: the footer of the table states which it may have. Invariant: a column is exact only if no value of it is a
//! text that stands for what its kind does not hold, but for numbers that are not finite and times to the nanosecond.

use std::ops::RangeInclusive;

use arrow_schema::{DataType, TimeUnit};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;

use crate::column::held_numbers;
use crate::{OutColumn, ReadError, Table};

/// Decimal digits that a double holds.
const DIGITS: u8 = 15;
/// Days and seconds since 1970-01-01 of the years 1 to 9999.
const DAYS: RangeInclusive<i64> = -719_162..=2_932_896;
const SECONDS: RangeInclusive<i64> = *DAYS.start() * 86_400..=*DAYS.end() * 86_400 + 86_399;

impl Table {
    /// These columns, in this order, for a [`RowWriter`](crate::RowWriter).
    ///
    /// # Errors
    /// A column that the table does not have, or that is named twice.
    pub fn out_columns(&self, columns: &[usize]) -> Result<Vec<OutColumn>, ReadError> {
        self.check(columns)?;
        let places =
            columns.iter().filter_map(|at| self.columns().get(*at).zip(self.leaves.get(*at)));
        let column = |(column, (values, texts)): (&crate::TableColumn, &(usize, Option<usize>))| {
            let has_no_texts = texts.is_none_or(|texts| self.is_empty(texts));
            OutColumn {
                name: column.name.clone(),
                kind: column.kind,
                is_exact: has_no_texts && self.is_held(*values),
                is_whole: column.is_whole,
            }
        };
        Ok(places.map(column).collect())
    }

    /// Whether a Parquet column has no value.
    fn is_empty(&self, leaf: usize) -> bool {
        self.metadata.metadata().row_groups().iter().all(|group| is_empty(group, leaf))
    }

    /// Whether each value of a Parquet column is one of its kind.
    fn is_held(&self, leaf: usize) -> bool {
        let Some(field) = self.metadata.schema().fields().get(leaf) else { return false };
        let range = match field.data_type() {
            DataType::Null
            | DataType::Boolean
            | DataType::Utf8
            | DataType::LargeUtf8
            | DataType::Utf8View
            | DataType::Int8
            | DataType::Int16
            | DataType::Int32
            | DataType::UInt8
            | DataType::UInt16
            | DataType::UInt32
            | DataType::Float16
            | DataType::Float32
            | DataType::Float64
            | DataType::Timestamp(TimeUnit::Nanosecond, _) => return true,
            DataType::Decimal32(digits, _)
            | DataType::Decimal64(digits, _)
            | DataType::Decimal128(digits, _)
            | DataType::Decimal256(digits, _)
                if *digits <= DIGITS =>
            {
                return true;
            }
            DataType::Date32 => DAYS,
            DataType::Timestamp(TimeUnit::Second, _) => SECONDS,
            DataType::Timestamp(TimeUnit::Millisecond, _) => times(1_000),
            DataType::Timestamp(TimeUnit::Microsecond, _) => times(1_000_000),
            data => match held_numbers(data) {
                Some(range) => range,
                None => return false,
            },
        };
        let groups = self.metadata.metadata().row_groups();
        groups.iter().all(|group| is_empty(group, leaf) || is_within(group, leaf, &range))
    }
}

/// The times of the years 1 to 9999, in units of which a second has so many.
fn times(per_second: i64) -> RangeInclusive<i64> {
    SECONDS.start() * per_second..=SECONDS.end() * per_second + (per_second - 1)
}

fn statistics(group: &RowGroupMetaData, leaf: usize) -> Option<&Statistics> {
    group.columns().get(leaf)?.statistics()
}

fn is_empty(group: &RowGroupMetaData, leaf: usize) -> bool {
    let rows = u64::try_from(group.num_rows()).ok();
    rows == Some(0) || statistics(group, leaf).and_then(Statistics::null_count_opt) == rows
}

/// Whether the least and the greatest value are known and in a range.
fn is_within(group: &RowGroupMetaData, leaf: usize, range: &RangeInclusive<i64>) -> bool {
    let ends = match statistics(group, leaf) {
        Some(Statistics::Int32(it)) => {
            it.min_opt().zip(it.max_opt()).map(|(min, max)| (i64::from(*min), i64::from(*max)))
        }
        Some(Statistics::Int64(it)) => {
            it.min_opt().zip(it.max_opt()).map(|(min, max)| (*min, *max))
        }
        _ => None,
    };
    ends.is_some_and(|(min, max)| range.contains(&min) && range.contains(&max))
}
