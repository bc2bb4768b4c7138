//! An edit on its way from its base to the head: it is transformed over one entry after the other.
//!
//! The sequencer carries an edit over all entries at once, or a caller carries it over a part of them outside of the
//! sequencer, so that other edits need not wait. Not here: when an edit is accepted (`sequencer`).
//!
//! Invariant: an edit that is carried in parts becomes what it becomes at once. The entries of a part are durable, so
//! none of them is rolled back.

use std::sync::Arc;

use super::conflicts::Conflicts;
use super::entry::Entry;
use super::submission::{Submission, SubmitError};
use crate::algebra::{give_way, rebase_step};
use crate::{ClientId, Delta, Revision};

/// See the module.
#[derive(Debug)]
pub struct Carry {
    pub(super) submission: Submission,
    pub(super) submitter: Submitter,
    pub(super) conflicts: Conflicts,
    /// The last entry over which the edit is transformed, or its base.
    pub(super) at: Revision,
    /// Why it can't be carried any further.
    refused: Option<SubmitError>,
}

/// The maker of an edit: by it the edit is transformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submitter {
    /// A client, or a caller of one edit.
    Client,
    /// The server, for an undo or a restore.
    Restoring,
    /// The server, for cells that it computes from others: what has changed since the base is newer, and stays.
    Yielding,
}

impl Submitter {
    /// Whether an edit of `client` contains an entry already.
    pub(super) fn contains(self, client: ClientId, entry: &Entry) -> bool {
        self == Self::Client && entry.client == client
    }
}

impl Carry {
    pub(super) fn new(submission: Submission, submitter: Submitter) -> Self {
        let at = submission.base;
        Self { submission, submitter, conflicts: Conflicts::default(), at, refused: None }
    }

    /// The revision that the edit is made for now.
    #[must_use]
    pub const fn at(&self) -> Revision {
        self.at
    }

    /// The conflicts so far.
    #[must_use]
    pub fn conflicts(&self) -> usize {
        self.conflicts.len()
    }

    /// Carries the edit over the first of these entries, which follow [`Carry::at`]: over one at least, and no
    /// further than about `work` steps. Returns their number.
    pub fn over(&mut self, entries: &[Arc<Entry>], work: usize) -> usize {
        let (mut done, mut sum) = (0, 0_usize);
        while done < entries.len() && (done == 0 || sum < work) {
            // A change of lines costs the conflicts before it, which are counted there.
            let moves = |entry: &Arc<Entry>| !entry.delta.keeps_axes();
            let left = &entries[done..];
            let until = left[1..].iter().position(moves).map_or(left.len(), |at| at + 1);
            let (mut count, way) = (0, self.way());
            for entry in &left[..until] {
                let next = sum.saturating_add(way.work_over(entry));
                if next > work && done + count > 0 {
                    sum = work;
                    break;
                }
                (sum, count) = (next, count + 1);
            }
            self.over_all(left[..count].iter());
            done += count;
        }
        done
    }

    pub(super) fn over_all<'a>(&mut self, entries: impl Iterator<Item = &'a Arc<Entry>> + Clone) {
        let Self { submission, submitter, conflicts, at, refused } = self;
        let Submission { client, delta, .. } = submission;
        let is_own = |entry: &Entry| submitter.contains(*client, entry);
        let mut last = None;
        let carried = if entries.clone().any(|entry| !is_own(entry)) {
            delta.change(|delta| {
                for entry in entries {
                    last = Some(entry.revision);
                    if is_own(entry) {
                        check_pipelined(delta, entry)?;
                    } else {
                        let mut step = rebase_step(delta, &entry.delta);
                        if *submitter == Submitter::Yielding {
                            give_way(delta, &entry.delta, &mut step.conflicts);
                        }
                        conflicts.add_step(step, entry, *client);
                    }
                }
                Ok(())
            })
        } else {
            entries
                .inspect(|entry| last = Some(entry.revision))
                .try_for_each(|entry| check_pipelined(delta, entry))
        };
        *at = last.unwrap_or(*at);
        *refused = refused.take().or(carried.err());
    }

    /// The rest of the edit's way.
    pub(super) fn way(&self) -> Way<'_> {
        Way::new(&self.submission, self.submitter, self.conflicts.len())
    }

    /// The reason why the edit is refused, if there is one.
    pub(super) fn check(&mut self) -> Result<(), SubmitError> {
        self.refused.take().map_or(Ok(()), Err)
    }
}

/// An edit whose work is counted.
pub(super) struct Way<'a> {
    submission: &'a Submission,
    submitter: Submitter,
    /// Whether the edit can lose cells to entries of cells only: then each loss costs a walk over all.
    texts: bool,
    /// The conflicts so far: a change of lines moves them all.
    conflicts: usize,
}

impl<'a> Way<'a> {
    pub(super) fn new(submission: &'a Submission, submitter: Submitter, conflicts: usize) -> Self {
        let texts = submission.delta.edits_text() || submitter == Submitter::Yielding;
        Self { submission, submitter, texts, conflicts }
    }

    /// The steps of the transform over an entry, about. Cells are looked up in the longer of both lists; a change of
    /// lines moves all cells of both, and all conflicts so far.
    pub(super) fn work_over(&self, entry: &Entry) -> usize {
        let Submission { client, delta, .. } = self.submission;
        let (weight, over) = (delta.weight(), entry.delta.weight());
        if self.submitter.contains(*client, entry) {
            1
        } else if !delta.is_cells_only() || !entry.delta.is_cells_only() {
            let moved = if entry.delta.keeps_axes() { 0 } else { self.conflicts };
            weight.work().saturating_add(over.work()).saturating_add(moved)
        } else if self.texts {
            weight.work().saturating_add(over.runs)
        } else {
            1 + weight.cells.min(over.cells)
        }
    }
}

/// Checks an edit against an earlier one of its client that it contains already.
fn check_pipelined(delta: &Delta, own: &Entry) -> Result<(), SubmitError> {
    if own.delta.keeps_axes() && !delta.edits_text() {
        Ok(())
    } else {
        Err(SubmitError::Pipelined(own.revision))
    }
}
