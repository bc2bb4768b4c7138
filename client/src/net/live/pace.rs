//! Keeps a session within the server's rate of edits, so that none is refused for coming too fast.
//! Edits that wait meanwhile are joined into fewer, so a fast writer is slowed in edits, not in cells.

use std::time::Duration;

use gridloom::v1::Limits;
use tokio::time::Instant;

/// The part of the server's burst that is used. The rest absorbs what the network bunches together.
const BURST_USED: f64 = 0.9;

/// A token bucket, as the server keeps one for each session.
#[derive(Debug)]
pub(super) struct Pace {
    edits: f64,
    at: Instant,
    /// Edits a second; no limit when 0.
    rate: f64,
    burst: f64,
}

impl Pace {
    pub(super) fn unlimited() -> Self {
        Self { edits: 0.0, at: Instant::now(), rate: 0.0, burst: 0.0 }
    }

    /// The pace of a session that begins now.
    pub(super) fn of_session(limits: Option<&Limits>) -> Self {
        let Some(limits) = limits else { return Self::unlimited() };
        let burst = (f64::from(limits.edits_burst) * BURST_USED).floor().max(1.0);
        let rate = f64::from(limits.edits_per_second);
        Self { edits: burst, at: Instant::now(), rate, burst }
    }

    /// How many edits may go now.
    pub(super) fn allowed(&mut self) -> usize {
        if self.rate == 0.0 {
            return usize::MAX;
        }
        let now = Instant::now();
        let earned = (now - self.at).as_secs_f64() * self.rate;
        self.edits = (self.edits + earned).min(self.burst);
        self.at = now;
        // At least 0; the fraction is on its way to the next edit.
        self.edits as usize
    }

    pub(super) fn spend(&mut self, edits: usize) {
        if self.rate > 0.0 {
            self.edits -= edits as f64;
        }
    }

    /// When the next edit may go, if it may not now.
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
    async fn edits_go_in_a_burst_and_then_at_the_rate() {
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
