//! The errors of opening the journal and of an append.
//!
//! Invariant: after every error of an append but [`JournalError::Unknown`], the journal holds nothing of it. One
//! exception: a local disk that refuses both the write and the truncation may hold the frame until the next append.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::Entry;
use redis_link::RedisError;

/// Why an append failed. The journal keeps nothing of it, except after [`JournalError::Unknown`].
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum JournalError {
    /// No space: on the disk, within the quota, or within the configured limit. Appends succeed again when
    /// there is space.
    #[error("the journal is full")]
    Full,
    /// The journal has space, and the sheet or the account of the entries holds its share of it. Appends succeed again
    /// when some of its entries are committed.
    #[error("the sheet or the account holds its share of the journal")]
    ShareFull,
    /// The entries are larger than one write may be.
    #[error("{bytes} bytes are more than one append may hold")]
    TooLarge {
        /// Encoded size.
        bytes: usize,
    },
    /// The disk refused.
    #[error("the journal could not be written: {0}")]
    Io(io::ErrorKind),
    /// The journal's thread has ended.
    #[error("the journal is closed")]
    Closed,
    /// Another node appended first. These are its entries, or the first of them, or none where it only
    /// had the turn.
    #[error("others were first")]
    Lost(Vec<Arc<Entry>>),
    /// The answer did not arrive in time: the append may have landed, or may still land.
    #[error("the journal did not answer: {0}")]
    Unknown(String),
    /// The journal can't be reached.
    #[error("the journal is away: {0}")]
    Away(String),
    /// The journal has no entry that follows the sheet's head: the sheet must be opened again.
    #[error("the journal does not continue from this revision; open the sheet again")]
    Gap,
    /// The content of the journal has an unexpected form.
    #[error("the journal holds what it should not: {0}")]
    Foreign(String),
}

impl From<RedisError> for JournalError {
    fn from(error: RedisError) -> Self {
        match error {
            RedisError::Unavailable(text) => Self::Unknown(text),
            RedisError::NoScript => Self::Away(error.to_string()),
            RedisError::Full(_) => Self::Full,
            RedisError::Refused(text) => Self::Foreign(text),
        }
    }
}

impl JournalError {
    /// The error for a failed write.
    pub(super) fn from_io(error: &io::Error) -> Self {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        match error.kind() {
            StorageFull | QuotaExceeded | FileTooLarge => Self::Full,
            kind => Self::Io(kind),
        }
    }
}

/// Why the journal can't be opened.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenJournalError {
    /// Another process has it open.
    #[error("data directory in use by another server: {0}")]
    InUse(PathBuf),
    /// The directory or a file in it can't be used.
    #[error("the journal in {path} can't be used: {message}")]
    Io {
        /// The directory or file.
        path: PathBuf,
        /// The system's message.
        message: String,
    },
    /// A file differs from what was written: to continue would lose accepted edits silently.
    #[error("the journal file {path} is damaged at byte {offset}: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where in it, in bytes.
        offset: u64,
        /// The problem.
        reason: String,
    },
}

impl OpenJournalError {
    /// The error for a failed system call.
    pub(super) fn io(path: &Path, error: &io::Error) -> Self {
        Self::Io { path: path.to_owned(), message: error.to_string() }
    }

    /// The error for bytes that are not what was written.
    pub(super) fn damaged(path: &Path, offset: usize, reason: impl ToString) -> Self {
        Self::Damaged { path: path.to_owned(), offset: offset as u64, reason: reason.to_string() }
    }
}
