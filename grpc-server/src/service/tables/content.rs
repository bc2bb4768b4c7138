//! The pieces of a content, by their numbers: each with its digest from Postgres, read from the place and checked.
//!
//! Not a cache of pieces (`source`). Invariant: no byte is passed on of a piece that is not whole.

pub(super) mod lru;
pub(super) mod source;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use files::VaultError;

use self::lru::Lru;
use crate::edge::errors::{FileRefusal, ServiceError};
use crate::service::files::CheckedPlace;
use model::{ContentId, PieceDigest, Pieces};
use store::Store;

/// Digests that one query returns: those of a gigabyte.
const DIGESTS_AT_ONCE: u32 = 512;
/// Such answers that a content keeps.
const KEPT_ANSWERS: usize = 16;

/// A content.
#[derive(Debug)]
pub(super) struct Content {
    store: Store,
    place: Arc<CheckedPlace>,
    id: ContentId,
    pieces: Pieces,
    /// Answers by the number of their first piece in [`DIGESTS_AT_ONCE`].
    digests: Mutex<Lru<u32, Arc<[PieceDigest]>>>,
}

impl Content {
    pub(super) fn new(
        store: Store,
        place: Arc<CheckedPlace>,
        (id, pieces): (ContentId, Pieces),
    ) -> Self {
        Self { store, place, id, pieces, digests: Mutex::new(Lru::new(KEPT_ANSWERS)) }
    }

    pub(super) const fn id(&self) -> ContentId {
        self.id
    }

    pub(super) const fn pieces(&self) -> Pieces {
        self.pieces
    }

    pub(super) const fn store(&self) -> &Store {
        &self.store
    }

    /// Reads a piece.
    ///
    /// # Errors
    /// UNAVAILABLE, DATA_LOSS, or NOT_FOUND where the content is swept.
    pub(super) async fn piece(&self, number: u32) -> Result<Bytes, ServiceError> {
        let bytes = self.pieces.bytes_of(number).ok_or(FileRefusal::NoFile)?;
        let digest = self.digest(number).await?;
        let vault = self.place.ready().await?;
        match vault.get(self.id, number, digest, bytes).await {
            Ok(piece) => Ok(piece),
            Err(error @ (VaultError::Lost { .. } | VaultError::Changed { .. })) => {
                // A content that is being deleted has lost nothing.
                let is_damage = self.store.note_damage(self.id).await?;
                Err(if is_damage { error.into() } else { FileRefusal::NoFile.into() })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The digests of all pieces, one after the other.
    ///
    /// # Errors
    /// UNAVAILABLE, or NOT_FOUND where the content is swept.
    pub(super) async fn digests(&self) -> Result<Vec<u8>, ServiceError> {
        let count = self.pieces.count();
        let mut digests = Vec::new();
        for from in (0..count).step_by(DIGESTS_AT_ONCE as usize) {
            let read = self.store.piece_digests(self.id, from, DIGESTS_AT_ONCE).await?;
            if read.len() < DIGESTS_AT_ONCE.min(count - from) as usize {
                return Err(FileRefusal::NoFile.into());
            }
            digests.extend(read.iter().flat_map(|digest| digest.0));
        }
        Ok(digests)
    }

    async fn digest(&self, number: u32) -> Result<PieceDigest, ServiceError> {
        let (page, at) = (number / DIGESTS_AT_ONCE, number % DIGESTS_AT_ONCE);
        let known = self.known().get(page);
        let digests = match known {
            Some(digests) => digests,
            None => {
                let from = page * DIGESTS_AT_ONCE;
                let read = self.store.piece_digests(self.id, from, DIGESTS_AT_ONCE).await?;
                let digests: Arc<[PieceDigest]> = read.into();
                self.known().put(page, Arc::clone(&digests), 1);
                digests
            }
        };
        // Its file was deleted or read again, and the content after it.
        digests.get(at as usize).copied().ok_or_else(|| FileRefusal::NoFile.into())
    }

    fn known(&self) -> MutexGuard<'_, Lru<u32, Arc<[PieceDigest]>>> {
        // After a panic in between it would lack a digest, which is read again.
        self.digests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
