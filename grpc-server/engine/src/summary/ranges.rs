//! Ranges of equal width over the numbers of a column or over its times.
//!
//! Invariants: the bounds ascend, and the last range has its end; ranges over days have whole days.

use ot_engine::Value;
use tables::Cell;

use super::facts::{Facts, TimeKinds};
use crate::order::{DAY_MICROS, micros};

/// The most ranges.
const RANGES: u8 = 20;

/// Ranges, and how many rows have a value in each.
pub(super) struct Ranges {
    bounds: Bounds,
    rows: Vec<u64>,
}

enum Bounds {
    None,
    Numbers(Vec<f64>),
    Times(Vec<i64>, TimeKinds),
}

impl Ranges {
    pub(super) fn new(facts: &Facts) -> Self {
        let bounds = match (facts.numbers, facts.times) {
            (Some((least, greatest)), _) if least < greatest => {
                Bounds::Numbers(of_numbers(least, greatest))
            }
            (None, Some((least, greatest))) if least < greatest => {
                let is_of_days = facts.kinds == TimeKinds::default();
                let step = if is_of_days { DAY_MICROS } else { 1 };
                Bounds::Times(of_times(least, greatest, step), facts.kinds)
            }
            _ => Bounds::None,
        };
        let bounds_of = match &bounds {
            Bounds::None => 0,
            Bounds::Numbers(bounds) => bounds.len(),
            Bounds::Times(bounds, _) => bounds.len(),
        };
        Self { bounds, rows: vec![0; bounds_of.saturating_sub(1)] }
    }

    /// So many rows have this value.
    pub(super) fn add(&mut self, cell: &Cell<'_>, rows: u64) {
        let at = match (&self.bounds, cell) {
            (Bounds::Numbers(bounds), Cell::Number(number)) => {
                bounds.partition_point(|bound| bound <= number)
            }
            (Bounds::Times(bounds, _), cell) => {
                let Some(micros) = micros(cell) else { return };
                bounds.partition_point(|bound| *bound <= micros)
            }
            _ => return,
        };
        // The end of the last range belongs to it.
        let at = at.saturating_sub(1).min(self.rows.len().saturating_sub(1));
        if let Some(range) = self.rows.get_mut(at) {
            *range += rows;
        }
    }

    pub(super) fn finish(self) -> Vec<(Value, Value, u64)> {
        let bounds: Vec<Value> = match self.bounds {
            Bounds::None => Vec::new(),
            Bounds::Numbers(bounds) => bounds.into_iter().map(Value::from).collect(),
            Bounds::Times(bounds, kinds) => {
                bounds.into_iter().map(|micros| time(micros, kinds)).collect()
            }
        };
        let ranges = bounds.iter().zip(bounds.iter().skip(1)).zip(self.rows);
        ranges.map(|((from, to), rows)| (from.clone(), to.clone(), rows)).collect()
    }
}

fn of_numbers(least: f64, greatest: f64) -> Vec<f64> {
    let bound = |at: u8| {
        let part = f64::from(at) / f64::from(RANGES);
        match at {
            0 => least,
            RANGES => greatest,
            // Not by the width, which may be beyond all doubles.
            _ => least * (1.0 - part) + greatest * part,
        }
    };
    let mut bounds: Vec<f64> = Vec::new();
    for bound in (0..=RANGES).map(bound) {
        // Between numbers that are beside each other are no others.
        let is_further = bounds.last().is_none_or(|last| *last < bound) && bound <= greatest;
        if is_further {
            bounds.push(bound);
        }
    }
    bounds
}

/// Bounds whose width is a multiple of `step`.
fn of_times(least: i64, greatest: i64, step: i64) -> Vec<i64> {
    let steps = (greatest.saturating_sub(least) / step).max(1);
    let ranges = i64::from(RANGES);
    let width = (steps / ranges + i64::from(steps % ranges != 0)).saturating_mul(step);
    let count = steps.saturating_mul(step).saturating_add(width - 1) / width;
    (0..=count).map(|at| least.saturating_add(width.saturating_mul(at))).collect()
}

fn time(micros: i64, kinds: TimeKinds) -> Value {
    if kinds.has_instants {
        return Value::Instant(micros);
    }
    let days = i32::try_from(micros.div_euclid(DAY_MICROS));
    match days {
        Ok(days) if !kinds.has_locals => Value::Date(days),
        _ => Value::LocalDateTime(micros),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_ascend_from_the_least_to_the_greatest() {
        for (least, greatest) in [(0.0, 1.0), (f64::MIN, f64::MAX), (1.0, 1.0_f64.next_up())] {
            let bounds = of_numbers(least, greatest);
            assert!(bounds.is_sorted_by(|one, other| one < other), "{bounds:?}");
            assert!(bounds.len() <= 21 && bounds.first() == Some(&least));
            assert_eq!(bounds.last(), Some(&greatest));
        }
    }

    #[test]
    fn ranges_of_days_are_whole_days() {
        let bounds = of_times(0, 30 * DAY_MICROS, DAY_MICROS);
        assert_eq!((bounds.len(), bounds[1], bounds[15]), (16, 2 * DAY_MICROS, 30 * DAY_MICROS));
        assert_eq!(of_times(5, 6, 1), [5, 6]);
        assert_eq!(of_times(0, 3 * DAY_MICROS, DAY_MICROS).len(), 4);
    }
}
