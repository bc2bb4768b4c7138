//! The bytes that the requests and answers of a connection hold.
//!
//! Not their memory: each part of a request or an answer is a [`Charge`]. Invariant: a charge counts for its connection,
//! its network and the server, and is given back when it is dropped. Connections without a token have sums of their own,
//! so what strangers hold leaves no less room for the connections with a token.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::Peer;
use super::sums::{Counted, Full, Of, Own};
use crate::edge::refusals;
use model::limits::edge::STRANGER_HELD_BYTES;

/// How soon a stream looks again whether other connections have left room.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// A sum, of what it is, and its bound.
type Sum<'a> = (&'a AtomicUsize, Of, usize);

/// The sums in which a connection counts beside its own.
struct Shared<'a> {
    counted: Counted,
    sums: [Option<Sum<'a>>; 3],
}

impl Shared<'_> {
    fn sums(&self) -> impl Iterator<Item = &Sum<'_>> {
        self.sums.iter().flatten()
    }

    /// Adds to all of them, or to none.
    fn add(&self, bytes: usize) -> Result<(), Full> {
        for (at, (sum, of, most)) in self.sums().enumerate() {
            let more = |held: usize| held.checked_add(bytes).filter(|sum| sum <= most);
            if sum.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_err() {
                for (sum, ..) in self.sums().take(at) {
                    sum.fetch_sub(bytes, Ordering::Relaxed);
                }
                return Err(Full { of: *of, counted: self.counted, most: *most });
            }
        }
        Ok(())
    }

    fn add_without_bound(&self, bytes: usize) {
        for (sum, ..) in self.sums() {
            sum.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    fn subtract(&self, bytes: usize) {
        for (sum, ..) in self.sums() {
            sum.fetch_sub(bytes, Ordering::Relaxed);
        }
    }

    /// Whether one more byte has room.
    fn has_room(&self) -> Result<(), Full> {
        let full = self.sums().find(|(sum, _, most)| sum.load(Ordering::Relaxed) >= *most);
        full.map_or(Ok(()), |(_, of, most)| {
            Err(Full { of: *of, counted: self.counted, most: *most })
        })
    }
}

impl Peer {
    /// Begins a call, whose head has this many bytes.
    pub(in crate::serve) fn begin(self: &Arc<Self>, head_bytes: usize) -> Result<Call, Full> {
        let mut head = self.charge();
        head.grow(head_bytes)?;
        self.touch();
        self.calls.fetch_add(1, Ordering::Relaxed);
        Ok(Call { head, place: None })
    }

    /// A charge of nothing.
    pub(in crate::serve) fn charge(self: &Arc<Self>) -> Charge {
        Charge { peer: Arc::clone(self), bytes: 0 }
    }

    /// Resolves when the connection holds at most half of what it may.
    pub(in crate::serve) async fn room(&self) {
        loop {
            let less = self.less.notified();
            if self.own().bytes <= self.most() / 2 {
                return;
            }
            less.await;
        }
    }

    /// Whether no more bytes can be held.
    pub(in crate::serve) fn is_full(&self) -> bool {
        self.recount();
        while let Err(full) = self.has_room() {
            if !self.make_room(full, 1) {
                return true;
            }
        }
        false
    }

    /// Resolves when bytes of the connection were given back; those of other connections are looked at soon.
    pub(in crate::serve) async fn less(&self) {
        // The only error is that nothing was given back.
        let _ = timeout(LOOK_AGAIN, self.less.notified()).await;
    }

    /// Counts the connection among those with a token, once it has shown one and what it holds has room there.
    pub(in crate::serve) fn recount(&self) {
        while let Err((full, bytes)) = self.try_recount() {
            if !self.make_room(full, bytes) {
                return;
            }
        }
    }

    fn try_recount(&self) -> Result<(), (Full, usize)> {
        let Some(account) = self.token.account() else { return Ok(()) };
        let mut own = self.own();
        if own.counted == Counted::Stranger {
            self.place.get_or_init(|| self.accounts.enter(account));
            let with_token = self.shared(Counted::WithToken);
            with_token.add(own.bytes).map_err(|full| (full, own.bytes))?;
            self.shared(Counted::Stranger).subtract(own.bytes);
            own.counted = Counted::WithToken;
        }
        Ok(())
    }

    /// Closes the connection, whose bytes leave the sums at once.
    pub(super) fn close(&self) {
        let mut own = self.own();
        self.shared(own.counted).subtract(own.bytes);
        own.counted = Counted::Closed;
        drop(own);
        self.end.cancel();
    }

    /// The bytes that are compared when room is made, of its account or of a stranger, and its own.
    pub(super) fn weight(&self, counted: Counted) -> Option<(usize, usize)> {
        let own = self.own();
        let weight = match counted {
            Counted::WithToken => self.place.get()?.held().load(Ordering::Relaxed),
            _ => own.bytes,
        };
        (own.counted == counted).then_some((weight, own.bytes))
    }

    pub(super) fn own(&self) -> MutexGuard<'_, Own> {
        // No code panics under this lock.
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn most(&self) -> usize {
        match self.token.is_shown() {
            true => self.bounds.held_of_connection,
            false => STRANGER_HELD_BYTES,
        }
    }

    fn has_room(&self) -> Result<(), Full> {
        let own = self.own();
        let most = self.most();
        if own.bytes >= most {
            return Err(Full { of: Of::Connection, counted: own.counted, most });
        }
        self.shared(own.counted).has_room()
    }

    fn hold(&self, bytes: usize) -> Result<(), Full> {
        self.recount();
        while let Err(full) = self.try_hold(bytes) {
            if !self.make_room(full, bytes) {
                self.log_full(full);
                return Err(full);
            }
        }
        Ok(())
    }

    fn try_hold(&self, bytes: usize) -> Result<(), Full> {
        let mut own = self.own();
        let (most, counted) = (self.most(), own.counted);
        let sum = own.bytes.checked_add(bytes).filter(|sum| *sum <= most);
        let sum = sum.ok_or(Full { of: Of::Connection, counted, most })?;
        self.shared(counted).add(bytes)?;
        own.bytes = sum;
        Ok(())
    }

    /// Closes the connection that holds most, if that is more than this one would hold; false when there is none.
    fn make_room(&self, full: Full, bytes: usize) -> bool {
        let network = match full.of {
            Of::Network if self.network.is_some() => self.network,
            Of::Server => None,
            Of::Network | Of::Connection => return false,
        };
        let weight = match (full.counted, self.place.get()) {
            (Counted::WithToken, Some(place)) => place.held().load(Ordering::Relaxed),
            _ => self.own().bytes,
        };
        let table = self.table.upgrade();
        table.is_some_and(|it| {
            it.close_heaviest(full.counted, network, weight.saturating_add(bytes))
        })
    }

    fn hold_one_frame(&self, bytes: usize) {
        let mut own = self.own();
        own.bytes += bytes;
        self.shared(own.counted).add_without_bound(bytes);
    }

    fn give_back(&self, bytes: usize) {
        let mut own = self.own();
        own.bytes -= bytes;
        self.shared(own.counted).subtract(bytes);
        drop(own);
        self.less.notify_waiters();
    }

    fn shared(&self, counted: Counted) -> Shared<'_> {
        let (bounds, of_network, of_server) = (&*self.bounds, &*self.of_network, &*self.of_server);
        let sums = match counted {
            Counted::Stranger => [
                Some((&of_network.strangers, Of::Network, bounds.strangers_of_network)),
                Some((&of_server.strangers, Of::Server, bounds.strangers_of_server)),
                None,
            ],
            Counted::WithToken => [
                Some((&of_network.with_token, Of::Network, bounds.held_of_network)),
                Some((&of_server.with_token, Of::Server, bounds.held_of_server)),
                // An account has no bound of its own: the sum tells which one holds most.
                self.place.get().map(|place| (place.held(), Of::Server, usize::MAX)),
            ],
            Counted::Closed => [None; 3],
        };
        Shared { counted, sums }
    }

    fn log_full(&self, full: Full) {
        if let Some(left_out) = refusals::line("bytes held") {
            let (network, of) = (self.network, full.holders());
            tracing::warn!(?network, of, left_out, "call refused: it would hold too many bytes");
        }
    }
}

