//! Heavy work: what a request starts and what may take more than a millisecond, off the threads that serve connections
//! and sheets.
//!
//! [`run`] passes a closure to a thread of the [`Pool`] and waits for its result as for any I/O. [`drive`] does so with
//! each step of a future. Light work runs at once where it is: [`run_sized`] decides by a size that is known before. Work
//! that waits for I/O in its middle, of a library that knows no futures, has a thread of its own: [`run_apart`].
//!
//! | file | holds |
//! | --- | --- |
//! | `pool` | how a closure gets its turn and a thread |
//! | `threads` | the threads, of less priority than the runtime's |
//! | `turns` | which closure is next |
//! | `caller` | the parties that take turns |
//!
//! Not here: any work, and how large it may be (`model::sizes`). Invariant: a caller has its turn after those of all
//! other callers, whatever it has queued; work that waits is dropped with its caller; a panic is an error of the call.

mod caller;
mod pool;
mod threads;
mod turns;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::available_parallelism;

use model::sizes::{LIGHT_BYTES, LIGHT_ITEMS};
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot};

pub use self::caller::Caller;
pub use self::pool::{Panicked, Pool};
pub use self::threads::lower_priority;

/// The size of the input of a piece of work, as it is known before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// Bytes in memory or in a message.
    Bytes(usize),
    /// Cells, runs, commands, rows or nodes.
    Items(usize),
}

impl Size {
    /// Whether work on it takes less than a millisecond.
    #[must_use]
    pub const fn is_light(self) -> bool {
        match self {
            Self::Bytes(bytes) => bytes <= LIGHT_BYTES,
            Self::Items(items) => items <= LIGHT_ITEMS,
        }
    }
}

static POOL: OnceLock<Arc<Pool>> = OnceLock::new();

/// The threads that heavy work has: one fewer than the machine has cores, and at least one.
#[must_use]
pub fn thread_count() -> usize {
    available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1))
}

/// The pool of the process.
fn pool() -> &'static Arc<Pool> {
    POOL.get_or_init(|| Pool::new(thread_count()))
}

/// From now on all work of this process runs where it is called: a simulation decides the order of its steps by its
/// seed. Without effect once work has run.
pub fn run_at_once() {
    // An error means that the pool exists.
    drop(POOL.set(Pool::new(0)));
}

/// Runs work on the pool of the process.
///
/// # Errors
/// [`Panicked`].
pub async fn run<T: Send + 'static>(
    caller: Caller,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Panicked> {
    pool().run(caller, work).await
}

/// Runs light work at once, and other work on the pool.
///
/// # Errors
/// [`Panicked`].
pub async fn run_sized<T: Send + 'static>(
    caller: Caller,
    size: Size,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Panicked> {
    if size.is_light() { Ok(work()) } else { run(caller, work).await }
}

/// Runs work on a thread of its own, with the priority of the pool's. It may wait for I/O by `Handle::block_on`, which would hold
/// a thread of the pool for nothing. The caller bounds how many there are; the work runs to its end without its caller.
///
/// # Errors
/// [`Panicked`]; also where the system has no further thread.
pub async fn run_apart<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Panicked> {
    let (sender, done) = oneshot::channel();
    let runtime = Handle::current();
    let run = move || {
        let _entered = runtime.enter();
        let result = catch_unwind(AssertUnwindSafe(work)).map_err(|_| Panicked);
        drop(sender.send(result));
    };
    if let Err(error) = threads::start_apart(Box::new(run)) {
        tracing::error!(%error, "no thread for heavy work");
        return Err(Panicked);
    }
    done.await.map_err(|_| Panicked)?
}

/// Runs a future whose every step is heavy work: it reads pages, and decodes and compares them in between.
///
/// # Errors
/// [`Panicked`].
pub async fn drive<F>(caller: Caller, future: F) -> Result<F::Output, Panicked>
where
    F: Future<Output: Send> + Send + 'static,
{
    drive_on(pool(), caller, future).await
}

async fn drive_on<F>(pool: &Arc<Pool>, caller: Caller, future: F) -> Result<F::Output, Panicked>
where
    F: Future<Output: Send> + Send + 'static,
{
    let mut future = Box::pin(future);
    if pool.is_at_once() || threads::is_heavy() {
        return Ok(future.await);
    }
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    loop {
        let waker = waker.clone();
        let step = move || {
            let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
            (future, polled)
        };
        match pool.run(caller, step).await? {
            (_, Poll::Ready(output)) => return Ok(output),
            (pending, Poll::Pending) => future = pending,
        }
        woken.0.notified().await;
    }
}

/// Notified when the future can take its next step; also before its last step has returned.
#[derive(Debug, Default)]
struct Woken(Notify);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.notify_one();
    }
}

#[cfg(test)]
mod tests;
