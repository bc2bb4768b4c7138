//! Why a call of a vault fails.
//!
//! Not what a client gets for it: that is a mapping of the services. Invariant: a text is one line of at most
//! [`TEXT_CHARACTERS`], and has no secret of the configuration.

use std::error::Error;
use std::io;
use std::path::Path;

use model::ContentId;
use tokio::task::JoinError;

/// The most characters of the text of an error: a bucket may answer with a page.
const TEXT_CHARACTERS: usize = 400;

/// How buckets name that they have no room: S3 has none of these, servers that implement its protocol do.
const FULL: [&str; 4] = ["QuotaExceeded", "StorageFull", "InsufficientStorage", "507 Insufficient"];

/// Why a call fails.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The place does not answer, or refuses; a later call may succeed.
    #[error("the place of the files is unavailable: {0}")]
    Unavailable(String),
    /// The place has no room, or the quota of the server's user is used up.
    #[error("the place of the files is full")]
    Full,
    /// The place has lost a piece.
    #[error("piece {number} of the content {content} is lost")]
    Lost {
        /// The content.
        content: ContentId,
        /// The number of the piece.
        number: u32,
    },
    /// A piece has other bytes than those that were written.
    #[error("piece {number} of the content {content} has changed")]
    Changed {
        /// The content.
        content: ContentId,
        /// The number of the piece.
        number: u32,
    },
    /// The place can't be used as it is configured.
    #[error("{0}")]
    BadPlace(String),
}

impl VaultError {
    /// The system refused a call in a folder.
    pub(crate) fn folder(root: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Unavailable(one_line(&format!("{}: {error}", root.display()))),
        }
    }

    /// A bucket refused a call, or did not answer.
    pub(crate) fn bucket(error: &object_store::Error) -> Self {
        let text = with_sources(error);
        if FULL.iter().any(|code| text.contains(code)) {
            return Self::Full;
        }
        Self::Unavailable(one_line(&text))
    }

    /// A thread ended before its work: by a panic, or with the runtime.
    pub(crate) fn ended(error: &JoinError) -> Self {
        Self::Unavailable(one_line(&error.to_string()))
    }
}

/// The text of an error, and those of its sources that it does not contain.
fn with_sources(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let more = source.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        next = source.source();
    }
    text
}

fn one_line(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(plain).take(TEXT_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_folder(code: rustix::io::Errno) -> VaultError {
        VaultError::folder(Path::new("/place"), &code.into())
    }

    fn in_bucket(text: &str) -> VaultError {
        VaultError::bucket(&object_store::Error::Generic { store: "S3", source: text.into() })
    }

    #[test]
    fn a_place_without_room_is_full() {
        assert_eq!(in_folder(rustix::io::Errno::NOSPC), VaultError::Full);
        assert_eq!(in_folder(rustix::io::Errno::DQUOT), VaultError::Full);
        assert_eq!(in_bucket("<Code>XMinioStorageFull</Code>"), VaultError::Full);
        assert_eq!(in_bucket("non-2xx status code: 507 Insufficient Storage"), VaultError::Full);
    }

    #[test]
    fn other_refusals_are_an_unavailable_place_with_one_short_line() {
        let VaultError::Unavailable(text) = in_folder(rustix::io::Errno::IO) else {
            panic!("another error");
        };
        assert!(text.starts_with("/place: "), "{text}");
        let VaultError::Unavailable(text) = in_bucket(&"<html>\n".repeat(1000)) else {
            panic!("another error");
        };
        assert_eq!(text.chars().count(), TEXT_CHARACTERS);
        assert!(!text.contains('\n'));
    }
}
