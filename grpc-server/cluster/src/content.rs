//! The bytes of a table: its pieces, each read from the place of the files and checked against its digest.
//!
//! No Postgres: the digests come with the plan. Invariants: no byte is passed on of a piece that is not whole; of each table that
//! is read a few pieces stay in memory.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use engine::QueryError;
use engine_link::DIGEST_BYTES;
use files::{Vault, VaultError};
use model::{ContentId, PieceDigest, Pieces};
use tables::ReadError;
use tokio::runtime::Handle;

/// Pieces that stay in memory for each task.
const KEPT: usize = 8;

/// Where tables are read. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Tables {
    vault: Vault,
    /// Pieces are read here, and not on the threads of tasks.
    runtime: Handle,
    /// The folder of the tasks.
    work_dir: Arc<Path>,
    /// The bytes of its disk that stay free.
    disk_reserve: u64,
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tables").field("vault", &self.vault).finish_non_exhaustive()
    }
}

impl Tables {
    pub(crate) fn new(vault: Vault, work_dir: &Path, disk_reserve: u64) -> Self {
        Self { vault, runtime: Handle::current(), work_dir: work_dir.into(), disk_reserve }
    }

    /// The bytes of a content.
    pub(crate) fn open(
        &self,
        content: Option<&engine_link::Content>,
    ) -> Result<Arc<dyn tables::Bytes>, QueryError> {
        let content = content.ok_or_else(|| QueryError::failed("a plan without a table"))?;
        let id = content.id.parse::<ContentId>().map_err(|_| QueryError::failed("no id"))?;
        let pieces = Pieces { bytes: content.bytes, piece_bytes: content.piece_bytes };
        let count = content.digests.len() / DIGEST_BYTES;
        if content.piece_bytes == 0 || usize::try_from(pieces.count()).ok() != Some(count) {
            return Err(QueryError::failed("a table without the digests of its pieces"));
        }
        let digests: Vec<_> = content
            .digests
            .chunks_exact(DIGEST_BYTES)
            .filter_map(|digest| digest.try_into().ok().map(PieceDigest))
            .collect();
        let (vault, runtime) = (self.vault.clone(), self.runtime.clone());
        Ok(Arc::new(Content { vault, runtime, id, pieces, digests, kept: Mutex::default() }))
    }

    /// Fails where tasks have taken their disk down to its reserve.
    pub(crate) fn check_disk(&self) -> Result<(), QueryError> {
        let disk = rustix::fs::statvfs(&*self.work_dir);
        let free = disk.ok().and_then(|disk| disk.f_bavail.checked_mul(disk.f_frsize));
        match free {
            Some(free) if free < self.disk_reserve => Err(QueryError::TooLarge),
            _ => Ok(()),
        }
    }
}

/// A content.
struct Content {
    vault: Vault,
    runtime: Handle,
    id: ContentId,
    pieces: Pieces,
    digests: Vec<PieceDigest>,
    /// The pieces that were read last.
    kept: Mutex<VecDeque<(u32, Bytes)>>,
}

impl Content {
    fn piece(&self, number: u32) -> io::Result<Bytes> {
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, piece)) = kept().iter().find(|(at, _)| *at == number) {
            return Ok(piece.clone());
        }
        let digest = usize::try_from(number).ok().and_then(|at| self.digests.get(at));
        let (Some(digest), Some(bytes)) = (digest, self.pieces.bytes_of(number)) else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        let piece = self.runtime.block_on(self.vault.get(self.id, number, *digest, bytes));
        let piece = piece.map_err(io::Error::other)?;
        let mut kept = kept();
        kept.truncate(KEPT - 1);
        kept.push_front((number, piece.clone()));
        Ok(piece)
    }
}

impl tables::Bytes for Content {
    fn len(&self) -> u64 {
        self.pieces.bytes
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let size = u64::from(self.pieces.piece_bytes.max(1));
        if offset >= self.pieces.bytes || buffer.is_empty() {
            return Ok(0);
        }
        let piece = self.piece(u32::try_from(offset / size).map_err(io::Error::other)?)?;
        let begin = usize::try_from(offset % size).map_err(io::Error::other)?;
        let rest = piece.get(begin..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

/// The error of the place that has ended a query, if it was one.
pub(crate) fn vault_error(error: &QueryError) -> Option<&VaultError> {
    let QueryError::Read(ReadError::Source(error)) = error else { return None };
    error.get_ref()?.downcast_ref()
}
