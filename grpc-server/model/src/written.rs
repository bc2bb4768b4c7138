//! How much memory the writes of an entry take until they are committed.
//!
//! Not here: the writes themselves, which a sheet derives from the entry when it applies it. Invariant: the bytes of
//! [`Entry::written_bytes`] are at least those of the writes of its cells; what rows and columns add depends on the sheet,
//! and counts when the entry is applied.

use ot_engine::{ColumnId, Revision, Value};

use crate::Entry;

/// Bytes of the writes of an entry without their parts.
pub const WRITES_BYTES: usize = 768;
/// Bytes of a written row without its cells: its places in two tables and in a list.
pub const WRITTEN_ROW_BYTES: usize = 288;
/// Bytes of a written cell without its text: in a list that grows, and pinned in another with its revision.
pub const WRITTEN_CELL_BYTES: usize =
    2 * (size_of::<(ColumnId, Value)>() + size_of::<(Revision, ColumnId, Value)>());

impl Entry {
    /// The most bytes that the writes of its cells take. Cost: its cells.
    #[must_use]
    pub fn written_bytes(&self) -> usize {
        let cells = &self.delta.cells;
        let rows = cells.chunk_by(|one, next| one.row == next.row).count();
        WRITES_BYTES + rows * WRITTEN_ROW_BYTES + cells.len() * WRITTEN_CELL_BYTES
    }
}
