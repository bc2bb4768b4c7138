//! Waiting for a future or a condition, with a deadline.
//!
//! Not a sleep: each wait ends with its condition. Invariant: a wait beyond the deadline fails by name.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

/// How long a test waits for something that should happen soon; generous, for a busy machine.
pub const DEADLINE: Duration = Duration::from_secs(60);
/// The interval at which a condition without an event is polled.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// Waits for a future.
///
/// # Panics
/// When it takes longer than [`DEADLINE`]; the message holds `what`.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match timeout(DEADLINE, future).await {
        Ok(value) => value,
        Err(_) => panic!("{what}: not within {DEADLINE:?}"),
    }
}

/// Polls a condition until it has a value. For conditions without an event; where there is an event, wait for
/// that.
///
/// # Panics
/// When it takes longer than [`DEADLINE`]; the message holds `what`.
pub async fn eventually<T, F>(what: &str, mut condition: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let give_up = Instant::now() + DEADLINE;
    let mut polls = interval(POLL_INTERVAL);
    polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        polls.tick().await;
        if let Some(value) = condition().await {
            return value;
        }
        assert!(Instant::now() < give_up, "{what}: not within {DEADLINE:?}");
    }
}
