//! The answer to an edit that is durable in the journal.
//!
//! Plain data. Invariant: the conflicts that it does not list are counted.

use std::sync::Arc;

use ot_engine::{EntryConflict, Revision};

use model::gesture::UndoReport;

/// See the module.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The revision of the edit.
    pub revision: Revision,
    /// The conflicts that the edit lost; those of an edit that was accepted long ago are not kept.
    pub conflicts: Arc<[EntryConflict]>,
    /// Number of the conflicts that are not kept.
    pub left_out: u32,
    /// Whether the edit was accepted before: it was sent again.
    pub is_again: bool,
    /// What an undo or a redo has done.
    pub undo: Option<Box<UndoReport>>,
}
