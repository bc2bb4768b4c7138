//! The room in a session's queue: it counts entries and bytes.
//!
//! Not here: the entries, which are in a channel. Invariants: a queue has less than [`QUEUE_BYTES`], and one
//! entry above it; a session that reads a large frame in pieces does not end for the number of entries that
//! come meanwhile.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Bytes in one session's queue after which it takes no further entry.
pub(super) const QUEUE_BYTES: usize = 64 << 20;

/// The room in one session's queue.
#[derive(Debug)]
pub(crate) struct Room {
    /// The most entries.
    entries_most: usize,
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
        let many = held.entries - held.exempt >= self.entries_most && !held.large;
        let much = held.bytes >= QUEUE_BYTES;
        if many || much {
            return false;
        }
        held.entries += 1;
        held.bytes += bytes;
        held.exempt += usize::from(held.large);
        true
    }

    /// Counts an entry that is queued in any case and does not count towards the most.
    pub(super) fn admit_exempt(&self) {
        let mut held = self.held();
        held.entries += 1;
        held.exempt += 1;
    }

    /// Counts out an entry that was taken from the queue.
    pub(super) fn taken(&self, bytes: usize) {
        let mut held = self.held();
        held.entries = held.entries.saturating_sub(1);
        held.bytes = held.bytes.saturating_sub(bytes);
        held.exempt = held.exempt.min(held.entries);
        let free = self.is_half_free(&held);
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

    /// Waits until half of the room is free, or the stream is dropped.
    pub(crate) async fn half(&self) {
        loop {
            // Registered before the check, so that no notification in between is missed.
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
    fn entries_that_come_while_a_large_frame_is_read_do_not_count() {
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
    async fn a_wait_for_room_ends_with_a_read_and_with_the_stream() {
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
