//! Time travel: the snapshot of an older revision, undo, redo and restore, and the floor of history.
//!
//! Read only, and outside of the sheet's task: committed changes do not change any more, so no edit waits for
//! these reads. Not here: the order of edits, in which an undo takes its place like any other edit (`ordering`).
//!
//! Invariant: an answer belongs to one revision that is kept in full, or it is an error.

pub mod floor;
pub mod lines;
mod ranges;
pub mod restore;
pub mod snapshot;
pub mod undo;
