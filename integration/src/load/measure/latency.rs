//! A histogram of durations.
//!
//! Not a list of them: memory is constant. Invariant: each duration counts with an error of at most 0.1 %.

use std::fmt;

use hdrhistogram::Histogram;
use serde::Serialize;

use super::clock::{Ticks, to_micros};

/// The longest duration that is counted as itself, in ticks: ten minutes. A longer one counts as this.
const LONGEST_TICKS: Ticks = 600 * 10_000_000;
/// Significant digits of each duration.
const DIGITS: u8 = 3;

/// Durations, counted.
#[derive(Clone, Debug)]
pub(crate) struct Latencies {
    counts: Option<Histogram<u64>>,
}

/// The usual two figures, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Percentiles {
    /// Half of the durations were at most this long.
    pub p50: f64,
    /// All but one in a hundred were at most this long.
    pub p99: f64,
}

impl Latencies {
    pub(crate) fn new() -> Self {
        // The bounds are constants that it accepts.
        Self { counts: Histogram::new_with_bounds(1, LONGEST_TICKS, DIGITS).ok() }
    }

    pub(crate) fn record(&mut self, length: Ticks) {
        if let Some(counts) = &mut self.counts {
            counts.saturating_record(length.max(1));
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        if let (Some(counts), Some(others)) = (&mut self.counts, &other.counts) {
            // The same bounds on both sides: nothing can be out of range.
            let _ = counts.add(others);
        }
    }

    pub(crate) fn percentiles(&self) -> Percentiles {
        let at = |quantile| match &self.counts {
            Some(counts) if !counts.is_empty() => to_micros(counts.value_at_quantile(quantile)),
            _ => 0.0,
        };
        Percentiles { p50: at(0.5), p99: at(0.99) }
    }
}

/// One line of a report: a name, a rate if it has one, and percentiles.
pub(crate) fn row(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    rate: Option<f64>,
    us: Percentiles,
) -> fmt::Result {
    let rate = rate.map(|rate| format!("{rate:.0} /s")).unwrap_or_default();
    writeln!(f, "{name:<10}{rate:>14}   p50 {:>10.1} us   p99 {:>10.1} us", us.p50, us.p99)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_the_ranks_of_what_was_recorded() {
        let mut odd = Latencies::new();
        let mut even = Latencies::new();
        for micros in 1..=100 {
            // Ten ticks are a microsecond.
            let half = if micros % 2 == 0 { &mut even } else { &mut odd };
            half.record(micros * 10);
        }
        odd.add(&even);
        assert_eq!(odd.percentiles(), Percentiles { p50: 50.0, p99: 99.0 });
    }

    #[test]
    fn extremes_are_counted_and_none_is_zero() {
        let mut latencies = Latencies::new();
        assert_eq!(latencies.percentiles(), Percentiles::default());
        latencies.record(0);
        assert_eq!(latencies.percentiles().p50, 0.1);
        (0..3).for_each(|_| latencies.record(Ticks::MAX));
        let longest = to_micros(LONGEST_TICKS);
        assert!((latencies.percentiles().p50 / longest - 1.0).abs() < 0.001);
    }
}
