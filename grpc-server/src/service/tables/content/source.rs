//! The bytes of a content for readers that block: random access over its pieces, of which the last ones stay in memory.
//!
//! Such a reader has a thread of its own (`heavy_work::run_apart`), which waits here for the place. Not the check of a piece
//! (`content`). Invariants: what is kept has a bound in bytes, whatever the reader does; a reader that is stopped waits for no
//! piece.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Content;
use super::lru::Lru;
use crate::edge::errors::ServiceError;
use model::ContentId;
use tables::ReadError;

/// Pieces that were read, of one content or of several.
pub(in crate::service::tables) type KeptPieces = Arc<Mutex<Lru<(ContentId, u32), Bytes>>>;

/// No pieces yet, of at most so many bytes.
pub(in crate::service::tables) fn kept_pieces(most_bytes: usize) -> KeptPieces {
    Arc::new(Mutex::new(Lru::new(most_bytes)))
}

/// The bytes of a content.
pub(in crate::service::tables) struct Source {
    content: Arc<Content>,
    runtime: Handle,
    kept: KeptPieces,
    /// The piece behind the last one that was read, for a reader that reads from the begin to the end; `None`: another one.
    ahead: Option<Mutex<Ahead>>,
    stop: CancellationToken,
}

/// What is read ahead.
#[derive(Default)]
struct Ahead {
    /// The piece that was read last.
    last: Option<u32>,
    task: Option<(u32, JoinHandle<Result<Bytes, ServiceError>>)>,
}

/// The error of a piece, inside of an error of I/O.
#[derive(Debug, thiserror::Error)]
#[error("a piece of the file could not be read")]
struct Failed(ServiceError);

impl Source {
    /// For pages of rows: each reads a few pieces, which others may want, too.
    pub(in crate::service::tables) fn of_pages(content: Content, kept: KeptPieces) -> Self {
        let stop = CancellationToken::new();
        let (content, runtime) = (Arc::new(content), Handle::current());
        Self { content, runtime, kept, ahead: None, stop }
    }

    /// For a reading of the whole, until `stop`.
    pub(in crate::service::tables) fn of_reading(
        content: Content,
        kept: KeptPieces,
        stop: CancellationToken,
    ) -> Self {
        let (content, runtime) = (Arc::new(content), Handle::current());
        Self { content, runtime, kept, ahead: Some(Mutex::default()), stop }
    }

    fn piece(&self, number: u32) -> Result<Bytes, ServiceError> {
        let key = (self.content.id(), number);
        let kept = self.kept().get(key);
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let ahead = self.ahead.as_ref().and_then(|ahead| lock(ahead).take(number));
        let piece = match ahead {
            Some(task) => self.wait(async { task.await.map_err(ServiceError::internal)? })?,
            None => self.wait(self.content.piece(number))?,
        };
        self.kept().put(key, piece.clone(), piece.len());
        if let Some(ahead) = &self.ahead {
            self.read_ahead(&mut lock(ahead), number);
        }
        Ok(piece)
    }

    pub(in crate::service::tables) fn content(&self) -> &Content {
        &self.content
    }

    /// Where the reader's thread may wait for what is asynchronous.
    pub(in crate::service::tables) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// The digests of all pieces.
    ///
    /// # Errors
    /// As that of a piece, inside of an error of the source.
    pub(in crate::service::tables) fn digests(&self) -> Result<Vec<u8>, ReadError> {
        self.wait(self.content.digests()).map_err(failed)
    }

    /// Why a piece can't be read, in the form of a reading; `None`: it is whole.
    pub(in crate::service::tables) fn error_of(&self, number: u32) -> Option<ReadError> {
        self.piece(number).err().map(failed)
    }

    /// Begins to read the next piece, where the last ones were in order.
    fn read_ahead(&self, ahead: &mut Ahead, number: u32) {
        let is_in_order = number.checked_sub(1) == ahead.last;
        ahead.last = Some(number);
        let next = number.saturating_add(1);
        let is_there = self.content.pieces().bytes_of(next).is_some();
        if is_in_order && is_there && !self.stop.is_cancelled() {
            let content = Arc::clone(&self.content);
            let task = async move { content.piece(next).await };
            ahead.task = Some((next, self.content.store().tasks().spawn(task)));
        }
    }

    /// Waits for a piece or for digests, unless the reader is to stop.
    fn wait<T>(
        &self,
        piece: impl Future<Output = Result<T, ServiceError>>,
    ) -> Result<T, ServiceError> {
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => Err(ServiceError::Draining),
                piece = piece => piece,
            }
        })
    }

    fn kept(&self) -> MutexGuard<'_, Lru<(ContentId, u32), Bytes>> {
        lock(&self.kept)
    }
}

impl Ahead {
    /// The task that reads a piece.
    fn take(&mut self, number: u32) -> Option<JoinHandle<Result<Bytes, ServiceError>>> {
        self.task.take().filter(|(next, _)| *next == number).map(|(_, task)| task)
    }
}

impl tables::Bytes for Source {
    fn len(&self) -> u64 {
        self.content.pieces().bytes
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let pieces = self.content.pieces();
        let size = u64::from(pieces.piece_bytes.max(1));
        if offset >= pieces.bytes || buffer.is_empty() {
            return Ok(0);
        }
        let number = u32::try_from(offset / size).map_err(io::Error::other)?;
        let piece = self.piece(number).map_err(|error| io::Error::other(Failed(error)))?;
        let begin = usize::try_from(offset % size).map_err(io::Error::other)?;
        let rest = piece.get(begin..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

/// An error as one of a reading.
fn failed(error: ServiceError) -> ReadError {
    ReadError::Source(io::Error::other(Failed(error)))
}

/// The error of the piece that has ended a reading, if it was one.
pub(in crate::service::tables) fn failure_of(error: &ReadError) -> Option<ServiceError> {
    let ReadError::Source(error) = error else { return None };
    error.get_ref()?.downcast_ref::<Failed>().map(|failed| failed.0.clone())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What a panic has left lacks a piece at most, which is read again.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
