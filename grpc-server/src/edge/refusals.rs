//! The log of what is refused on purpose: a few lines, however often a caller tries.
//!
//! Not the answer to the caller (`errors`). Invariant: at most [`LINES`] are written, and the next line states how
//! many were left out.

use std::fmt::Display;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use model::allowance::{Bucket, Rate};

const LINES: Rate = Rate { burst: 20, one_each: Duration::from_secs(5) };

static LOG: LazyLock<Mutex<Log>> = LazyLock::new(|| Mutex::new(Log::new(Instant::now())));

#[derive(Debug)]
struct Log {
    lines: Bucket,
    left_out: u64,
}

impl Log {
    fn new(now: Instant) -> Self {
        Self { lines: Bucket::full(LINES, now), left_out: 0 }
    }

    /// Whether a line may be written; then the number of those that were left out before it.
    fn line(&mut self, now: Instant) -> Option<u64> {
        if self.lines.take(now).is_err() {
            self.left_out += 1;
            return None;
        }
        Some(std::mem::take(&mut self.left_out))
    }
}

/// Whether a line about a refusal may be written; then how many were left out before it.
pub(crate) fn line() -> Option<u64> {
    // Counters: after a panic elsewhere they are still valid counts.
    LOG.lock().unwrap_or_else(PoisonError::into_inner).line(Instant::now())
}

/// Logs that something from a network was refused.
pub(crate) fn log(what: &str, network: &dyn Display) {
    if let Some(left_out) = line() {
        tracing::warn!(what, %network, left_out, "refused: too many");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_writes_few_lines_and_their_number_is_known() {
        let start = Instant::now();
        let mut log = Log::new(start);
        let written = (0..10_000).filter(|_| log.line(start).is_some()).count();
        assert_eq!(written, LINES.burst as usize);
        assert_eq!(log.line(start + LINES.one_each), Some(10_000 - u64::from(LINES.burst)));
    }
}
