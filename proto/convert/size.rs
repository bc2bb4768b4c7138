//! An upper bound on the size of a conflict on the wire, without encoding it.
//!
//! Not the size of a delta: `ot_engine::Weight` bounds it. Invariant: no encoding is larger than its bound; with long
//! texts the bound is tight.

use ot_engine::{Conflict, Content, Edit};

/// Bytes of a conflict without its contents: keys, numbers and lengths.
const ITEM_BYTES: usize = 64;

/// The largest size of a conflict in a message, in bytes.
#[must_use]
pub fn conflict_bytes_most(conflict: &Conflict) -> usize {
    // The wire has a lost text edit twice: as runs and as a text.
    let twice = if matches!(conflict.lost, Content::Cell(Edit::Text(_))) { 2 } else { 1 };
    let kept = conflict.kept.as_ref().map_or(0, Content::bytes);
    ITEM_BYTES + twice * conflict.lost.bytes() + kept
}
