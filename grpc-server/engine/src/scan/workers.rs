//! The threads of a pass: each reads every n-th group of rows, and passes on what it has found.
//!
//! Not a plan of DataFusion: see `sorted`. Invariants: what waits to be taken is bounded; the threads have ended when this is
//! dropped, and each panic is an error.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;

use tokio::runtime::Handle;

use crate::QueryError;
use crate::error::caught;
use crate::scan::{Pass, Scan};

/// How often a caller that waits looks for a stop.
pub(crate) const TICK: Duration = Duration::from_millis(50);
/// What one thread has found and its caller has not yet taken.
const WAITING: usize = 2;

/// Passes an item on to the caller; an error: nothing takes it any more.
pub(crate) type Give<'a, T> = &'a mut dyn FnMut(T) -> Result<(), QueryError>;

/// The work of the thread of a number.
type Work<T> = dyn Fn(&Scan, usize, Give<'_, T>) -> Result<(), QueryError> + Send + Sync;

/// The threads of a pass that find `T`.
pub(crate) struct Workers<T> {
    scan: Arc<Scan>,
    found: Vec<Receiver<Result<T, QueryError>>>,
    alive: Alive,
}

impl<T: Send + 'static> Workers<T> {
    /// Begins `count` threads, each of which does the work of its number.
    pub(crate) fn begin(
        runtime: &Handle,
        scan: &Arc<Scan>,
        count: usize,
        work: impl Fn(&Scan, usize, Give<'_, T>) -> Result<(), QueryError> + Send + Sync + 'static,
    ) -> Self {
        let (alive, work) = (Alive::new(), Arc::new(work));
        let begin = |number: usize| {
            let (sender, found) = sync_channel(WAITING);
            let (scan, work, token) = (Arc::clone(scan), Arc::clone(&work), alive.token());
            drop(runtime.spawn_blocking(move || {
                run(&scan, number, &*work, &sender);
                scan.task_ends();
                drop(token);
            }));
            found
        };
        let found = (0..count).map(begin).collect();
        Self { scan: Arc::clone(scan), found, alive }
    }

    /// What the thread of this number has found next; `None` once it has ended.
    pub(crate) fn next(&self, number: usize, pass: &Pass<'_>) -> Result<Option<T>, QueryError> {
        let Some(found) = self.found.get(number) else { return Ok(None) };
        loop {
            pass.look()?;
            match found.recv_timeout(TICK) {
                Ok(found) => return found.map(Some),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
            }
        }
    }
}

impl<T> Drop for Workers<T> {
    fn drop(&mut self) {
        self.scan.stop();
        // A thread that waits to pass something on ends by it.
        self.found.clear();
        self.alive.wait();
    }
}

fn run<T>(scan: &Scan, number: usize, work: &Work<T>, sender: &SyncSender<Result<T, QueryError>>) {
    let give = &mut |item| sender.send(Ok(item)).map_err(|_| QueryError::Stopped);
    if let Err(error) = caught(|| work(scan, number, give)) {
        // An error: the caller has gone.
        let _ = sender.send(Err(error));
    }
}

/// Waits for threads that hold its tokens.
pub(crate) struct Alive {
    token: Option<Sender<()>>,
    ended: Receiver<()>,
}

impl Alive {
    pub(crate) fn new() -> Self {
        let (token, ended) = channel();
        Self { token: Some(token), ended }
    }

    /// A thread holds it until its end.
    pub(crate) fn token(&self) -> Option<Sender<()>> {
        self.token.clone()
    }

    /// Returns once all tokens are dropped.
    pub(crate) fn wait(&mut self) {
        self.token = None;
        // Nothing is sent: the only answer is that no token is left.
        let _ = self.ended.recv();
    }
}
