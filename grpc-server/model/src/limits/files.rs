//! The limits of files: what one may be, what an account may keep, and how long removed ones and unfinished uploads stay.
//!
//! Not here: how turns are given (`service::turns`). Invariant: each refusal names the limit that it met, with its value.

use std::time::Duration;

use super::edge::SERVER_HELD_BYTES;

const GIB: u64 = 1 << 30;

/// The bytes of each piece of an upload, but the last one.
pub const PIECE_BYTES: u32 = 2 * 1024 * 1024;

/// The largest message of a call for files: a piece, and what names it. A lower limit of messages does not hold for it,
/// because all pieces have one size.
pub const PIECE_MESSAGE_BYTES: usize = PIECE_BYTES as usize + 4 * 1024;

/// The largest limit of the bytes of one file: the digests of its pieces, 16 MiB, are read to finish its upload.
pub const FILE_BYTES_MOST: u64 = 1 << 40;

/// Ranges of missing pieces that one answer has; an answer names the first ones.
pub const MISSING_RANGES: usize = 4_096;

/// The most characters of a file's name.
pub const NAME_CHARACTERS: usize = 200;

/// The most bytes of the id of a request.
pub const REQUEST_ID_BYTES: usize = 100;

/// Links to downloads of one account that have not ended.
pub const DOWNLOAD_LINKS: u32 = 100;

/// E-mail addresses that one file is shared with.
pub const SHARES_OF_FILE: u32 = 200;

/// How long a link to a download lasts.
pub const DOWNLOAD_LINK_LASTS: Duration = Duration::from_secs(60 * 60);

/// Uploads of one account under way.
pub const UPLOADS: u32 = 64;

/// Pieces of one account that a server receives at once; further ones wait.
pub const PIECES_AT_ONCE: usize = 4;

/// Pieces of all accounts that a server writes at once: they are in memory.
pub const SERVER_PIECES_AT_ONCE: usize = 32;

/// Pieces of all accounts that a server has received and not answered, with those that it writes. Further ones are refused,
/// so that a place that hangs leaves the memory of requests to the calls for sheets.
pub const SERVER_PIECES_HELD: usize = 2 * SERVER_PIECES_AT_ONCE;

/// Downloads of one account at once; further ones wait for them.
pub const DOWNLOADS_AT_ONCE: usize = 2;

/// Downloads of all accounts at once; further ones wait for them.
pub const DOWNLOADS: usize = 6;

/// The part of an account's room that others leave to it with what they make of its files: one of so many.
const OWNERS_PART: u32 = 10;

/// How long an upload stays that receives no piece.
pub const UPLOAD_KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How long a removed file can be restored.
pub const REMOVED_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How long the pieces of a content stay that no file and no upload names: downloads that have begun read them so long.
pub const CONTENT_KEPT: Duration = Duration::from_secs(60 * 60);

/// How old a content is at least whose pieces are deleted because Postgres has no row of it, and how long it has been seen
/// without one. An operator who has restored a backup of Postgres that is too old has this long to notice.
pub const UNKNOWN_CONTENT_KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

const _: () = assert!(SERVER_PIECES_HELD * PIECE_MESSAGE_BYTES <= SERVER_HELD_BYTES / 3 * 2);
const _: () = assert!(DOWNLOADS_AT_ONCE < DOWNLOADS && PIECES_AT_ONCE < SERVER_PIECES_AT_ONCE);

/// The limits of the files of each account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Files")]
pub struct FileLimits {
    /// Bytes of one file, at most 1,099,511,627,776
    #[arg(long = "limit-file-bytes", env = "GRIDLOOM_LIMIT_FILE_BYTES", value_name = "BYTES",
        default_value_t = FileLimits::DEFAULT.file_bytes,
        value_parser = clap::value_parser!(u64).range(..=FILE_BYTES_MOST))]
    pub file_bytes: u64,
    /// Bytes of all files of one account, with removed ones and uploads under way
    #[arg(long = "limit-account-file-bytes", env = "GRIDLOOM_LIMIT_ACCOUNT_FILE_BYTES", value_name = "BYTES",
        default_value_t = FileLimits::DEFAULT.account_file_bytes)]
    pub account_file_bytes: u64,
    /// Files of one account, with removed ones and uploads under way
    #[arg(long = "limit-account-files", env = "GRIDLOOM_LIMIT_ACCOUNT_FILES", value_name = "COUNT",
        default_value_t = FileLimits::DEFAULT.account_files)]
    pub account_files: u32,
}

impl FileLimits {
    /// The defaults.
    pub const DEFAULT: FileLimits =
        FileLimits { file_bytes: 16 * GIB, account_file_bytes: 64 * GIB, account_files: 10_000 };

    /// What the tables and views of others on shared files may fill of the owner's room: all but a tenth.
    #[must_use]
    pub fn of_others(self) -> FileLimits {
        FileLimits {
            file_bytes: self.file_bytes,
            account_file_bytes: self.account_file_bytes
                - self.account_file_bytes / u64::from(OWNERS_PART),
            account_files: self.account_files - self.account_files / OWNERS_PART,
        }
    }
}

impl Default for FileLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
