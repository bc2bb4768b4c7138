//! The least rate of a transfer that holds a connection to Postgres: a slow peer ends it, however evenly it is slow.
//!
//! Not here: what is transferred. Invariant: a transfer of `n` bytes has `allowance + n / LEAST_RATE` in all.

use std::time::Duration;

use tokio::time::Instant;

use model::limits::edge::LEAST_RATE;

/// The time that a transfer has.
#[derive(Debug)]
pub(super) struct Pace {
    begun: Instant,
    allowance: Duration,
    bytes: u64,
}

impl Pace {
    /// A transfer begins; `allowance` is its time without a byte.
    pub(super) fn begin(allowance: Duration) -> Self {
        Self { begun: Instant::now(), allowance, bytes: 0 }
    }

    /// Counts transferred bytes.
    pub(super) fn count(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
    }

    /// The bytes that were transferred.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The time that is left until further bytes must have been transferred.
    pub(super) fn left(&self) -> Duration {
        let earned = Duration::from_secs(self.bytes / LEAST_RATE);
        (self.allowance + earned).saturating_sub(self.begun.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_steady_but_slow_transfer_ends_and_a_fast_one_does_not() {
        let minute = Duration::from_secs(60);
        let (mut slow, mut fast) = (Pace::begin(minute), Pace::begin(minute));
        for _ in 0..120 {
            tokio::time::advance(Duration::from_secs(1)).await;
            slow.count(LEAST_RATE as usize / 8);
            fast.count(LEAST_RATE as usize);
        }
        assert_eq!(slow.left(), Duration::ZERO);
        assert_eq!(fast.left(), minute);
    }
}
