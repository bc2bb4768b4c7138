//! How much a session's queue holds, and when that is too much.
//!
//! It counts; the entries themselves are in a channel. Invariants: a queue holds less than
//! [`QUEUE_BYTES`], and one entry above it; a session that reads a large frame, piece by piece, is not ended for
//! the number of entries that come meanwhile.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// What one session's queue may hold, in bytes: when it holds that much, it takes no more.
pub(super) const QUEUE_BYTES: usize = 64 << 20;

/// The room in one session's queue.
#[derive(Debug)]
pub(crate) struct Room {
    /// Entries at most.
    entries_most: usize,
    held: Mutex<Held>,
    /// Something was taken from the queue, or the reader has gone.
    freed: Notify,
}

/// What the queue holds.
#[derive(Debug, Default)]
struct Held {
    entries: usize,
    bytes: usize,
    /// Entries that do not count, as they came while the session read a large frame, or are what it
    /// missed while it was away.
    spared: usize,
    /// The session reads a large frame.
    large: bool,
    /// Nobody reads any more.
    left: bool,
}

impl Room {
    pub(super) fn new(entries_most: usize) -> Self {
        Self { entries_most: entries_most.max(2), held: Mutex::default(), freed: Notify::new() }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Each critical section is a few sums, which can't panic half-way.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an entry that is about to be queued; false when there is no room for it.
    pub(super) fn admit(&self, bytes: usize) -> bool {
        let mut held = self.held();
        let many = held.entries - held.spared >= self.entries_most && !held.large;
        let much = held.bytes >= QUEUE_BYTES;
        if many || much {
            return false;
        }
        held.entries += 1;
        held.bytes += bytes;
        held.spared += usize::from(held.large);
        true
    }

    /// Counts an entry that is queued in any case, and takes no room from others.
    pub(super) fn admit_spared(&self) {
        let mut held = self.held();
        held.entries += 1;
        held.spared += 1;
    }

    /// An entry has been taken from the queue, and counted for so many bytes.
    pub(super) fn taken(&self, bytes: usize) {
        let mut held = self.held();
        held.entries = held.entries.saturating_sub(1);
        held.bytes = held.bytes.saturating_sub(bytes);
        held.spared = held.spared.min(held.entries);
        let free = self.is_half_free(&held);
        drop(held);
        if free {
            self.freed.notify_waiters();
        }
    }

    /// Whether the session reads a large frame.
    pub(super) fn set_large(&self, large: bool) {
        self.held().large = large;
    }

    /// Nobody reads any more.
    pub(super) fn leave(&self) {
        self.held().left = true;
        self.freed.notify_waiters();
    }

    fn is_half_free(&self, held: &Held) -> bool {
        held.entries <= self.entries_most / 2 && held.bytes <= QUEUE_BYTES / 2
    }

    /// Whether at least half of the room is free.
    pub(crate) fn has_half(&self) -> bool {
        self.is_half_free(&self.held())
    }

    /// Waits until half of the room is free, or nobody reads any more.
    pub(crate) async fn half(&self) {
        loop {
            // Before the look, so that nothing in between is missed.
            let freed = self.freed.notified();
            if self.has_half() || self.is_left() {
                return;
            }
            freed.await;
        }
    }

    fn is_left(&self) -> bool {
        self.held().left
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use futures_util::poll;

    use super::*;

    #[test]
    fn entries_and_bytes_are_bounded_but_for_one() {
        let room = Room::new(3);
        assert!(room.admit(1) && room.admit(2 * QUEUE_BYTES), "there is room for one above");
        assert!(!room.admit(1), "there is no room for more bytes");
        room.taken(1);
        room.taken(2 * QUEUE_BYTES);
        assert!((0..3).all(|_| room.admit(1)));
        assert!(!room.admit(1), "there is no room for more entries");
    }

    #[test]
    fn what_comes_while_a_large_frame_is_read_does_not_count() {
        let room = Room::new(3);
        room.set_large(true);
        assert!((0..99).all(|_| room.admit(1)) && room.admit(QUEUE_BYTES));
        assert!(!room.admit(1), "its bytes do");
        room.taken(QUEUE_BYTES);
        assert!(room.admit(1));
        room.set_large(false);
        assert!((0..3).all(|_| room.admit(1)), "nor later");
        assert!(!room.admit(1));
        (0..103).for_each(|_| room.taken(1));
        assert!((0..3).all(|_| room.admit(1)));
        assert!(!room.admit(1), "all is as it was");
    }

    #[tokio::test]
    async fn who_waits_for_room_is_woken_by_reading_and_by_leaving() {
        for leaves in [false, true] {
            let room = Room::new(4);
            (0..3).for_each(|_| assert!(room.admit(1)));
            let mut half = std::pin::pin!(room.half());
            assert_eq!(poll!(half.as_mut()), Poll::Pending);
            if leaves {
                room.leave()
            } else {
                room.taken(1)
            }
            half.await;
        }
    }
}
