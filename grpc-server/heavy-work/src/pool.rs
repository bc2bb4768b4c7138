//! The pool: a number of threads, and the turns in which closures use them.
//!
//! Not here: the order of the turns (`turns`), and what the threads are (`threads`). Invariants: no more closures run than
//! the pool has threads; a turn ends with its closure, also when its caller has left or does not poll; a closure whose
//! caller left before its turn never runs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::caller::Caller;
use crate::threads::{Threads, is_heavy};
use crate::turns::{Ticket, Turns};

/// The work ended in a panic, which is a defect. The panic itself is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the work ended early")]
pub struct Panicked;

/// Threads for heavy work.
#[derive(Debug)]
pub struct Pool {
    threads: usize,
    workers: Threads,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    turns: Turns<Job>,
    running: usize,
}

/// A closure that waits for its turn, with all that it needs.
struct Job(Box<dyn FnOnce(Turn) + Send>);

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job").finish_non_exhaustive()
    }
}

/// The right to occupy one thread; it ends when this is dropped.
#[derive(Debug)]
struct Turn {
    pool: Arc<Pool>,
    caller: Caller,
}

/// A place in the queue, given up when the caller leaves.
struct Waiting<'a> {
    pool: &'a Pool,
    ticket: Ticket,
}

impl Pool {
    /// A pool of this many threads; without any, work runs where it is called. One caller occupies half of them.
    #[must_use]
    pub fn new(threads: usize) -> Arc<Self> {
        let turns = Turns::new(threads.div_ceil(2));
        let state = Mutex::new(State { turns, running: 0 });
        Arc::new(Self { threads, workers: Threads::start(threads), state })
    }

    /// Whether work runs where it is called.
    #[must_use]
    pub fn is_at_once(&self) -> bool {
        self.threads == 0
    }

    /// Runs a closure at the turn of its caller; at once in a step of heavy work, whose turn it is.
    ///
    /// # Errors
    /// [`Panicked`].
    pub async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        caller: Caller,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Panicked> {
        if self.is_at_once() || is_heavy() {
            // What the closure owned is dropped with it, so no other code meets it half changed.
            return catch_unwind(AssertUnwindSafe(work)).map_err(|_| Panicked);
        }
        let (sender, done) = oneshot::channel();
        let runtime = Handle::current();
        let job = move |turn: Turn| {
            // A closure that no thread has begun is dropped with its caller.
            if sender.is_closed() {
                return;
            }
            // Timers and sockets of the work belong to the runtime of its caller.
            let _entered = runtime.enter();
            let result = catch_unwind(AssertUnwindSafe(work)).map_err(|_| Panicked);
            drop(turn);
            drop(sender.send(result));
        };
        let ticket = self.lock().turns.add(caller, Job(Box::new(job)));
        let _waiting = Waiting { pool: self, ticket };
        self.begin();
        done.await.map_err(|_| Panicked)?
    }

    /// Begins the next turns, as far as threads are free.
    fn begin(self: &Arc<Self>) {
        let mut begun = Vec::new();
        let mut state = self.lock();
        while state.running < self.threads
            && let Some((caller, job)) = state.turns.begin()
        {
            state.running += 1;
            begun.push((job, Turn { pool: Arc::clone(self), caller }));
        }
        drop(state);
        for (Job(job), turn) in begun {
            self.workers.pass(Box::new(move || job(turn)));
        }
    }

    #[cfg(test)]
    pub(crate) fn lock_running(&self) -> usize {
        self.lock().running
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code of a caller runs under the lock, and the turns can't panic between two of their changes.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.pool.lock();
        state.running -= 1;
        state.turns.end(self.caller);
        drop(state);
        self.pool.begin();
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let job = self.pool.lock().turns.remove(self.ticket);
        // Not under the lock.
        drop(job);
    }
}