/// A call under way; it ends when it is dropped.
#[derive(Debug)]
pub(in crate::serve) struct Call {
    head: Charge,
    /// Its place among the calls without a token.
    place: Option<OwnedSemaphorePermit>,
}

impl Call {
    /// Notes that a part of the answer passed.
    pub(in crate::serve) fn touch(&self) {
        self.head.peer.touch();
    }

    /// Takes its place, where it needs one.
    pub(in crate::serve) fn take(&mut self, place: Option<OwnedSemaphorePermit>) {
        self.place = place;
    }

    /// Gives the place back once the connection has shown a token.
    pub(in crate::serve) fn answered(&mut self, is_public: bool) {
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
pub(in crate::serve) struct Charge {
    pub(super) peer: Arc<Peer>,
    bytes: usize,
}

impl Charge {
    /// Holds more bytes, if there is room.
    pub(in crate::serve) fn grow(&mut self, bytes: usize) -> Result<(), Full> {
        self.peer.hold(bytes)?;
        self.bytes += bytes;
        Ok(())
    }

    /// Holds a frame of a stream that was made while there was room.
    pub(in crate::serve) fn grow_by_one_frame(&mut self, bytes: usize) {
        self.peer.hold_one_frame(bytes);
        self.bytes += bytes;
    }

    /// Gives all bytes back.
    pub(in crate::serve) fn clear(&mut self) {
        if self.bytes > 0 {
            self.peer.give_back(std::mem::take(&mut self.bytes));
        }
    }

    /// Notes that something passed on the connection.
    pub(in crate::serve) fn touch(&self) {
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
