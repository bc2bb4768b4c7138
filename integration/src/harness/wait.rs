//! Waiting for something to happen, with an end to patience.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

/// How long a test waits for something that should happen soon; generous, for a busy machine.
pub const DEADLINE: Duration = Duration::from_secs(60);
/// How often a condition is looked at that tells nobody when it changes.
const LOOK_INTERVAL: Duration = Duration::from_millis(10);

/// Waits for a future.
///
/// # Panics
/// When it takes longer than [`DEADLINE`]; `what` is told.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match timeout(DEADLINE, future).await {
        Ok(value) => value,
        Err(_) => panic!("{what}: not within {DEADLINE:?}"),
    }
}

/// Asks again and again until there is an answer. For conditions that tell nobody when they change;
/// where there is an event, wait for that.
///
/// # Panics
/// When it takes longer than [`DEADLINE`]; `what` is told.
pub async fn eventually<T, F>(what: &str, mut condition: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let give_up = Instant::now() + DEADLINE;
    let mut looks = interval(LOOK_INTERVAL);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        if let Some(value) = condition().await {
            return value;
        }
        assert!(Instant::now() < give_up, "{what}: not within {DEADLINE:?}");
    }
}
