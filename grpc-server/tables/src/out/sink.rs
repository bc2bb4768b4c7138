//! The place where a file is written, between other libraries and the caller.
//!
//! Not a buffer. Other libraries do not pass an error on as it is, and write an end when they are dropped. Invariant: after its
//! first error, and once it is closed, the place gets no further byte.

use std::io::{self, ErrorKind, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::saved::WriteError;

/// Writes to the place.
pub(super) struct Sink<'a> {
    out: &'a mut (dyn Write + Send),
    watch: SinkWatch,
}

/// What has become of a [`Sink`] that another library holds.
#[derive(Clone, Debug, Default)]
pub(super) struct SinkWatch(Arc<State>);

#[derive(Debug, Default)]
struct State {
    failure: Mutex<Option<io::Error>>,
    is_closed: AtomicBool,
    bytes: AtomicU64,
}

impl<'a> Sink<'a> {
    pub(super) fn new(out: &'a mut (dyn Write + Send)) -> Self {
        Self { out, watch: SinkWatch::default() }
    }

    pub(super) fn watch(&self) -> SinkWatch {
        self.watch.clone()
    }

    /// Writes all of the buffer, and empties it.
    pub(super) fn take(&mut self, buffer: &mut Vec<u8>) -> Result<(), WriteError> {
        let written = self.write_all(buffer);
        buffer.clear();
        written.map_err(|error| self.watch.error(error))
    }

    /// Passes on what the place itself keeps back.
    pub(super) fn end(&mut self) -> Result<(), WriteError> {
        self.flush().map_err(|error| self.watch.error(error))
    }
}

impl SinkWatch {
    /// An error of another library: that of the place, if there is one.
    pub(super) fn error(&self, error: impl ToString) -> WriteError {
        self.close();
        let mut failure = self.0.failure.lock().unwrap_or_else(PoisonError::into_inner);
        match failure.take() {
            Some(failure) => WriteError::Out(failure),
            None => WriteError::Failed(error.to_string()),
        }
    }

    /// From now on nothing is written.
    pub(super) fn close(&self) {
        self.0.is_closed.store(true, Ordering::Relaxed);
    }

    /// The bytes that were written.
    pub(super) fn bytes(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }

    fn is_closed(&self) -> bool {
        self.0.is_closed.load(Ordering::Relaxed)
    }

    fn keep<T>(&self, done: io::Result<T>) -> io::Result<T> {
        match done {
            Err(error) if error.kind() != ErrorKind::Interrupted => {
                self.close();
                let passed_on = io::Error::new(error.kind(), error.to_string());
                *self.0.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                Err(passed_on)
            }
            done => done,
        }
    }
}

impl Write for Sink<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if self.watch.is_closed() {
            return Ok(buffer.len());
        }
        let count = self.watch.keep(self.out.write(buffer))?;
        if count == 0 && !buffer.is_empty() {
            return self.watch.keep(Err(ErrorKind::WriteZero.into()));
        }
        self.watch.0.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.watch.is_closed() { Ok(()) } else { self.watch.keep(self.out.flush()) }
    }
}
