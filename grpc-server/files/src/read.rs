//! An object as a place reads it.
//!
//! Not the check of its digest. Invariant: bytes are as many as were asked for.

use bytes::Bytes;

/// An object as it is read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// Its bytes, of a size that was asked for.
    Bytes(Bytes),
    /// It has another size, or is no plain file.
    Other,
    /// There is none.
    Missing,
}
