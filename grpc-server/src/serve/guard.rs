//! The bounds of a connection in time: how long one may be silent or stuck.
//!
//! Not the limits of a request: those are hyper's and tonic's. Invariant: a connection that has sent its first bytes
//! and reads what is written is not cut here.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, sleep};

use model::limits::edge::{ANSWER_QUIET_AT_MOST, FIRST_BYTES_WITHIN};

/// How often each connection is checked for being stuck.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// Bytes after which the protocol of a connection is known: the length of the preface of HTTP/2.
const FIRST_BYTES: u64 = 24;

/// The bytes that a client has sent, and the time since which it reads nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Traffic {
    bytes: Arc<AtomicU64>,
    blocked: Arc<Mutex<Option<Instant>>>,
}

impl Traffic {
    /// A complete request has arrived, so the protocol is known whatever its length.
    pub(super) fn request(&self) {
        self.bytes.fetch_add(FIRST_BYTES, Ordering::Relaxed);
    }

    /// Resolves when the client has sent fewer than [`FIRST_BYTES`] in [`FIRST_BYTES_WITHIN`]. Afterwards hyper's
    /// limits apply: on headers for HTTP/1.1, on keepalives for HTTP/2.
    pub(super) async fn silence(&self) {
        sleep(FIRST_BYTES_WITHIN).await;
        if self.bytes.load(Ordering::Relaxed) >= FIRST_BYTES {
            std::future::pending::<()>().await;
        }
    }

    /// Resolves when the client has read nothing for [`ANSWER_QUIET_AT_MOST`] although bytes wait to be written.
    pub(super) async fn stuck(&self) {
        let is_stuck = |since: Instant| since.elapsed() >= ANSWER_QUIET_AT_MOST;
        while !self.lock().is_some_and(is_stuck) {
            sleep(LOOK_EVERY).await;
        }
    }

    /// Notes whether a write was taken.
    fn wrote<T>(&self, write: Poll<T>) -> Poll<T> {
        let mut blocked = self.lock();
        match write {
            Poll::Ready(_) => *blocked = None,
            Poll::Pending => {
                blocked.get_or_insert_with(Instant::now);
            }
        }
        write
    }

    fn lock(&self) -> MutexGuard<'_, Option<Instant>> {
        // Every change is a single assignment, so a poisoned lock is whole.
        self.blocked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A stream whose bytes count.
    pub(super) fn on<S>(&self, stream: S) -> Metered<S> {
        Metered { stream, traffic: self.clone() }
    }
}

/// A stream whose bytes are counted.
#[derive(Debug)]
pub(super) struct Metered<S> {
    stream: S,
    traffic: Traffic,
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let count = buffer.filled().len() - before;
        self.traffic.bytes.fetch_add(count as u64, Ordering::Relaxed);
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let write = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.traffic.wrote(write)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let write = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.traffic.wrote(write)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_silent_connection_ends_and_one_that_sends_stays() {
        let traffic = Traffic::default();
        traffic.silence().await;
        let (mut far, near) = tokio::io::duplex(64);
        let mut near = traffic.on(near);
        far.write_all(&[0; 24]).await.expect("there is room");
        near.read_exact(&mut [0; 24]).await.expect("it came");
        let silent = tokio::time::timeout(FIRST_BYTES_WITHIN * 2, traffic.silence());
        assert!(silent.await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_takes_nothing_is_noticed_and_a_quiet_one_is_not() {
        let traffic = Traffic::default();
        let (mut far, near) = tokio::io::duplex(64);
        let mut near = traffic.on(near);
        near.write_all(&[0; 64]).await.expect("there is room");
        assert!(tokio::time::timeout(ANSWER_QUIET_AT_MOST * 9, traffic.stuck()).await.is_err());
        let writer = tokio::spawn(async move { near.write_all(&[0; 65]).await });
        // Each byte that the peer takes restarts the time limit.
        sleep(ANSWER_QUIET_AT_MOST / 2).await;
        far.read_exact(&mut [0; 64]).await.expect("it came");
        let begun = Instant::now();
        traffic.stuck().await;
        assert!(begun.elapsed() >= ANSWER_QUIET_AT_MOST, "{:?}", begun.elapsed());
        assert!(begun.elapsed() <= ANSWER_QUIET_AT_MOST + LOOK_EVERY, "{:?}", begun.elapsed());
        far.read_exact(&mut [0; 65]).await.expect("it came");
        writer.await.expect("continues").expect("is taken");
    }
}
