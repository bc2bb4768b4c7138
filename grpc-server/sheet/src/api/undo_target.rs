//! The target of an undo, a redo or a restore.
//!
//! Not here: its inverse (`time_travel::undo`). Invariant: a target names revisions, never positions.

use ot_engine::Revision;

/// The changes to take back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UndoTarget {
    /// What the place did last, or the change of this revision.
    Undo(Option<Revision>),
    /// What the place undid last.
    Redo,
    /// Every change since this revision, of all accounts.
    Since(Revision),
}

impl UndoTarget {
    /// Whether it is an undo or a redo, and no restore.
    pub(crate) const fn is_undo(self) -> bool {
        !matches!(self, Self::Since(_))
    }

    /// Whether it takes a whole group back, and passes over what can't be taken back.
    pub(crate) const fn is_step(self) -> bool {
        matches!(self, Self::Undo(None) | Self::Redo)
    }
}
