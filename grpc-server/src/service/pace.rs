//! The least rate of a transfer that holds a place which others wait for: a slow peer ends it, however evenly it is slow.
//!
//! Not here: what is transferred. Invariants: a transfer of `n` bytes has `allowance + n / LEAST_RATE` in all; while
//! another account waits for its place it has `allowance + n / LEAST_RATE_WANTED`, and [`TRANSFER_WITHIN`] at most.

use std::time::Duration;

use tokio::time::Instant;

use model::limits::edge::{LEAST_RATE, LEAST_RATE_WANTED, TRANSFER_WITHIN};

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
        self.allowed(LEAST_RATE).saturating_sub(self.begun.elapsed())
    }

    /// The same while another account waits.
    pub(super) fn left_when_wanted(&self) -> Duration {
        let allowed = self.allowed(LEAST_RATE_WANTED).min(TRANSFER_WITHIN);
        allowed.saturating_sub(self.begun.elapsed())
    }

    /// The time that is left of this much in all, at any rate.
    pub(super) fn left_of(&self, most: Duration) -> Duration {
        most.saturating_sub(self.begun.elapsed())
    }

    fn allowed(&self, rate: u64) -> Duration {
        self.allowance + Duration::from_secs(self.bytes / rate)
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
        assert_eq!(
            fast.left_when_wanted(),
            Duration::ZERO,
            "it is slow for one that others wait for"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn where_others_wait_each_transfer_ends() {
        let mut fast = Pace::begin(Duration::from_secs(60));
        for _ in 0..TRANSFER_WITHIN.as_secs() {
            assert!(fast.left_when_wanted() > Duration::ZERO);
            tokio::time::advance(Duration::from_secs(1)).await;
            fast.count(100 << 20);
        }
        assert_eq!(fast.left_when_wanted(), Duration::ZERO);
        assert!(fast.left() > Duration::ZERO);
    }
}
