//! Which change an undo, a redo or a restore takes back.
//!
//! Not here: how the change is found (`time_travel::undo`). Invariant: it names revisions, never positions.

use ot_engine::Revision;

/// What is to be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UndoTarget {
    /// The account's last change, or the change of this revision.
    Undo(Option<Revision>),
    /// The account's last undo.
    Redo,
    /// Every change since this revision, of all accounts.
    Since(Revision),
}
