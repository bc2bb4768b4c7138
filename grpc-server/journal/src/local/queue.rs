//! The queue of appends for the writer's thread.
//!
//! A mutex and a condition variable rather than a channel: the thread takes the appends of one frame together, and marks
//! of one sheet replace each other. Not which appends share a frame (`backlog`), nor how they are written (`writer`).
//!
//! Invariant: the queue holds at most [`APPEND_QUEUE_BYTES`]. A further append waits for room in its order; small ones have
//! room of their own, so they neither wait for large ones nor take their room. No lock is held across a system call.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use ot_engine::Revision;
use rustc_hash::FxHashMap;
use tokio::sync::{Semaphore, TryAcquireError};

use super::append::Append;
use super::backlog::Backlog;
use crate::JournalError;
use model::SheetId;
use model::sizes::{APPEND_QUEUE_BYTES, SMALL_APPENDS_BYTES};

/// What the writer took.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// The appends of one frame.
    pub(super) appends: Vec<Append>,
    pub(super) committed: FxHashMap<SheetId, Revision>,
    /// The writer is to finish: no append is left.
    pub(super) closing: bool,
}

/// The queue.
#[derive(Debug)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    /// A permit for each byte that is free for small appends, and for large ones. Closed when the writer's thread has ended.
    small: Semaphore,
    large: Semaphore,
}

#[derive(Debug, Default)]
struct Waiting {
    appends: Backlog,
    committed: FxHashMap<SheetId, Revision>,
    closing: bool,
    /// The writer has files that a mark may free, so marks wake it.
    marks_wake: bool,
    /// The writer's thread is gone.
    abandoned: bool,
}

impl Queue {
    pub(super) fn new() -> Self {
        let small = Semaphore::new(SMALL_APPENDS_BYTES);
        let large = Semaphore::new(APPEND_QUEUE_BYTES - SMALL_APPENDS_BYTES);
        Self { waiting: Mutex::default(), arrived: Condvar::new(), small, large }
    }

    /// Queues an append: now if there is room, else as soon as there is, when the future is polled.
    pub(super) fn push(
        self: &Arc<Self>,
        append: Append,
    ) -> impl Future<Output = Result<(), JournalError>> + Send + use<> {
        let room = match self.room_of(&append).try_acquire_many(append.room()) {
            Ok(room) => {
                room.forget();
                Ok(self.add(append))
            }
            Err(none) => Err((none, append)),
        };
        let queue = Arc::clone(self);
        async move {
            match room {
                Ok(added) => added,
                Err((TryAcquireError::Closed, _)) => Err(JournalError::Closed),
                Err((TryAcquireError::NoPermits, append)) => {
                    let room = queue.room_of(&append).acquire_many(append.room()).await;
                    room.map_err(|_| JournalError::Closed)?.forget();
                    queue.add(append)
                }
            }
        }
    }

    fn room_of(&self, append: &Append) -> &Semaphore {
        if append.is_small() { &self.small } else { &self.large }
    }

    /// Queues an append that has room.
    fn add(&self, append: Append) -> Result<(), JournalError> {
        let mut waiting = self.lock();
        if waiting.abandoned {
            return Err(JournalError::Closed);
        }
        waiting.appends.push(append);
        drop(waiting);
        self.arrived.notify_one();
        Ok(())
    }

    /// Notes how far a sheet is committed.
    pub(super) fn push_committed(&self, sheet: SheetId, revision: Revision) {
        let mut waiting = self.lock();
        waiting.committed.insert(sheet, revision);
        let wake = waiting.marks_wake;
        drop(waiting);
        if wake {
            self.arrived.notify_one();
        }
    }

    /// Asks the writer to finish.
    pub(super) fn close(&self) {
        self.lock().closing = true;
        self.arrived.notify_one();
    }

    /// The writer's thread ends: what waits now or later is answered with `Closed`.
    pub(super) fn abandon(&self) {
        let mut waiting = self.lock();
        waiting.abandoned = true;
        waiting.appends = Backlog::default();
        drop(waiting);
        self.small.close();
        self.large.close();
    }

    /// Takes the next frame of what waits, if anything does.
    pub(super) fn take_waiting(&self) -> Option<Batch> {
        let waiting = self.lock();
        let idle = waiting.appends.is_empty() && waiting.committed.is_empty() && !waiting.closing;
        (!idle).then(|| self.next(waiting))
    }

    fn next(&self, mut waiting: MutexGuard<'_, Waiting>) -> Batch {
        let batch = Batch {
            appends: waiting.appends.take_group(),
            committed: std::mem::take(&mut waiting.committed),
            closing: waiting.closing && waiting.appends.is_empty(),
        };
        drop(waiting);
        for append in &batch.appends {
            self.room_of(append).add_permits(append.room() as usize);
        }
        batch
    }

    /// Waits until there is something to do and takes one frame of it. `marks_wake`: also wake for marks.
    pub(super) fn take(&self, marks_wake: bool) -> Batch {
        let mut waiting = self.lock();
        waiting.marks_wake = marks_wake;
        loop {
            let marks = marks_wake && !waiting.committed.is_empty();
            if !waiting.appends.is_empty() || waiting.closing || marks {
                return self.next(waiting);
            }
            waiting = self.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Whether nothing waits.
    pub(super) fn is_idle(&self) -> bool {
        let waiting = self.lock();
        waiting.appends.is_empty() && !waiting.closing
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Every critical section leaves the state whole, so a panic elsewhere does not spoil it.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use tokio::sync::oneshot;

    use super::*;
    use crate::local::tests::{entry, sheet};
    use model::sizes::{APPEND_BYTES, GROUP_BYTES, SMALL_APPEND_BYTES};

    fn append(number: u128, bytes: usize) -> Append {
        let (done, _) = oneshot::channel();
        Append { entries: vec![entry(sheet(number), 1)], records: vec![0; bytes], done }
    }

    #[test]
    fn a_large_append_that_waits_for_room_is_not_passed() {
        let queue = Arc::new(Queue::new());
        let each = GROUP_BYTES / 2;
        let many = ((APPEND_QUEUE_BYTES - SMALL_APPENDS_BYTES) / each) as u128;
        for number in 0..many {
            assert_eq!(queue.push(append(number, each)).now_or_never(), Some(Ok(())));
        }
        let mut large = Box::pin(queue.push(append(many, APPEND_BYTES)));
        assert_eq!((&mut large).now_or_never(), None);
        let small = queue.push(append(900, SMALL_APPEND_BYTES)).now_or_never();
        assert_eq!(small, Some(Ok(())), "a small append does not wait for a large one");
        let mut later = Vec::new();
        let mut frames = 0;
        while (&mut large).now_or_never().is_none() {
            assert!(queue.take_waiting().is_some_and(|batch| !batch.appends.is_empty()));
            frames += 1;
            let mut next = Box::pin(queue.push(append(1_000 + frames, each)));
            assert_eq!((&mut next).now_or_never(), None, "after {frames} frames");
            later.push(next);
        }
        assert!(frames <= (APPEND_BYTES / each + 1) as u128, "{frames} frames");
        // Those behind it follow in their order, and a writer that ends answers the others.
        assert!(queue.take_waiting().is_some());
        let queued: Vec<_> = later.iter_mut().map(|next| next.now_or_never()).collect();
        assert_eq!(queued[0], Some(Ok(())));
        queue.abandon();
        let last = queue.push(append(9_999, 1)).now_or_never();
        assert_eq!(last, Some(Err(JournalError::Closed)));
    }
}
