//! The size of a batch in a journal of limited size.
//!
//! Not here: the sizes of entries, appends and frames, which are in `model::sizes`.

use model::sizes::BATCH_BYTES;

/// The share of a journal's limit that one batch may take: an append of more would be refused long
/// before the journal is full.
const BATCHES_IN_LIMIT: u64 = 16;

/// The size of a batch after which it is appended, in a journal of this limit.
#[must_use]
pub(super) fn batch_bytes(limit_bytes: Option<u64>) -> usize {
    let share = limit_bytes.map_or(u64::MAX, |limit| limit / BATCHES_IN_LIMIT);
    usize::try_from(share).map_or(BATCH_BYTES, |share| share.min(BATCH_BYTES))
}
