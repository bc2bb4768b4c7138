//! How far a reading is, and the way to stop it.
//!
//! Not a clock: the caller decides how often it passes the figures on. Invariant: after a stop a reading reads no further
//! byte of its file.

use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::ReadError;

/// How far a reading is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Bytes of the file that were read.
    pub bytes: u64,
    /// Bytes of the whole file.
    pub of: u64,
    /// Rows of the table so far.
    pub rows: u64,
}

/// Receives how far a reading is: after each piece of the file and some thousand rows.
pub trait Progress: Sync {
    /// The reading is so far. True: it is to stop.
    fn report(&self, done: Done) -> bool;
}

impl<F: Fn(Done) -> bool + Sync> Progress for F {
    fn report(&self, done: Done) -> bool {
        self(done)
    }
}

/// Stops a reading from another thread.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Stops the reading.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Progress for Stop {
    fn report(&self, _: Done) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Rows between two reports.
const ROWS: u64 = 4096;

/// Counts what a reading reads, for its progress.
pub(crate) struct Watch<'a> {
    progress: &'a dyn Progress,
    of: u64,
    bytes: AtomicU64,
    rows: AtomicU64,
    is_stopped: AtomicBool,
    /// The error of the file's bytes: other libraries do not pass it on as it is.
    failure: Mutex<Option<io::Error>>,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(progress: &'a dyn Progress, of: u64) -> Self {
        let (bytes, rows) = (AtomicU64::new(0), AtomicU64::new(0));
        let (is_stopped, failure) = (AtomicBool::new(false), Mutex::new(None));
        Self { progress, of, bytes, rows, is_stopped, failure }
    }

    /// So many more bytes were read. An error: the reading is to stop.
    pub(crate) fn has_read(&self, count: usize) -> io::Result<()> {
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        self.report()
    }

    /// So many bytes were read in all, as another counter has it.
    pub(crate) fn set_read(&self, count: u64) -> io::Result<()> {
        self.bytes.store(count, Ordering::Relaxed);
        self.report()
    }

    /// The table has so many rows. An error: the reading is to stop.
    pub(crate) fn set_rows(&self, rows: u64) -> io::Result<()> {
        let before = self.rows.swap(rows, Ordering::Relaxed);
        if before / ROWS == rows / ROWS { Ok(()) } else { self.report() }
    }

    /// Looks for a stop where much is done without a further byte or row. An error: the reading is to stop.
    pub(crate) fn look(&self) -> io::Result<()> {
        self.report()
    }

    /// Keeps the error of a read.
    pub(crate) fn keep<T>(&self, read: io::Result<T>) -> io::Result<T> {
        read.map_err(|error| {
            let kind = error.kind();
            if let Ok(mut failure) = self.failure.lock() {
                failure.get_or_insert(error);
            }
            kind.into()
        })
    }

    /// The error of a reading: a stop or an error of the file's bytes before all that follows of it.
    pub(crate) fn error(&self, error: ReadError) -> ReadError {
        let failure = self.failure.lock().ok().and_then(|mut failure| failure.take());
        match failure {
            _ if self.is_stopped.load(Ordering::Relaxed) => ReadError::Stopped,
            Some(failure) => ReadError::Source(failure),
            None => error,
        }
    }

    fn report(&self) -> io::Result<()> {
        let (bytes, rows) = (&self.bytes, &self.rows);
        let done = Done {
            // A part that is read twice counts once.
            bytes: bytes.load(Ordering::Relaxed).min(self.of),
            of: self.of,
            rows: rows.load(Ordering::Relaxed),
        };
        if self.progress.report(done) {
            self.is_stopped.store(true, Ordering::Relaxed);
        }
        match self.is_stopped.load(Ordering::Relaxed) {
            true => Err(io::Error::other("stopped")),
            false => Ok(()),
        }
    }
}
