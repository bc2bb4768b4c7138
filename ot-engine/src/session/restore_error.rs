//! The error of a restore, and the version byte of every saved form.
//!
//! It knows no form beyond that byte. Invariant: an unknown version is an error, never a guess.

use crate::codec::{DecodeError, Input};
use crate::{Invalid, Sequence};

/// The reason why saved bytes can't be restored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// A newer release saved the bytes.
    #[error(
        "this release does not know saved form {0}; use the release that saved it or a newer one"
    )]
    UnknownVersion(u8),
    /// The bytes are not the saved form.
    #[error("saved bytes are damaged: {0}")]
    Damaged(#[from] DecodeError),
    /// Well-formed parts contradict each other.
    #[error("saved bytes are damaged: {0}")]
    Contradiction(&'static str),
    /// A pending edit can't be applied to the sheet.
    #[error("the pending edit {sequence} does not fit the sheet: {invalid}")]
    Misfit {
        /// The edit.
        sequence: Sequence,
        /// The broken rule.
        invalid: Invalid,
    },
}

/// Reads the first byte of a saved form, its version.
pub(crate) fn read_version(input: &mut Input<'_>, known: u8) -> Result<(), RestoreError> {
    match input.byte()? {
        version if version == known => Ok(()),
        version => Err(RestoreError::UnknownVersion(version)),
    }
}
