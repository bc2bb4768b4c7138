//! How many requests are sent in a second, and pauses that an API asks for.
//!
//! Not the requests. Invariant: two requests are apart by the interval at least, also those of different keys; a pause holds for all.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// The pace of the requests of one enrichment.
#[derive(Debug)]
pub(super) struct Pace {
    interval: Duration,
    /// When the next request may be sent.
    next: Mutex<Instant>,
}

impl Pace {
    /// So many requests in a second.
    pub(super) fn new(per_second: u32) -> Self {
        let interval = Duration::from_secs(1) / per_second.max(1);
        Self { interval, next: Mutex::new(Instant::now()) }
    }

    /// Waits until a request may be sent.
    pub(super) async fn turn(&self) {
        loop {
            let at = *self.next.lock().unwrap_or_else(PoisonError::into_inner);
            sleep_until(at).await;
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            // Another request, or a pause, may have come before.
            if now >= *next {
                *next = now + self.interval;
                return;
            }
        }
    }

    /// Sends nothing for a while.
    pub(super) fn pause(&self, wait: Duration) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        *next = (*next).max(Instant::now() + wait);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn requests_are_apart_and_a_pause_holds_for_all() {
        let (pace, begun) = (Pace::new(10), Instant::now());
        for number in 0..3 {
            pace.turn().await;
            assert!(begun.elapsed() >= Duration::from_millis(100) * number, "{number}");
        }
        pace.pause(Duration::from_secs(7));
        let paused = Instant::now();
        tokio::join!(pace.turn(), pace.turn());
        let waited = paused.elapsed();
        assert!(waited >= Duration::from_millis(7_100), "{waited:?}");
        assert!(waited < Duration::from_millis(7_300), "{waited:?}");
    }
}
