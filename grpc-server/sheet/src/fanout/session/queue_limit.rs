//! The limit of a session's queue, in entries and in bytes.
//!
//! Not here: the entries, which are in a channel. Invariants: a queue has less than [`SESSION_QUEUE_BYTES`], and one
//! entry above it; a session that reads a large frame in pieces does not end for the number of entries that
//! come meanwhile.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::memory::FrameRoom;
use model::sizes::{PRESSED_QUEUE_BYTES, SESSION_QUEUE_BYTES};
use tokio::sync::Notify;

/// The limit of one session's queue, and the entries and bytes that count against it.
#[derive(Debug)]
pub(crate) struct QueueLimit {
    /// The most entries.
    entries_most: usize,
    room: FrameRoom,
    held: Mutex<Held>,
    /// An entry was taken from the queue, or the stream was dropped.
    freed: Notify,
}

/// The content of the queue, counted.
#[derive(Debug, Default)]
struct Held {
    entries: usize,
    bytes: usize,
    /// Entries that do not count towards the most: they came while the session read a large frame, or are
    /// the changes that it missed while it was away.
    exempt: usize,
    /// The session reads a large frame.
    large: bool,
    /// The stream was dropped.
    closed: bool,
}

impl Held {
    fn is_half_free(&self, entries_most: usize) -> bool {
        self.entries <= entries_most / 2 && self.bytes <= SESSION_QUEUE_BYTES / 2
    }
}

impl QueueLimit {
    pub(super) fn new(entries_most: usize, room: FrameRoom) -> Self {
        let (entries_most, held) = (entries_most.max(2), Mutex::default());
        Self { entries_most, room, held, freed: Notify::new() }
    }

    /// The room of the session in the memory of its account and of the server.
    pub(super) fn room(&self) -> &FrameRoom {
        &self.room
    }

    /// The bytes at which the queue takes no further entry.
    fn bytes_most(&self) -> usize {
        if self.room.is_pressed() { PRESSED_QUEUE_BYTES } else { SESSION_QUEUE_BYTES }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Each critical section is a few sums, which can't panic half-way.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an entry that is about to be queued; false, and nothing is counted, when the limit is reached.
    pub(super) fn try_reserve(&self, bytes: usize) -> bool {
        let mut held = self.held();
        let many = held.entries - held.exempt >= self.entries_most && !held.large;
        let much = held.bytes >= self.bytes_most();
        if many || much {
            return false;
        }
        held.entries += 1;
        held.bytes += bytes;
        held.exempt += usize::from(held.large);
        true
    }

    /// Counts an entry that is queued in any case and does not count towards the most.
    pub(super) fn reserve_exempt(&self) {
        let mut held = self.held();
        held.entries += 1;
        held.exempt += 1;
    }

    /// Counts out an entry that was taken from the queue.
    pub(super) fn release(&self, bytes: usize) {
        let mut held = self.held();
        held.entries = held.entries.saturating_sub(1);
        held.bytes = held.bytes.saturating_sub(bytes);
        held.exempt = held.exempt.min(held.entries);
        let free = held.is_half_free(self.entries_most);
        drop(held);
        if free {
            self.freed.notify_waiters();
        }
    }

    /// Sets whether the session reads a large frame.
    pub(super) fn set_large(&self, large: bool) {
        self.held().large = large;
    }

    /// The stream was dropped.
    pub(super) fn close(&self) {
        self.held().closed = true;
        self.freed.notify_waiters();
    }

    /// Whether at least half of the limit is free, in entries and in bytes, and half of the account's share.
    pub(crate) fn is_half_free(&self) -> bool {
        self.room.account_has_room() && self.held().is_half_free(self.entries_most)
    }

    /// Waits until half of the limit is free, or the stream is dropped.
    pub(crate) async fn half_free(&self) {
        loop {
            // Registered before the check, so that no notification in between is missed.
            let (mut freed, mut of_account) =
                (pin!(self.freed.notified()), pin!(self.room.freed()));
            freed.as_mut().enable();
            of_account.as_mut().enable();
            if self.is_half_free() || self.is_closed() {
                return;
            }
            tokio::select! {
                () = freed => {}
                () = of_account => {}
            }
        }
    }

    fn is_closed(&self) -> bool {
        self.held().closed
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use futures_util::poll;

    use super::*;
    use crate::sample::frame_room as room;

    #[test]
    fn entries_and_bytes_are_bounded_but_for_one() {
        let limit = QueueLimit::new(3, room());
        assert!(
            limit.try_reserve(1) && limit.try_reserve(2 * SESSION_QUEUE_BYTES),
            "one entry may pass the limit of bytes"
        );
        assert!(!limit.try_reserve(1), "the bytes are at their limit");
        limit.release(1);
        limit.release(2 * SESSION_QUEUE_BYTES);
        assert!((0..3).all(|_| limit.try_reserve(1)));
        assert!(!limit.try_reserve(1), "the entries are at their limit");
    }

    #[test]
    fn entries_that_come_while_a_large_frame_is_read_do_not_count() {
        let limit = QueueLimit::new(3, room());
        limit.set_large(true);
        assert!((0..99).all(|_| limit.try_reserve(1)) && limit.try_reserve(SESSION_QUEUE_BYTES));
        assert!(!limit.try_reserve(1), "their bytes count");
        limit.release(SESSION_QUEUE_BYTES);
        assert!(limit.try_reserve(1));
        limit.set_large(false);
        assert!((0..3).all(|_| limit.try_reserve(1)), "they do not count later");
        assert!(!limit.try_reserve(1));
        (0..103).for_each(|_| limit.release(1));
        assert!((0..3).all(|_| limit.try_reserve(1)));
        assert!(!limit.try_reserve(1), "new entries count again");
    }

    #[tokio::test]
    async fn a_wait_for_half_ends_with_a_read_and_with_the_stream() {
        for closes in [false, true] {
            let limit = QueueLimit::new(4, room());
            (0..3).for_each(|_| assert!(limit.try_reserve(1)));
            let mut half_free = std::pin::pin!(limit.half_free());
            assert_eq!(poll!(half_free.as_mut()), Poll::Pending);
            if closes {
                limit.close()
            } else {
                limit.release(1)
            }
            half_free.await;
        }
    }
}
