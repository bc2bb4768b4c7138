//! The order of rows: numbers by value, then days and times by their instant, then texts, then false and true; rows without a
//! value are last in both directions.
//!
//! Not the sorting: see `sorted`. Invariants: the bytes of two keys compare as their rows do, and the last bytes of a key are the
//! position of its row, so no two are equal. A key of one level never is the begin of another one.

pub(crate) mod collation;

use std::cmp::Ordering;

use model::RowOrder;
use ot_engine::Value;
use tables::{Cell, ColumnCells, Table};

use crate::QueryError;
use crate::columns::column_of;
use collation::Collation;

/// Microseconds of a day.
pub(crate) const DAY_MICROS: i64 = 86_400_000_000;

const NUMBER: u8 = 1;
const TIME: u8 = 2;
const TEXT: u8 = 3;
const TRUTH: u8 = 4;
/// Behind each rank, and each rank whose bits are inverted.
const EMPTY: u8 = 0xff;
/// Bytes of a position.
const POSITION: usize = size_of::<u64>();

/// The levels of an order.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) levels: Vec<Level>,
    collation: Collation,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Level {
    pub(crate) column: usize,
    is_descending: bool,
}

impl Order {
    pub(crate) fn new(table: &Table, order: &[RowOrder]) -> Result<Self, QueryError> {
        let level = |level: &RowOrder| {
            let column = column_of(table, level.column)?;
            Ok(Level { column, is_descending: level.descending })
        };
        let levels: Result<Vec<_>, QueryError> = order.iter().map(level).collect();
        Ok(Self { levels: levels?, collation: Collation::new()? })
    }

    /// Writes the key of a row: `cells` has a column for each level.
    pub(crate) fn write_key(
        &self,
        cells: &[ColumnCells<'_>],
        at: usize,
        position: u64,
        key: &mut Vec<u8>,
    ) {
        for (level, cells) in self.levels.iter().zip(cells) {
            let begin = key.len();
            let is_empty = !write_cell(&self.collation, &cells.cell(at), key);
            if level.is_descending && !is_empty {
                key.iter_mut().skip(begin).for_each(|byte| *byte = !*byte);
            }
        }
        key.extend_from_slice(&position.to_be_bytes());
    }
}

/// Appends the bytes of a value, which compare as values do in ascending order. Whether there is one.
pub(crate) fn write_cell(collation: &Collation, cell: &Cell<'_>, key: &mut Vec<u8>) -> bool {
    match cell {
        Cell::Empty => key.push(EMPTY),
        Cell::Number(number) => {
            key.push(NUMBER);
            key.extend_from_slice(&ascending(*number).to_be_bytes());
        }
        Cell::Text(text) => {
            key.push(TEXT);
            collation.write_key(text, key);
        }
        Cell::Bool(truth) => key.extend_from_slice(&[TRUTH, u8::from(*truth)]),
        Cell::Date(_) | Cell::LocalDateTime(_) | Cell::Instant(_) => {
            key.push(TIME);
            let micros = micros(cell).unwrap_or_default();
            key.extend_from_slice(&(micros.cast_unsigned() ^ (1 << 63)).to_be_bytes());
        }
    }
    *cell != Cell::Empty
}

/// The position at the end of a key.
pub(crate) fn position(key: &[u8]) -> Option<u64> {
    key.last_chunk::<POSITION>().map(|bytes| u64::from_be_bytes(*bytes))
}

/// A whole number whose order is that of the numbers.
fn ascending(number: f64) -> u64 {
    let bits = number.to_bits();
    if bits >> 63 == 0 { bits | (1 << 63) } else { !bits }
}

/// A time as microseconds since 1970-01-01 00:00; a day is its begin. `None` for other values.
pub(crate) fn micros(cell: &Cell<'_>) -> Option<i64> {
    match cell {
        Cell::Date(days) => Some(i64::from(*days).saturating_mul(DAY_MICROS)),
        Cell::LocalDateTime(micros) | Cell::Instant(micros) => Some(*micros),
        Cell::Empty | Cell::Bool(_) | Cell::Number(_) | Cell::Text(_) => None,
    }
}

/// How two values compare in ascending order; equal times of different kinds are apart, so that no two values are alike.
pub(crate) fn compare(collation: &Collation, one: &Cell<'_>, other: &Cell<'_>) -> Ordering {
    match (one, other) {
        (Cell::Number(one), Cell::Number(other)) => one.total_cmp(other),
        (Cell::Text(one), Cell::Text(other)) => collation.compare(one, other),
        (Cell::Bool(one), Cell::Bool(other)) => one.cmp(other),
        (one, other) => (rank(one).0, micros(one), rank(one).1).cmp(&(
            rank(other).0,
            micros(other),
            rank(other).1,
        )),
    }
}

/// Whether the cell has a value, and it is on that side of the bound so far.
pub(crate) fn is_beyond(
    collation: &Collation,
    cell: &Cell<'_>,
    bound: Option<&Value>,
    side: Ordering,
) -> bool {
    match (cell, bound) {
        (Cell::Empty, _) => false,
        (_, None) => true,
        // A text is compared where it is: this runs for each row.
        (Cell::Text(text), Some(Value::Text(bound))) => collation.compare(text, bound) == side,
        (_, Some(bound)) => compare(collation, cell, &Cell::from(bound.clone())) == side,
    }
}

fn rank(cell: &Cell<'_>) -> (u8, u8) {
    match cell {
        Cell::Number(_) => (NUMBER, 0),
        Cell::Date(_) => (TIME, 0),
        Cell::LocalDateTime(_) => (TIME, 1),
        Cell::Instant(_) => (TIME, 2),
        Cell::Text(_) => (TEXT, 0),
        Cell::Bool(_) => (TRUTH, 0),
        Cell::Empty => (EMPTY, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_positions_keep_their_order() {
        let numbers = [f64::MIN, -1.5, -f64::MIN_POSITIVE, 0.0, 5e-324, 1.0, f64::MAX];
        assert!(numbers.map(ascending).is_sorted());
        assert_eq!(position(&[1, 0, 0, 0, 0, 0, 0, 1, 2]), Some(258));
        assert_eq!(position(&[1, 2]), None);
    }
}
