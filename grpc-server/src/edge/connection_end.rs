//! The end of the connection that a call came on: what a client began over several calls can end with it.
//!
//! Not when a connection ends (`serve`). Invariant: a call that another server passes on has none.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// Ends with a connection. Cheap to clone; each request of the connection has it among its extensions.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionEnd {
    token: CancellationToken,
    ended: Arc<OnceLock<Instant>>,
}

/// The connection is there until this is dropped.
#[derive(Debug)]
pub(crate) struct ConnectionGuard(ConnectionEnd);

impl Drop for ConnectionGuard {
    fn drop(&mut self) {
        self.0.ended.get_or_init(Instant::now);
        self.0.token.cancel();
    }
}

impl ConnectionEnd {
    /// The end of a new connection, which is there when the guard is dropped.
    pub(crate) fn of_new() -> (Self, ConnectionGuard) {
        let end = Self { token: CancellationToken::new(), ended: Arc::default() };
        (end.clone(), ConnectionGuard(end))
    }

    /// Resolves so long after the end of the connection, whenever the wait for it begins.
    pub(crate) async fn past(&self, time: Duration) {
        self.token.cancelled().await;
        let ended = *self.ended.get_or_init(Instant::now);
        sleep_until(ended + time).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_time_counts_from_the_end_of_the_connection() {
        let time = Duration::from_secs(6);
        let (end, guard) = ConnectionEnd::of_new();
        assert!(tokio::time::timeout(time, end.past(time)).await.is_err(), "it is there");
        drop(guard);
        let begun = Instant::now();
        end.past(time).await;
        assert_eq!(begun.elapsed(), time);
        // One that waits from then on does not begin again.
        end.past(time).await;
        assert_eq!(begun.elapsed(), time);
    }
}
