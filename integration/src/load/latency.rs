//! A histogram of lengths of time.

use hdrhistogram::Histogram;
use serde::Serialize;

use super::clock::{Ticks, to_micros};

/// The longest length that is told apart, in ticks: ten minutes.
const LONGEST_TICKS: Ticks = 600 * 10_000_000;
/// Digits that are kept.
const DIGITS: u8 = 3;

/// Lengths of time, counted.
#[derive(Clone, Debug)]
pub(super) struct Latencies {
    counts: Option<Histogram<u64>>,
}

/// The usual two figures, in microseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Percentiles {
    /// Half of them were at most this long.
    pub p50: f64,
    /// All but one in a hundred were at most this long.
    pub p99: f64,
}

impl Latencies {
    pub(super) fn new() -> Self {
        // The bounds are constants that it accepts.
        Self { counts: Histogram::new_with_bounds(1, LONGEST_TICKS, DIGITS).ok() }
    }

    pub(super) fn record(&mut self, length: Ticks) {
        if let Some(counts) = &mut self.counts {
            counts.saturating_record(length.max(1));
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        if let (Some(counts), Some(others)) = (&mut self.counts, &other.counts) {
            // The same bounds on both sides: nothing can be out of range.
            let _ = counts.add(others);
        }
    }

    pub(super) fn percentiles(&self) -> Percentiles {
        let at = |quantile| match &self.counts {
            Some(counts) if !counts.is_empty() => to_micros(counts.value_at_quantile(quantile)),
            _ => 0.0,
        };
        Percentiles { p50: at(0.5), p99: at(0.99) }
    }
}
