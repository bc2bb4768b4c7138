//! One connection as the server knows it: when it last did something, whether it has shown a token, and how many bytes
//! its requests and answers hold.
//!
//! Not its socket (`connections`), nor which one is closed for another (`table`). Invariant: a [`Charge`] is counted for
//! its connection, its network and the server, and given back when it is dropped.

pub(super) mod table;

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

use crate::edge::auth::TokenShown;
use crate::edge::errors::StatusBuilder;
use crate::edge::refusals;
use model::limits::edge::{IDLE_WITH_TOKEN, IDLE_WITHOUT_TOKEN, STRANGER_HELD_BYTES};

/// How many connections there may be, and what they may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Connections of the server.
    pub(super) connections: usize,
    /// Those of one network; 0 for no bound of a network at all.
    pub(super) of_network: usize,
    /// Bytes of requests and answers of one connection, of one network, and of the server.
    pub(super) held_of_connection: usize,
    pub(super) held_of_network: usize,
    pub(super) held_of_server: usize,
}

/// How soon a stream looks again whether other connections have left room.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// A connection.
#[derive(Debug)]
pub(super) struct Peer {
    /// `None` for a connection of a proxy itself.
    network: Option<IpAddr>,
    bounds: Arc<Bounds>,
    /// The bytes that its client may send ahead.
    pub(super) window: u32,
    token: TokenShown,
    /// When a request, a part of one, or a part of an answer passed last. Pings are nothing.
    active: Mutex<Instant>,
    calls: AtomicUsize,
    held: AtomicUsize,
    held_of_network: Arc<AtomicUsize>,
    held_of_server: Arc<AtomicUsize>,
    /// Bytes were given back, or a call has ended.
    less: Notify,
    end: CancellationToken,
}

/// Why no more bytes can be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full {
    of: &'static str,
    most: usize,
}

impl From<Full> for StatusBuilder {
    fn from(full: Full) -> Self {
        let Full { of, most } = full;
        let message = format!(
            "requests under way and answers that are not read may hold {most} bytes for one {of}; read answers, or \
             have fewer calls under way"
        );
        let builder = Self::new(Code::ResourceExhausted, "TOO_MANY_BYTES", message);
        builder.with("bytes", most).retry(Duration::from_secs(1))
    }
}

impl From<Full> for Status {
    fn from(full: Full) -> Self {
        StatusBuilder::from(full).into()
    }
}

impl Peer {
    /// Whether the connection has shown a valid token.
    pub(super) fn token(&self) -> &TokenShown {
        &self.token
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
        loop {
            let within = if self.token.is_shown() { IDLE_WITH_TOKEN } else { IDLE_WITHOUT_TOKEN };
            let end = self.active() + within;
            sleep_until(end).await;
            // Before the count is read: a call that ends in between is noticed.
            let less = self.less.notified();
            let is_silent = self.active() + within <= Instant::now();
            if self.calls.load(Ordering::Relaxed) > 0 {
                less.await;
            } else if is_silent {
                return;
            }
        }
    }

    /// Begins a call, whose head has this many bytes.
    pub(super) fn begin(self: &Arc<Self>, head_bytes: usize) -> Result<Call, Full> {
        let mut head = self.charge();
        head.grow(head_bytes)?;
        self.touch();
        self.calls.fetch_add(1, Ordering::Relaxed);
        Ok(Call { head, place: None })
    }

    /// A charge of nothing.
    pub(super) fn charge(self: &Arc<Self>) -> Charge {
        Charge { peer: Arc::clone(self), bytes: 0 }
    }

    /// Resolves when the connection holds at most half of what it may.
    pub(super) async fn room(&self) {
        loop {
            let less = self.less.notified();
            if self.held.load(Ordering::Relaxed) <= self.most() / 2 {
                return;
            }
            less.await;
        }
    }

    /// Whether no more bytes can be held.
    pub(super) fn is_full(&self) -> bool {
        self.counts().into_iter().any(|(count, _, most)| count.load(Ordering::Relaxed) >= most)
    }

    /// Resolves when bytes of the connection were given back; those of other connections are looked at soon.
    pub(super) async fn less(&self) {
        // The only error is that nothing was given back.
        let _ = timeout(LOOK_AGAIN, self.less.notified()).await;
    }

    fn most(&self) -> usize {
        match self.token.is_shown() {
            true => self.bounds.held_of_connection,
            false => STRANGER_HELD_BYTES,
        }
    }

    /// Each count, of what it is, and its bound.
    fn counts(&self) -> [(&AtomicUsize, &'static str, usize); 3] {
        [
            (&self.held, "connection", self.most()),
            (&*self.held_of_network, "network address", self.bounds.held_of_network),
            (&*self.held_of_server, "server", self.bounds.held_of_server),
        ]
    }

    fn hold(&self, bytes: usize) -> Result<(), Full> {
        let counts = self.counts();
        for (at, (count, of, most)) in counts.iter().enumerate() {
            let more = |held: usize| held.checked_add(bytes).filter(|sum| sum <= most);
            if count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_err() {
                for (count, ..) in &counts[..at] {
                    count.fetch_sub(bytes, Ordering::Relaxed);
                }
                self.log_full(of);
                return Err(Full { of, most: *most });
            }
        }
        Ok(())
    }

    fn give_back(&self, bytes: usize) {
        for (count, ..) in self.counts() {
            count.fetch_sub(bytes, Ordering::Relaxed);
        }
        self.less.notify_waiters();
    }

    fn log_full(&self, of: &str) {
        if let Some(left_out) = refusals::line("bytes held") {
            let network = self.network;
            tracing::warn!(?network, of, left_out, "call refused: it would hold too many bytes");
        }
    }
}

/// A call under way; it ends when it is dropped.
#[derive(Debug)]
pub(super) struct Call {
    head: Charge,
    /// Its place among the calls without a token.
    place: Option<OwnedSemaphorePermit>,
}

impl Call {
    /// Notes that a part of the answer passed.
    pub(super) fn touch(&self) {
        self.head.peer.touch();
    }

    /// Takes its place, where it needs one.
    pub(super) fn take(&mut self, place: Option<OwnedSemaphorePermit>) {
        self.place = place;
    }

    /// Gives the place back once the connection has shown a token.
    pub(super) fn answered(&mut self, is_public: bool) {
        if !is_public && self.head.peer.token.is_shown() {
            self.place = None;
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.head.peer.touch();
        self.head.peer.calls.fetch_sub(1, Ordering::Relaxed);
        self.head.peer.less.notify_waiters();
    }
}

/// Bytes that a request or an answer holds.
#[derive(Debug)]
pub(super) struct Charge {
    peer: Arc<Peer>,
    bytes: usize,
}

impl Charge {
    /// Holds more bytes, if there is room.
    pub(super) fn grow(&mut self, bytes: usize) -> Result<(), Full> {
        self.peer.hold(bytes)?;
        self.bytes += bytes;
        Ok(())
    }

    /// Holds a frame of a stream that was made while there was room.
    pub(super) fn grow_by_one_frame(&mut self, bytes: usize) {
        for (count, ..) in self.peer.counts() {
            count.fetch_add(bytes, Ordering::Relaxed);
        }
        self.bytes += bytes;
    }

    /// Gives all bytes back.
    pub(super) fn clear(&mut self) {
        if self.bytes > 0 {
            self.peer.give_back(std::mem::take(&mut self.bytes));
        }
    }

    /// Notes that something passed on the connection.
    pub(super) fn touch(&self) {
        self.peer.touch();
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests;
