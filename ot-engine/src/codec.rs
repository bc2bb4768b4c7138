//! A compact binary form of deltas and of conflicts, for the journal and the operation log.
//!
//! It is not the wire format: that is protobuf, for every client. Here both ends are this crate, and
//! size and speed count. Start with `format.rs`, which describes the form.
//!
//! Invariant: [`decode_delta`] reads any bytes without a panic and allocates at most a fixed multiple
//! of their number. It checks the form, not the rules of [`validate`](crate::validate).

mod conflicts;
mod decode;
mod encode;
mod format;
mod length;

pub use conflicts::{decode_conflicts, encode_conflict};
pub(crate) use decode::Input;
pub use decode::decode_delta;
pub use encode::encode_delta;
pub(crate) use encode::{bytes, kind, text, varint};
pub use format::{DecodeError, VERSION};
pub use length::encoded_len;
