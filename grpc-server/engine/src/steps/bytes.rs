//! The bytes that a step reads or writes.
//!
//! Not where they are. Invariant: each byte passes as it is, and errors do, too.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use tables::Bytes;

use super::meter::{Meter, thread_time};

/// Bytes whose reads a step counts.
pub(crate) fn counted_input(bytes: Arc<dyn Bytes>, meter: &Arc<Meter>) -> Arc<dyn Bytes> {
    Arc::new(Input { bytes, meter: Arc::clone(meter) })
}

struct Input {
    bytes: Arc<dyn Bytes>,
    meter: Arc<Meter>,
}

impl Bytes for Input {
    fn len(&self) -> u64 {
        self.bytes.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read_at(offset, buffer)?;
        self.meter.add_bytes(count as u64);
        Ok(count)
    }
}

/// A writer whose bytes a step counts.
pub(crate) fn counted_output<'a>(
    out: &'a mut (dyn Write + Send),
    meter: &Arc<Meter>,
) -> impl Write + Send + use<'a> {
    Output { out, meter: Arc::clone(meter) }
}

struct Output<'a> {
    out: &'a mut (dyn Write + Send),
    meter: Arc<Meter>,
}

impl Write for Output<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let count = self.out.write(buffer)?;
        self.meter.add_bytes(count as u64);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Bytes that one step hands to the next one, which writes them, on one thread. The processor time between two writes is that
/// of the first step.
pub struct Handed<'a> {
    out: &'a mut (dyn Write + Send),
    from: Arc<Meter>,
    to: Arc<Meter>,
    last: Duration,
}

impl fmt::Debug for Handed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handed")
            .field("from", &self.from)
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}

impl<'a> Handed<'a> {
    /// The first step begins its work here.
    #[must_use]
    pub fn new(out: &'a mut (dyn Write + Send), from: &Arc<Meter>, to: &Arc<Meter>) -> Self {
        Self { out, from: Arc::clone(from), to: Arc::clone(to), last: thread_time() }
    }

    /// The processor time since the last call.
    fn lap(&mut self) -> Duration {
        let now = thread_time();
        let time = now.saturating_sub(self.last);
        self.last = now;
        time
    }
}

impl Write for Handed<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let time = self.lap();
        self.from.add_busy(time);
        let written = self.out.write(buffer);
        let time = self.lap();
        self.to.add_busy(time);
        let count = written?;
        self.to.add_bytes(count as u64);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for Handed<'_> {
    fn drop(&mut self) {
        let time = self.lap();
        self.from.add_busy(time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_counted_and_stays_as_it_is() {
        let (from, to) = (Meter::new("read", 1), Meter::new("write", 1));
        let bytes = counted_input(Arc::new(vec![1, 2, 3]), &from);
        let mut buffer = [0; 8];
        assert_eq!(bytes.read_at(1, &mut buffer).expect("bytes"), 2);
        let mut out = Vec::new();
        Handed::new(&mut out, &from, &to).write_all(&buffer[..2]).expect("is written");
        assert_eq!(out, [2, 3]);
        assert_eq!((bytes.len(), from.now().bytes, to.now().bytes), (3, 2, 2));
    }
}
