//! The percentile that tests and measurements report.
//!
//! Not a histogram: it sorts all durations. Invariant: the result is one of the durations.

use std::time::Duration;

/// The duration that 99 of 100 are not above; zero without any.
#[must_use]
pub fn p99(durations: impl IntoIterator<Item = Duration>) -> Duration {
    let mut sorted: Vec<Duration> = durations.into_iter().collect();
    sorted.sort_unstable();
    let rank = (sorted.len() * 99).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}
