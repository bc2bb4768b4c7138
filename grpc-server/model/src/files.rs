//! Files, their uploads, and the pieces of their content. The tables of a file are in `tables`.
//!
//! Not here: where the pieces lie (`files`). Invariant: all pieces of a content have the same size but the last one, which
//! has the rest; an empty content has no piece.

pub(crate) mod tables;

use std::sync::Arc;

use crate::limits::files::PIECE_BYTES;
use crate::{AccountId, ContentId, FileId, Role};

/// SHA-256 of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PieceDigest(pub [u8; 32]);

/// SHA-256 over the digests of all pieces of a content, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContentDigest(pub [u8; 32]);

/// How a content is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pieces {
    /// The bytes of the content.
    pub bytes: u64,
    /// The bytes of each piece but the last one; not 0.
    pub piece_bytes: u32,
}

impl Pieces {
    /// A content of this server.
    #[must_use]
    pub const fn of(bytes: u64) -> Self {
        Self { bytes, piece_bytes: PIECE_BYTES }
    }

    /// The number of pieces. Saturates, far beyond what the limit of a file allows.
    #[must_use]
    pub fn count(self) -> u32 {
        u32::try_from(self.bytes.div_ceil(u64::from(self.piece_bytes))).unwrap_or(u32::MAX)
    }

    /// The bytes of a piece; `None`: there is no such piece.
    #[must_use]
    pub fn bytes_of(self, number: u32) -> Option<u32> {
        let from = u64::from(number).checked_mul(u64::from(self.piece_bytes))?;
        let left = self.bytes.checked_sub(from).filter(|left| *left > 0)?;
        Some(u32::try_from(left).unwrap_or(u32::MAX).min(self.piece_bytes))
    }
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRecord {
    /// Its id.
    pub id: FileId,
    /// Whose it is.
    pub owner: AccountId,
    /// Its name.
    pub name: String,
    /// The content that was uploaded; `None` once it is deleted.
    pub original: Option<Original>,
    /// How that content is divided, or was.
    pub pieces: Pieces,
    /// When its upload was finished.
    pub created_micros: i64,
    /// When it was removed.
    pub removed_micros: Option<i64>,
    /// Rises with each change of the name, the removal or the original.
    pub version: i64,
    /// When its original was deleted.
    pub original_deleted_micros: Option<i64>,
    /// The addresses that have a role on it.
    pub shared_with: u32,
}

/// The content that a file was uploaded with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Original {
    /// Its pieces have this content.
    pub content: ContentId,
    /// The digest of the content.
    pub digest: ContentDigest,
}

/// A file with the role that an account has on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundFile {
    /// The file.
    pub file: FileRecord,
    /// The role: owner, editor or viewer.
    pub role: Role,
    /// The display name of the owner; `None` for its own file.
    pub owner_name: Option<Arc<str>>,
}

impl FoundFile {
    /// A file of an account, as that account has it.
    #[must_use]
    pub const fn own(file: FileRecord) -> Self {
        Self { file, role: Role::Owner, owner_name: None }
    }
}

/// An upload under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadRecord {
    /// Its id, and that of the file that it becomes.
    pub id: FileId,
    /// Whose it is.
    pub owner: AccountId,
    /// The name of the file.
    pub name: String,
    /// The content that it writes.
    pub content: ContentId,
    /// How the content is divided.
    pub pieces: Pieces,
    /// Bytes of the pieces that have arrived.
    pub received: u64,
    /// When it was started.
    pub started_micros: i64,
    /// When the last piece arrived, or it was started.
    pub last_micros: i64,
}

/// The order of a list of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileOrder {
    /// By name, in the order of the server's collation.
    Name,
    /// By size.
    Size,
    /// By the time of the upload.
    Created,
}

/// What the files of an account occupy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileUsage {
    /// Bytes of its contents, with those that uploads have reserved and those that leave.
    pub used: u64,
    /// Of these, those of contents that only removed files have.
    pub removed: u64,
    /// Of these, those of contents that no file and no upload has any more, and whose pieces are still to be deleted.
    pub leaving: u64,
    /// The number of such contents.
    pub leaving_contents: u32,
    /// Its files, with removed ones and uploads under way.
    pub files: u32,
    /// Its uploads under way.
    pub uploads: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sizes_of_the_pieces_are_the_bytes_of_the_content() {
        for piece_bytes in [1, 2, 3, 7] {
            for bytes in 0..40 {
                let pieces = Pieces { bytes, piece_bytes };
                let sizes: Vec<u32> = (0..).map_while(|number| pieces.bytes_of(number)).collect();
                assert_eq!(sizes.len(), pieces.count() as usize);
                assert_eq!(sizes.iter().map(|size| u64::from(*size)).sum::<u64>(), bytes);
                assert!(sizes.iter().rev().skip(1).all(|size| *size == piece_bytes));
            }
        }
    }

    #[test]
    fn no_number_overflows() {
        let pieces = Pieces { bytes: u64::MAX, piece_bytes: u32::MAX };
        assert_eq!((pieces.count(), pieces.bytes_of(u32::MAX)), (u32::MAX, Some(u32::MAX)));
        assert_eq!(Pieces::of(0).bytes_of(0), None);
    }
}
