//! Why the journal could not be opened, or did not take an append.

use std::io;
use std::path::{Path, PathBuf};

/// Why an append was not taken. Nothing of it is kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// No room: on the disk, within the quota, or within the configured limit. Works again when
    /// there is room.
    #[error("the journal is full")]
    Full,
    /// More waits to be written than the queue takes.
    #[error("the journal's queue is full")]
    Overloaded,
    /// The entries are larger than one write may be.
    #[error("{bytes} bytes are more than one append may hold")]
    TooLarge {
        /// Encoded size.
        bytes: usize,
    },
    /// The disk refused.
    #[error("the journal could not be written: {0}")]
    Io(io::ErrorKind),
    /// The journal's thread is gone.
    #[error("the journal is closed")]
    Closed,
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
        /// What the system said.
        message: String,
    },
    /// A file is not what was written: going on would lose accepted edits silently.
    #[error("the journal file {path} is damaged at byte {offset}: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where in it, in bytes.
        offset: u64,
        /// What is wrong.
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
