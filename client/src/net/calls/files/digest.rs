//! The digests of a piece and of a whole content.
//!
//! Not the division of an upload into pieces: that is the server's. Invariant: the digest of a content is that of `File`
//! in `files.proto`, in whichever parts its bytes arrive.

use sha2::{Digest as _, Sha256};

/// The bytes of each piece of a file's digest but the last one, which has the rest.
pub const PIECE_BYTES: usize = 2 << 20;

/// The SHA-256 of a piece.
#[must_use]
pub fn piece_digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The digest of a content whose bytes arrive one part after another.
#[derive(Clone, Debug, Default)]
pub struct ContentHasher {
    /// The piece that is not complete.
    piece: Sha256,
    /// Bytes of that piece.
    filled: usize,
    /// The digests of the pieces before.
    whole: Sha256,
}

impl ContentHasher {
    /// Adds the next bytes.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (part, rest) = bytes.split_at(bytes.len().min(PIECE_BYTES - self.filled));
            self.piece.update(part);
            self.filled += part.len();
            if self.filled == PIECE_BYTES {
                self.end_piece();
            }
            bytes = rest;
        }
    }

    /// The digest of all bytes.
    #[must_use]
    pub fn digest(mut self) -> [u8; 32] {
        if self.filled > 0 {
            self.end_piece();
        }
        self.whole.finalize().into()
    }

    fn end_piece(&mut self) {
        let digest: [u8; 32] = std::mem::take(&mut self.piece).finalize().into();
        self.whole.update(digest);
        self.filled = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_has_one_digest_in_whichever_parts_it_arrives() {
        let content: Vec<u8> = (0..PIECE_BYTES + 3).map(|at| (at % 251) as u8).collect();
        for bytes in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 3] {
            let content = &content[..bytes];
            let pieces: Vec<u8> = content.chunks(PIECE_BYTES).flat_map(piece_digest).collect();
            for part in [100_003, PIECE_BYTES + 5] {
                let mut hasher = ContentHasher::default();
                content.chunks(part).for_each(|part| hasher.update(part));
                assert_eq!(hasher.digest(), piece_digest(&pieces), "{bytes} bytes");
            }
        }
    }
}
