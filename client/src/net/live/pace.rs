//! Limits a session to the server's rate of edits, so that the server refuses none for its rate.
//!
//! It queues nothing: waiting cell edits are joined in the replica, so a fast writer sends fewer edits with as
//! many cells.
//!
//! Invariant: the rate never exceeds the server's token bucket.

use std::time::Duration;

use gridloom::v1::Limits;
use tokio::time::Instant;

/// The used part of the server's burst. The rest absorbs edits that the network delivers at once.
const BURST_USED: f64 = 0.9;

/// A token bucket, like the server's for each session.
#[derive(Debug)]
pub(super) struct Pace {
    edits: f64,
    at: Instant,
    /// Edits per second; 0 means no limit.
    rate: f64,
    burst: f64,
}

impl Pace {
    pub(super) fn unlimited() -> Self {
        Self { edits: 0.0, at: Instant::now(), rate: 0.0, burst: 0.0 }
    }

    /// The pace of a new session.
    pub(super) fn of_session(limits: Option<&Limits>) -> Self {
        let Some(limits) = limits else { return Self::unlimited() };
        let burst = (f64::from(limits.edits_burst) * BURST_USED).floor().max(1.0);
        let rate = f64::from(limits.edits_per_second);
        Self { edits: burst, at: Instant::now(), rate, burst }
    }

    /// Number of edits that may be sent now.
    pub(super) fn allowed(&mut self) -> usize {
        if self.rate == 0.0 {
            return usize::MAX;
        }
        let now = Instant::now();
        let earned = (now - self.at).as_secs_f64() * self.rate;
        self.edits = (self.edits + earned).min(self.burst);
        self.at = now;
        // At least 0. The fraction counts towards the next edit.
        self.edits as usize
    }

    pub(super) fn spend(&mut self, edits: usize) {
        if self.rate > 0.0 {
            self.edits -= edits as f64;
        }
    }

    /// The time of the next allowed edit; `None` when one is allowed now.
    pub(super) fn next(&self) -> Option<Instant> {
        let missing = 1.0 - self.edits;
        let wait = (self.rate > 0.0 && missing > 0.0).then(|| missing / self.rate)?;
        Some(self.at + Duration::from_secs_f64(wait))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn edits_are_sent_in_a_burst_and_then_at_the_rate() {
        let limits = Limits { edits_per_second: 100, edits_burst: 50, ..Limits::default() };
        let mut pace = Pace::of_session(Some(&limits));
        assert_eq!((pace.allowed(), pace.next()), (45, None));
        pace.spend(45);
        assert_eq!(pace.allowed(), 0);
        let next = pace.next().expect("not now");
        tokio::time::sleep_until(next + Duration::from_millis(1)).await;
        assert_eq!(pace.allowed(), 1);
        tokio::time::advance(Duration::from_secs(9)).await;
        assert_eq!(pace.allowed(), 45);
    }
}
