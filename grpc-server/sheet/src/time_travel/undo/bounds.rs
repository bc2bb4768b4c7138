//! The bounds of an undo, besides those in bytes and steps (`model::sizes`).
//!
//! Constants alone. Invariant: each count has its unit in its comment.

use std::time::Duration;

/// How long to wait until the target of an undo is in Postgres, which has its before images.
pub(crate) const COMMITTED_WITHIN: Duration = Duration::from_secs(5);
/// Lookups of one edit of an undo: the sheet may change too much during each.
pub(crate) const UNDO_LOOKUPS: u32 = 16;
/// Undos of one account that wait for the one before.
pub(crate) const WAITING_UNDOS: usize = 32;
/// Edits of a group that one undo takes back.
pub(super) const GROUP_EDITS: usize = 128;
/// Changes that one undo passes over.
pub(super) const PASSED_MOST: usize = 16;
