//! Time, and stamps: cell values that hold a time and the number of their writer.
//!
//! Not the time of day. Invariant: a stamp (ticks since the start of the process, and the number of the writer) is a
//! whole number below 2^53, so that a cell holds it exactly, and is written once.

use std::time::{Duration, Instant};

use crate::load::options::WRITERS_MAX;

/// Length of a tick.
const TICK_NANOS: u128 = 100;

/// A point in time or a duration, in ticks.
pub(crate) type Ticks = u64;

/// The clock that all clients share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now() }
    }

    pub(crate) fn now(self) -> Ticks {
        self.at(Instant::now())
    }

    pub(crate) fn at(self, instant: Instant) -> Ticks {
        to_ticks(instant.saturating_duration_since(self.start))
    }
}

/// A duration in ticks.
pub(crate) fn to_ticks(duration: Duration) -> Ticks {
    Ticks::try_from(duration.as_nanos() / TICK_NANOS).unwrap_or(Ticks::MAX)
}

/// Ticks as microseconds.
pub(crate) fn to_micros(ticks: Ticks) -> f64 {
    ticks as f64 * TICK_NANOS as f64 / 1000.0
}

/// The number that a writer puts into a cell.
pub(crate) fn stamp(at: Ticks, writer: u32) -> f64 {
    (at * u64::from(WRITERS_MAX) + u64::from(writer)) as f64
}

/// When a stamp was made.
pub(crate) fn stamped_at(stamp: f64) -> Ticks {
    stamp as u64 / u64::from(WRITERS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_holds_its_time_exactly() {
        // A day, in ticks.
        let at = 24 * 3600 * 10_000_000;
        assert_eq!(stamped_at(stamp(at, WRITERS_MAX - 1)), at);
        assert!(stamp(at, 1) < stamp(at, 2) && stamp(at, WRITERS_MAX - 1) < stamp(at + 1, 0));
    }
}
