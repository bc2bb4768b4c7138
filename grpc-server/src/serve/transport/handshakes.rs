//! The handshakes under way: how many there are, how long each may take, and the log of those that failed.
//!
//! Not TLS itself. Invariant: at most [`HANDSHAKES`] are under way, and a new one is never refused: the oldest ends,
//! which in an attack is one that waits for a silent client.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use model::limits::edge::{HANDSHAKE_WITHIN, HANDSHAKES};

/// The shortest time between two lines in the log.
const LOG_EVERY: Duration = Duration::from_secs(10);

/// The handshakes of one port.
#[derive(Debug, Default)]
pub(super) struct Handshakes {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// In the order of their start.
    under_way: BTreeMap<u64, CancellationToken>,
    started: u64,
    logged: Option<Instant>,
    /// Failures since the last line.
    unlogged: u64,
}

/// A handshake's place; dropping it frees the place.
struct Place<'a> {
    handshakes: &'a Handshakes,
    number: u64,
    ended: CancellationToken,
}

impl Handshakes {
    /// Does a handshake within its time.
    pub(super) async fn run<T>(
        &self,
        handshake: impl Future<Output = io::Result<T>>,
    ) -> io::Result<T> {
        let place = self.begin();
        let within = timeout(HANDSHAKE_WITHIN, place.ended.run_until_cancelled(handshake));
        match within.await {
            Ok(Some(done)) => done,
            Ok(None) => Err(io::Error::other("too many handshakes began after it")),
            Err(_) => Err(io::Error::other("it took too long")),
        }
    }

    /// Logs a connection without a handshake; the lines are rare however many there are.
    pub(super) fn refused(&self, peer: SocketAddr, why: &dyn Display) {
        let mut state = self.lock();
        if state.logged.is_some_and(|at| at.elapsed() < LOG_EVERY) {
            state.unlogged += 1;
            return;
        }
        state.logged = Some(Instant::now());
        let others = std::mem::take(&mut state.unlogged);
        drop(state);
        tracing::warn!(%peer, %why, others, "TLS handshake failed");
    }

    fn begin(&self) -> Place<'_> {
        let mut state = self.lock();
        if state.under_way.len() >= HANDSHAKES
            && let Some((_, oldest)) = state.under_way.pop_first()
        {
            oldest.cancel();
        }
        state.started += 1;
        let (number, ended) = (state.started, CancellationToken::new());
        state.under_way.insert(number, ended.clone());
        Place { handshakes: self, number, ended }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code panics under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.handshakes.lock().under_way.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::Arc;

    use futures_util::future::join_all;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn silent_handshakes_end_and_keep_no_other_out() {
        let handshakes = Arc::new(Handshakes::default());
        let silent = (0..HANDSHAKES + 100).map(|_| handshakes.run::<()>(pending()));
        let mut silent = Box::pin(join_all(silent));
        assert!(futures_util::poll!(silent.as_mut()).is_pending());
        assert_eq!(handshakes.lock().under_way.len(), HANDSHAKES);
        let honest = handshakes.run(async { Ok(7) }).await;
        assert_eq!(honest.ok(), Some(7));
        let begun = Instant::now();
        let ends = silent.await.into_iter().map(|end| end.expect_err("is silent").to_string());
        let ends: Vec<String> = ends.collect();
        assert!(begun.elapsed() <= HANDSHAKE_WITHIN);
        let count = |text: &str| ends.iter().filter(|end| end.contains(text)).count();
        assert_eq!((count("began after"), count("too long")), (101, HANDSHAKES - 1));
        assert!(handshakes.lock().under_way.is_empty(), "nothing is left of them");
    }

    #[tokio::test(start_paused = true)]
    async fn failures_are_logged_at_intervals_and_none_is_uncounted() {
        let handshakes = Handshakes::default();
        let peer = SocketAddr::from(([127, 0, 0, 1], 1));
        for _ in 0..1_000 {
            handshakes.refused(peer, &"a test");
        }
        assert_eq!(handshakes.lock().unlogged, 999);
        tokio::time::advance(LOG_EVERY).await;
        handshakes.refused(peer, &"a test");
        assert_eq!(handshakes.lock().unlogged, 0);
    }
}
