//! The target of an undo, a redo or a restore.
//!
//! Not here: its inverse (`time_travel::undo`). Invariant: a target names revisions, never positions.

use ot_engine::Revision;

/// The changes to take back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UndoTarget {
    /// The account's last change, or the change of this revision.
    Undo(Option<Revision>),
    /// The account's last undo.
    Redo,
    /// Every change since this revision, of all accounts.
    Since(Revision),
}
