//! One connection as the server knows it: when it last did something, and whether it has shown a token.
//!
//! Not its socket (`connections`), what it holds (`bytes`), nor which one is closed for another (`table`). Invariant: a
//! connection with a call under way is not idle.

mod accounts;
pub(super) mod bytes;
pub(super) mod sums;
pub(super) mod table;

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use self::accounts::{Accounts, Place};
use self::sums::{MakeRoom, Own, Sums};
use crate::edge::auth::TokenShown;
use model::AccountId;
use model::limits::edge::{IDLE_WITH_TOKEN, IDLE_WITHOUT_TOKEN};

/// How many connections there may be, and what they may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Connections of the server.
    pub(super) connections: usize,
    /// Those of one network; 0 for no bound of a network at all.
    pub(super) of_network: usize,
    /// Bytes of requests and answers of one connection, and of those with a token of one network and of the server.
    pub(super) held_of_connection: usize,
    pub(super) held_of_network: usize,
    pub(super) held_of_server: usize,
    /// Those of the connections without a token, of one network and of the server.
    pub(super) strangers_of_network: usize,
    pub(super) strangers_of_server: usize,
}

/// A connection.
#[derive(Debug)]
pub(super) struct Peer {
    /// `None` for a connection of a proxy itself.
    network: Option<IpAddr>,
    bounds: Arc<Bounds>,
    table: Weak<dyn MakeRoom>,
    accounts: Arc<Accounts>,
    /// Among the connections of its account, once it has shown a token.
    place: OnceLock<Place>,
    /// The bytes that its client may send ahead.
    pub(super) window: u32,
    token: TokenShown,
    /// When a request, a part of one, or a part of an answer passed last. Pings are nothing.
    active: Mutex<Instant>,
    calls: AtomicUsize,
    own: Mutex<Own>,
    of_network: Arc<Sums>,
    of_server: Arc<Sums>,
    /// Bytes were given back, or a call has ended.
    less: Notify,
    end: CancellationToken,
}

impl Peer {
    /// Whether the connection has shown a valid token.
    pub(super) fn token(&self) -> &TokenShown {
        &self.token
    }

    /// The account of its first valid token.
    fn account(&self) -> Option<AccountId> {
        self.token.account()
    }

    /// Notes that something passed.
    pub(super) fn touch(&self) {
        // A single assignment, so a poisoned lock is whole.
        *self.active.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn active(&self) -> Instant {
        *self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Resolves when the connection is closed for another one.
    pub(super) async fn ended(&self) {
        self.end.cancelled().await;
    }

    /// Resolves when no call is under way and nothing has passed for too long, whatever pings were answered.
    pub(super) async fn idle(&self) {
        self.silent(|| {
            let within = if self.token.is_shown() { IDLE_WITH_TOKEN } else { IDLE_WITHOUT_TOKEN };
            self.active() + within
        })
        .await;
    }

    /// Resolves when for so long, from now on, no call is under way and nothing passes.
    pub(super) async fn silent_for(&self, within: Duration) {
        let begun = Instant::now();
        self.silent(|| begun.max(self.active()) + within).await;
    }

    /// Resolves at an end that may move, unless a call is under way.
    async fn silent(&self, end: impl Fn() -> Instant) {
        loop {
            sleep_until(end()).await;
            // Before the count is read: a call that ends in between is noticed.
            let less = self.less.notified();
            if self.calls.load(Ordering::Relaxed) > 0 {
                less.await;
            } else if end() <= Instant::now() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests;
