//! Days and times as ranges of microseconds.
//!
//! Invariant: a range has both of its ends; a day is all of its times.

use std::ops::RangeInclusive;

use model::Comparison;

use crate::order::DAY_MICROS;

/// Ranges of times.
#[derive(Clone, Debug, Default)]
pub(super) struct Times(Vec<RangeInclusive<i64>>);

impl Times {
    /// Those that compare so with a time.
    pub(super) fn compared(comparison: Comparison, micros: i64) -> Self {
        Self::beside(comparison, micros..=micros)
    }

    /// Those that compare so with a day.
    pub(super) fn of_day(comparison: Comparison, days: i32) -> Self {
        Self::beside(comparison, day(days))
    }

    /// Those that compare so with a range: no time of it is before it or after it.
    fn beside(comparison: Comparison, range: RangeInclusive<i64>) -> Self {
        let (least, greatest) = range.into_inner();
        Self(match comparison {
            Comparison::Less => {
                least.checked_sub(1).map(|end| i64::MIN..=end).into_iter().collect()
            }
            Comparison::LessOrEqual => vec![i64::MIN..=greatest],
            Comparison::Greater => {
                greatest.checked_add(1).map(|begin| begin..=i64::MAX).into_iter().collect()
            }
            Comparison::GreaterOrEqual => vec![least..=i64::MAX],
        })
    }

    pub(super) fn add(&mut self, micros: i64) {
        self.0.push(micros..=micros);
    }

    pub(super) fn add_day(&mut self, days: i32) {
        self.0.push(day(days));
    }

    /// Sorts and joins the ranges, which [`Self::passes`] looks up.
    pub(super) fn sort(&mut self) {
        self.0.sort_unstable_by_key(|range| *range.start());
        let mut joined: Vec<RangeInclusive<i64>> = Vec::with_capacity(self.0.len());
        for range in self.0.drain(..) {
            match joined.last_mut() {
                Some(last) if range.start() <= last.end() => {
                    *last = *last.start()..=*last.end().max(range.end());
                }
                _ => joined.push(range),
            }
        }
        self.0 = joined;
    }

    pub(super) fn passes(&self, micros: i64) -> bool {
        self.may_pass(micros, micros)
    }

    /// Whether a time between these two may pass.
    pub(super) fn may_pass(&self, least: i64, greatest: i64) -> bool {
        // The ranges are apart: of those that do not end before, the first one begins first.
        let at = self.0.partition_point(|range| *range.end() < least);
        self.0.get(at).is_some_and(|range| *range.start() <= greatest)
    }
}

fn day(days: i32) -> RangeInclusive<i64> {
    let begin = i64::from(days).saturating_mul(DAY_MICROS);
    begin..=begin.saturating_add(DAY_MICROS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_a_day_is_neither_before_nor_after_it() {
        let noon = DAY_MICROS / 2;
        let passes = |comparison, micros| Times::of_day(comparison, 0).passes(micros);
        assert!(!passes(Comparison::Less, noon) && !passes(Comparison::Greater, noon));
        assert!(passes(Comparison::LessOrEqual, noon) && passes(Comparison::GreaterOrEqual, noon));
        assert!(passes(Comparison::Less, -1) && passes(Comparison::Greater, DAY_MICROS));
    }

    #[test]
    fn ranges_that_overlap_are_one() {
        let mut times = Times::default();
        times.add_day(1);
        times.add(DAY_MICROS + 5);
        times.add(-7);
        times.sort();
        assert_eq!(times.0.len(), 2);
        assert!(times.passes(-7) && times.passes(2 * DAY_MICROS - 1) && !times.passes(0));
        assert!(times.may_pass(-100, 0) && !times.may_pass(-6, 5));
    }
}
