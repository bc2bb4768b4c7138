//! The queue of appends for the writer's thread.
//!
//! A mutex and a condition variable rather than a channel: the thread takes the appends of one frame together, and marks
//! of one sheet replace each other. Not which appends share a frame (`backlog`), nor how they are written (`writer`).
//!
//! Invariant: the queue holds at most [`APPEND_QUEUE_BYTES`]; a further append waits for room. No lock is held across a
//! system call.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use ot_engine::Revision;
use rustc_hash::FxHashMap;
use tokio::sync::Notify;

use super::append::Append;
use super::backlog::Backlog;
use crate::JournalError;
use model::SheetId;
use model::sizes::APPEND_QUEUE_BYTES;

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
    /// The writer has taken what was queued.
    room: Notify,
}

/// Why an append is not queued.
#[derive(Debug)]
enum NotQueued {
    /// There is no room before the writer takes what is queued.
    NoRoom(Append),
    /// The writer's thread has ended.
    Closed,
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
        Self { waiting: Mutex::default(), arrived: Condvar::new(), room: Notify::new() }
    }

    /// Queues an append: now if there is room, else as soon as there is, when the future is polled.
    pub(super) fn push(
        self: &Arc<Self>,
        append: Append,
    ) -> impl Future<Output = Result<(), JournalError>> + Send + use<> {
        let queued = self.try_push(append);
        let queue = Arc::clone(self);
        async move {
            match queued {
                Ok(()) => Ok(()),
                Err(NotQueued::Closed) => Err(JournalError::Closed),
                Err(NotQueued::NoRoom(append)) => queue.push_later(append).await,
            }
        }
    }

    async fn push_later(&self, mut append: Append) -> Result<(), JournalError> {
        loop {
            let mut room = std::pin::pin!(self.room.notified());
            // Before the attempt: the writer may take all right after it.
            room.as_mut().enable();
            append = match self.try_push(append) {
                Ok(()) => return Ok(()),
                Err(NotQueued::Closed) => return Err(JournalError::Closed),
                Err(NotQueued::NoRoom(append)) => append,
            };
            room.await;
        }
    }

    fn try_push(&self, append: Append) -> Result<(), NotQueued> {
        let mut waiting = self.lock();
        if waiting.abandoned {
            return Err(NotQueued::Closed);
        }
        if waiting.appends.bytes() + append.records.len() > APPEND_QUEUE_BYTES {
            return Err(NotQueued::NoRoom(append));
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
        self.room.notify_waiters();
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
        self.room.notify_waiters();
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
