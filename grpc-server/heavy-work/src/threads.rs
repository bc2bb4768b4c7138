//! The threads of a pool, of less priority than those that serve connections and sheets.
//!
//! Not here: which closure is next (`turns`). A thread may lower its priority and not raise it again, so these are no
//! threads of the runtime. Invariant: a thread ends with its pool, or with the only closure that it was started for, and no
//! panic ends it.

use std::cell::Cell;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Steps of priority below the server's. Where the processor is fully used, a thread of the runtime gets three times the
/// time of one of these.
#[cfg(target_os = "linux")]
const LOWER_BY: i32 = 5;

thread_local! {
    /// Whether this is one of the threads.
    static IS_HEAVY: Cell<bool> = const { Cell::new(false) };
}

/// Whether the caller is heavy work already.
pub(crate) fn is_heavy() -> bool {
    IS_HEAVY.get()
}

/// A closure that catches its panics.
pub(crate) type Work = Box<dyn FnOnce() + Send>;

/// Hands closures to the threads.
#[derive(Debug)]
pub(crate) struct Threads(Sender<Work>);

impl Threads {
    /// Starts so many threads.
    pub(crate) fn start(count: usize) -> Self {
        let (sender, receiver) = channel::<Work>();
        let receiver = Arc::new(Mutex::new(receiver));
        for number in 0..count {
            let receiver = Arc::clone(&receiver);
            let thread = thread::Builder::new().name(format!("heavy-work-{number}"));
            if let Err(error) = thread.spawn(move || work(&receiver)) {
                tracing::error!(%error, "no thread for heavy work");
            }
        }
        Self(sender)
    }

    /// Passes a closure to the first thread that is free.
    pub(crate) fn pass(&self, work: Work) {
        // The receiver is dropped with the last thread alone, and these outlive the sender. Work that no thread takes is
        // dropped, and its caller gets an error.
        drop(self.0.send(work));
    }
}

/// Starts a thread for one closure.
///
/// # Errors
/// The system has no further thread.
pub(crate) fn start_apart(work: Work) -> std::io::Result<()> {
    let thread = thread::Builder::new().name("heavy-apart".to_owned());
    let run = move || {
        become_heavy();
        work();
    };
    thread.spawn(run).map(drop)
}

fn become_heavy() {
    lower_priority();
    IS_HEAVY.set(true);
}

/// Runs closures until the pool ends.
fn work(receiver: &Mutex<Receiver<Work>>) {
    become_heavy();
    loop {
        // The lock is released before the closure runs.
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = next else { return };
        work();
    }
}

/// Gives this thread the priority of heavy work, for good. Without effect outside of Linux.
pub fn lower_priority() {
    #[cfg(target_os = "linux")]
    {
        let thread = Some(rustix::thread::gettid());
        let lowered = rustix::process::getpriority_process(thread)
            .and_then(|now| rustix::process::setpriority_process(thread, now + LOWER_BY));
        if let Err(error) = lowered {
            tracing::debug!(%error, "heavy work has the priority of the server");
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_threads_have_less_priority_and_end_with_their_pool() {
        let priority = || {
            let thread = Some(rustix::thread::gettid());
            rustix::process::getpriority_process(thread).expect("it is known")
        };
        let (answer, answered) = channel();
        let threads = Threads::start(2);
        threads.pass(Box::new(move || answer.send(priority()).expect("is received")));
        assert_eq!(answered.recv(), Ok((priority() + LOWER_BY).min(19)));
        // A value of the thread is dropped when the thread ends.
        thread_local!(static HELD: Cell<Option<std::sync::mpsc::Sender<()>>> = const { Cell::new(None) });
        let (held, ends) = channel();
        threads.pass(Box::new(move || HELD.set(Some(held))));
        drop(threads);
        assert!(ends.recv().is_err(), "each thread has ended");
    }
}
