//! The binary form: version, tags and errors.
//!
//! The first byte is the version. Numbers are LEB128 varints. A cell's position is the difference to the
//! cell before it. `encode.rs` writes the form and `decode.rs` reads it.
//!
//! Invariant: a tag number keeps its meaning in every release, because old journals contain it.

/// The version that [`encode_delta`](super::encode_delta) writes.
pub const VERSION: u8 = 1;

/// Why bytes can't be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes end too early.
    #[error("the bytes end too early")]
    Truncated,
    /// Bytes follow the end of the form.
    #[error("{0} bytes follow the end of the form")]
    TrailingBytes(usize),
    /// A newer release wrote the bytes.
    #[error(
        "this release does not know delta form {0}; use the release that wrote it or a newer one"
    )]
    UnknownVersion(u8),
    /// A tag without a meaning.
    #[error("tag {0} is unknown")]
    UnknownTag(u8),
    /// A number is too large for its field.
    #[error("a number is too large for its field")]
    Overflow,
    /// A text is not UTF-8.
    #[error("a text is not UTF-8")]
    NotUtf8,
    /// Edits are not sorted by position.
    #[error("edits are out of order")]
    OutOfOrder,
}

/// Tags, one byte each. Never reuse a number: old journals contain them.
pub(super) mod tag {
    pub(in crate::codec) const KEEP: u8 = 0;
    pub(in crate::codec) const DELETE: u8 = 1;
    pub(in crate::codec) const LIFT: u8 = 2;
    pub(in crate::codec) const INSERT: u8 = 3;
    pub(in crate::codec) const INSERT_NAMED: u8 = 4;
    pub(in crate::codec) const DROP: u8 = 5;

    pub(in crate::codec) const EMPTY: u8 = 0;
    pub(in crate::codec) const FALSE: u8 = 1;
    pub(in crate::codec) const TRUE: u8 = 2;
    pub(in crate::codec) const NUMBER: u8 = 3;
    pub(in crate::codec) const TEXT: u8 = 4;
    pub(in crate::codec) const INSTANT: u8 = 5;
    /// In place of a value: a text edit follows.
    pub(in crate::codec) const TEXT_EDIT: u8 = 6;
    pub(in crate::codec) const DATE: u8 = 7;
    pub(in crate::codec) const LOCAL_DATE_TIME: u8 = 8;

    pub(in crate::codec) const RETAIN: u8 = 0;
    pub(in crate::codec) const INSERT_TEXT: u8 = 1;
    pub(in crate::codec) const DELETE_TEXT: u8 = 2;

    pub(in crate::codec) const NAME: u8 = 1;
    pub(in crate::codec) const KIND: u8 = 2;
    pub(in crate::codec) const WIDTH: u8 = 4;
    pub(in crate::codec) const SETTINGS: u8 = 8;
}
