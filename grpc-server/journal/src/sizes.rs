//! How large what is journaled may be, in bytes, and how these limits relate.
//!
//! Not here: how much all of it together may be (`--journal-limit`). Invariant, checked when this is
//! compiled: an append that the sheet's task makes fits one frame of the local journal, with the marks
//! that ride along.

use crate::encoding::frame::MAX_FRAME_BYTES;

/// Largest entry: an edit, an undo or a restore that leads to more is refused before it is journaled.
pub const ENTRY_BYTES: usize = 16 << 20;

/// A batch of at least this size takes no further entry before it is appended.
pub const BATCH_BYTES: usize = 8 << 20;

/// Largest append: a batch that was almost full, and one more entry.
pub const APPEND_BYTES: usize = BATCH_BYTES + ENTRY_BYTES;

/// Appends of several sheets go into one frame up to this size.
pub(super) const GROUP_BYTES: usize = MAX_FRAME_BYTES / 2;

/// Room in a frame for the marks of committed sheets.
const MARKS_BYTES: usize = 4 << 20;

/// The share of a journal's limit that one batch may take: an append of more would be refused long
/// before the journal is full.
const BATCHES_IN_LIMIT: u64 = 16;

const _: () = assert!(APPEND_BYTES + MARKS_BYTES <= MAX_FRAME_BYTES);
const _: () = assert!(GROUP_BYTES + MARKS_BYTES <= MAX_FRAME_BYTES);
const _: () = assert!(BATCH_BYTES <= ENTRY_BYTES);

/// The size of a batch after which it is appended, in a journal of this limit.
#[must_use]
pub(super) fn batch_bytes(limit_bytes: Option<u64>) -> usize {
    let share = limit_bytes.map_or(u64::MAX, |limit| limit / BATCHES_IN_LIMIT);
    usize::try_from(share).map_or(BATCH_BYTES, |share| share.min(BATCH_BYTES))
}
