//! The digests of pieces and contents.
//!
//! Not the comparison with what a client sends. Invariant: the digest of a content depends on its bytes and on the size of
//! its pieces alone.

use bytes::Bytes;
use model::sizes::LIGHT_BYTES;
use model::{ContentDigest, PieceDigest};
use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;

use crate::VaultError;

/// SHA-256 of the bytes of a piece. Takes milliseconds for a large piece.
#[must_use]
pub fn piece_digest(bytes: &[u8]) -> PieceDigest {
    PieceDigest(Sha256::digest(bytes).into())
}

/// SHA-256 over the digests of all pieces of a content, in order.
#[must_use]
pub fn content_digest(pieces: impl IntoIterator<Item = PieceDigest>) -> ContentDigest {
    let mut hash = Sha256::new();
    for piece in pieces {
        hash.update(piece.0);
    }
    ContentDigest(hash.finalize().into())
}

/// The digest of a piece; that of a large one is computed off the threads of the runtime.
pub(crate) async fn digest_aside(bytes: &Bytes) -> Result<PieceDigest, VaultError> {
    if bytes.len() <= LIGHT_BYTES {
        return Ok(piece_digest(bytes));
    }
    // Shares the memory.
    let bytes = bytes.clone();
    spawn_blocking(move || piece_digest(&bytes)).await.map_err(|error| VaultError::ended(&error))
}
