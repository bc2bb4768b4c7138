//! What one pass finds about the values of a column: how many, the least and the greatest, and the sum.
//!
//! Invariant: two values at most are kept, whatever the rows.

use std::cmp::Ordering;

use ot_engine::Value;
use tables::Cell;

use super::sum::Sum;
use crate::order::collation::Collation;
use crate::order::{is_beyond, micros};

/// The facts of the rows so far.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) rows: u64,
    pub(super) empty: u64,
    pub(super) least: Option<Value>,
    pub(super) greatest: Option<Value>,
    /// The least and the greatest number, and the sum.
    pub(super) numbers: Option<(f64, f64)>,
    sum: Sum,
    /// The least and the greatest time in microseconds, and of which kinds they are.
    pub(super) times: Option<(i64, i64)>,
    pub(super) kinds: TimeKinds,
}

/// The kinds of the times of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TimeKinds {
    pub(super) has_instants: bool,
    pub(super) has_locals: bool,
}

impl Facts {
    pub(super) fn add(&mut self, collation: &Collation, cell: &Cell<'_>) {
        self.rows += 1;
        match cell {
            Cell::Empty => {
                self.empty += 1;
                return;
            }
            Cell::Number(number) => {
                self.sum.add(*number);
                self.numbers = Some(within(self.numbers, *number, f64::min, f64::max));
            }
            Cell::Date(_) | Cell::LocalDateTime(_) | Cell::Instant(_) => {
                self.kinds.has_instants |= matches!(cell, Cell::Instant(_));
                self.kinds.has_locals |= matches!(cell, Cell::LocalDateTime(_));
                let micros = micros(cell).unwrap_or_default();
                self.times = Some(within(self.times, micros, i64::min, i64::max));
            }
            Cell::Text(_) | Cell::Bool(_) => {}
        }
        self.bound(collation, cell);
    }

    fn bound(&mut self, collation: &Collation, cell: &Cell<'_>) {
        if is_beyond(collation, cell, self.least.as_ref(), Ordering::Less) {
            self.least = Some(cell.clone().into());
        }
        if is_beyond(collation, cell, self.greatest.as_ref(), Ordering::Greater) {
            self.greatest = Some(cell.clone().into());
        }
    }

    /// Adds the facts of other rows.
    pub(super) fn join(&mut self, collation: &Collation, other: Self) {
        self.rows += other.rows;
        self.empty += other.empty;
        self.sum.join(other.sum);
        if let Some((least, greatest)) = other.numbers {
            let least = within(self.numbers, least, f64::min, f64::max);
            self.numbers = Some(within(Some(least), greatest, f64::min, f64::max));
        }
        if let Some((least, greatest)) = other.times {
            let least = within(self.times, least, i64::min, i64::max);
            self.times = Some(within(Some(least), greatest, i64::min, i64::max));
        }
        self.kinds.has_instants |= other.kinds.has_instants;
        self.kinds.has_locals |= other.kinds.has_locals;
        for value in other.least.into_iter().chain(other.greatest) {
            self.bound(collation, &value.into());
        }
    }

    /// The sum of the numbers; `None` without numbers.
    pub(super) fn sum(&self) -> Option<f64> {
        self.numbers.map(|_| self.sum.total())
    }
}

fn within<T: Copy>(
    known: Option<(T, T)>,
    value: T,
    least: fn(T, T) -> T,
    greatest: fn(T, T) -> T,
) -> (T, T) {
    known.map_or((value, value), |(low, high)| (least(low, value), greatest(high, value)))
}
