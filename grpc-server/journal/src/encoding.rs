//! How entries are written as bytes, on the local disk as in Redis.
//!
//! Not where the bytes are stored: `local` and `streams` do that. Invariant: what one release has written, the
//! next one reads.

pub(crate) mod frame;
pub(crate) mod record;
