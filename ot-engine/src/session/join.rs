//! The rule for joining cell edits that wait to be sent.
//!
//! It joins nothing itself. Invariant: a joined edit fits the smallest message that a server may accept.

use crate::Delta;
use crate::codec::encoded_len;

/// Most cells of a joined edit. Joining is for typed edits and compares all cells each time.
const JOINED_CELLS: usize = 1_000;
/// Most bytes of a joined edit. In any encoding it fits the smallest message limit of a server, so no
/// edit becomes too large while it waits.
const JOINED_BYTES: usize = 6 << 10;

/// Whether two deltas of cell edits may be joined.
pub(super) fn fits_together(one: &Delta, other: &Delta) -> bool {
    one.cells.len() + other.cells.len() <= JOINED_CELLS
        && encoded_len(one) + encoded_len(other) <= JOINED_BYTES
}
