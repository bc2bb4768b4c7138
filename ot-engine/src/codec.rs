//! A compact binary form of deltas, and of what was lost to them, for the journal and the operation log.
//!
//! Not the wire format: that is protobuf, for everyone. Here both ends are this crate, and size and
//! speed count. The first byte is the version; numbers are LEB128 varints; cells are written as
//! differences from the one before. [`decode_delta`] reads any bytes without panic and allocates no
//! more than a fixed multiple of their number. It checks the form, not the rules of
//! [`validate`](crate::validate).

mod conflicts;
mod decode;
mod encode;
mod length;

pub use conflicts::{decode_conflicts, encode_conflict};
pub(crate) use decode::Input;
pub use decode::decode_delta;
pub use encode::encode_delta;
pub(crate) use encode::{bytes, kind, text, varint};
pub use length::encoded_len;

/// The version that [`encode_delta`] writes.
pub const VERSION: u8 = 1;

/// Why bytes are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// They end in the middle.
    #[error("the bytes end in the middle")]
    Truncated,
    /// They go on after the end.
    #[error("{0} bytes are left over after the end")]
    TrailingBytes(usize),
    /// They were written by a newer release.
    #[error("delta form {0} is not known to this release")]
    UnknownVersion(u8),
    /// A tag that stands for nothing.
    #[error("tag {0} is not known")]
    UnknownTag(u8),
    /// A number that does not fit its field.
    #[error("a number is too large for its field")]
    Overflow,
    /// Text that is not UTF-8.
    #[error("text is not UTF-8")]
    NotUtf8,
    /// Edits that do not ascend.
    #[error("edits are out of order")]
    OutOfOrder,
}

/// Tags, one byte each. Never reuse a number: old journals are read with them.
mod tag {
    pub(super) const KEEP: u8 = 0;
    pub(super) const DELETE: u8 = 1;
    pub(super) const LIFT: u8 = 2;
    pub(super) const INSERT: u8 = 3;
    pub(super) const INSERT_NAMED: u8 = 4;
    pub(super) const DROP: u8 = 5;

    pub(super) const EMPTY: u8 = 0;
    pub(super) const FALSE: u8 = 1;
    pub(super) const TRUE: u8 = 2;
    pub(super) const NUMBER: u8 = 3;
    pub(super) const TEXT: u8 = 4;
    pub(super) const DATE_TIME: u8 = 5;
    /// Where a value would stand: the cell's text is edited.
    pub(super) const TEXT_EDIT: u8 = 6;

    pub(super) const RETAIN: u8 = 0;
    pub(super) const INSERT_TEXT: u8 = 1;
    pub(super) const DELETE_TEXT: u8 = 2;

    pub(super) const NAME: u8 = 1;
    pub(super) const KIND: u8 = 2;
    pub(super) const WIDTH: u8 = 4;
}
