//! The one place where order is made: takes edits against a past revision, transforms them over
//! what came in between, gives them the next revision. No clock, no storage, no sending.
//!
//! **Resends.** `(client, sequence)` names an edit for ever. An edit that was accepted is answered
//! again, not applied again; each number is used once, also by an edit that is refused.
//!
//! **Pipelining.** A client may send further edits before the first is answered. It makes each on
//! top of its own earlier ones, and names as base the last revision that it has seen. So its own
//! entries after the base are skipped in the transform: the edit already stands on them. That is
//! exact as long as those entries move no lines (positions of the others' entries in between are
//! then the same with and without them), and as long as the edit only sets (a text edit counts
//! characters of what its own earlier ones left). Else the edit is refused as
//! [`SubmitError::Pipelined`], and a [`ClientSession`](crate::ClientSession) never sends such.
//!
//! **Settling.** An accepted edit is *staged* until the caller has made it durable and says so with
//! [`Sequencer::settle`]. Staged edits can be rolled back, all of them, however many and heavy they
//! are: the limits of the history drop settled entries only. So the caller bounds what it stages.
//!
//! Invariant: history is without gaps and ends at the head; it reaches back to the last settled
//! revision at least; sizes follow from it.

mod clients;
mod history;
mod ids;
mod lost;
mod submission;

use std::sync::Arc;

use crate::transform::rebase_step;
use crate::validate::{validate_lengths, validate_unnamed};
use crate::{ClientId, Conflict, Delta, Limits, Revision, Sequence, Size, validate};
use clients::{Clients, Known};
use history::History;
pub use ids::NextIds;
use ids::{name_inserts, next_free};
use lost::Lost;
pub use submission::{Outcome, Submission, SubmitError};

/// A conflict of an accepted edit, and whose edit it was that lost.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryConflict {
    /// What was lost, in positions at the entry's revision.
    pub conflict: Conflict,
    /// The author of what was lost.
    pub author: ClientId,
    /// The revision of the edit that lost: an older one, or the entry's own.
    pub revision: Revision,
}

/// An accepted edit. Shared, so that telling it to many readers clones nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its place in history.
    pub revision: Revision,
    /// Its author.
    pub client: ClientId,
    /// Its number among the author's edits.
    pub sequence: Sequence,
    /// The change as it applies to the revision before; inserts name their ids.
    pub delta: Delta,
    /// What was lost when it was transformed.
    pub conflicts: Arc<[EntryConflict]>,
    /// The sheet's size before it.
    pub size_before: Size,
}

/// How much history is kept for late submissions. Entries that are not settled stay beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryLimits {
    /// Number of entries.
    pub max_entries: usize,
    /// Sum of [`Delta::weight`] (runs, cells and column edits).
    pub max_weight: usize,
}

/// What a server keeps unless it is configured otherwise.
pub const DEFAULT_HISTORY: HistoryLimits =
    HistoryLimits { max_entries: 4096, max_weight: 1_000_000 };

/// Orders the edits of one sheet.
#[derive(Debug)]
pub struct Sequencer {
    head: Revision,
    /// Entries up to here are durable and are never rolled back.
    settled: Revision,
    size: Size,
    next: NextIds,
    limits: Limits,
    history: History,
    clients: Clients,
}

impl Sequencer {
    /// A sequencer that goes on after `head`, where the sheet has `size`. `next` must be past every
    /// id that was ever given.
    #[must_use]
    pub fn new(
        head: Revision,
        size: Size,
        next: NextIds,
        limits: Limits,
        history: HistoryLimits,
    ) -> Self {
        let (history, clients) = (History::new(history), Clients::default());
        Self { head, settled: head, size, next, limits, history, clients }
    }

    /// The latest revision.
    #[must_use]
    pub const fn head(&self) -> Revision {
        self.head
    }

    /// The last revision that is durable, as far as the caller has said.
    #[must_use]
    pub const fn settled(&self) -> Revision {
        self.settled
    }

    /// The sheet's size at the head.
    #[must_use]
    pub const fn size(&self) -> Size {
        self.size
    }

    /// The next free ids. Ids of entries that were rolled back are not given again.
    #[must_use]
    pub const fn next_ids(&self) -> NextIds {
        self.next
    }

    /// The oldest base that can be submitted against.
    #[must_use]
    pub fn oldest(&self) -> Revision {
        Revision(self.head.0 - self.history.len() as u64)
    }

    /// Takes an edit into history.
    ///
    /// # Errors
    /// When it is refused: nothing has changed, except that its sequence number is used up by
    /// [`SubmitError::Invalid`], [`SubmitError::BaseTooOld`], [`SubmitError::BaseInFuture`] and
    /// [`SubmitError::Pipelined`].
    pub fn submit(&mut self, submission: Submission) -> Result<Outcome, SubmitError> {
        self.submit_as(submission, Submitter::Client)
    }

    /// The same for an edit that the server made itself, to take changes back: its inserts may name
    /// lines that existed before, and it stands on its base alone, whoever's entries came after.
    ///
    /// # Errors
    /// As for [`Sequencer::submit`], but never [`SubmitError::Pipelined`].
    pub fn submit_restoring(&mut self, submission: Submission) -> Result<Outcome, SubmitError> {
        self.submit_as(submission, Submitter::Server)
    }

    fn submit_as(
        &mut self,
        submission: Submission,
        submitter: Submitter,
    ) -> Result<Outcome, SubmitError> {
        match self.clients.look_up(submission.client, submission.sequence) {
            Known::Next => {}
            Known::Accepted(revision, conflicts) => {
                return Ok(Outcome::Already { revision, conflicts });
            }
            Known::Gap(expected) => return Err(SubmitError::SequenceGap { expected }),
            Known::Used(expected) => return Err(SubmitError::SequenceUsed { expected }),
            Known::OutOfRange => {
                return Err(SubmitError::SequenceOutOfRange { last: Sequence::LAST });
            }
        }
        let (client, sequence) = (submission.client, submission.sequence);
        let accepted = self.order(submission, submitter);
        if accepted.is_err() {
            self.clients.refused(client, sequence);
        }
        accepted.map(Outcome::Accepted)
    }

    fn order(
        &mut self,
        submission: Submission,
        submitter: Submitter,
    ) -> Result<Arc<Entry>, SubmitError> {
        let Submission { client, sequence, base, mut delta } = submission;
        let oldest = self.oldest();
        if base > self.head {
            return Err(SubmitError::BaseInFuture { head: self.head });
        }
        let after =
            self.history.since(base, self.head).ok_or(SubmitError::BaseTooOld { oldest })?;
        let size = after.clone().next().map_or(self.size, |entry| entry.size_before);
        if submitter == Submitter::Client {
            validate_unnamed(&delta)?;
        }
        validate(&delta, size, &self.limits)?;

        let mut lost = Lost::default();
        for entry in after {
            if entry.client != client || submitter == Submitter::Server {
                lost.pass(rebase_step(&mut delta, &entry.delta), entry, client, self.head.next());
            } else if !entry.delta.keeps_axes() || delta.edits_text() {
                return Err(SubmitError::Pipelined(entry.revision));
            }
        }
        validate_lengths(&delta, self.size, &self.limits)?;
        name_inserts(&mut delta.rows, &mut self.next.row);
        name_inserts(&mut delta.cols, &mut self.next.col);

        let entry = Arc::new(Entry {
            revision: self.head.next(),
            client,
            sequence,
            delta,
            conflicts: lost.0.into(),
            size_before: self.size,
        });
        self.head = entry.revision;
        self.size = self.size.after(&entry.delta);
        self.clients.accepted(client, sequence, entry.revision, entry.conflicts.clone());
        self.history.push(entry.clone());
        Ok(entry)
    }

    /// Uses up the sequence number of an edit that was refused before it came here (no right to
    /// write, too many edits a second), so that the client's next one is not taken for a gap.
    pub fn refuse(&mut self, client: ClientId, sequence: Sequence) {
        if self.is_next(client, sequence) {
            self.clients.refused(client, sequence);
        }
    }

    /// Whether this number is the client's next one: an edit of that name would be ordered or refused
    /// now, and use it up.
    #[must_use]
    pub fn is_next(&self, client: ClientId, sequence: Sequence) -> bool {
        matches!(self.clients.look_up(client, sequence), Known::Next)
    }

    /// Notes that the entries up to `revision` are durable: they are never rolled back, and leave the
    /// history when it is beyond its limits.
    pub fn settle(&mut self, revision: Revision) {
        let revision = revision.min(self.head);
        let staged = self.history.since(self.settled, self.head).into_iter().flatten();
        for entry in staged.take_while(|entry| entry.revision <= revision) {
            self.clients.settled(entry.client, revision);
        }
        self.settled = self.settled.max(revision);
        self.history.trim(self.settled);
    }

    /// Rolls back every entry after `revision`: they could not be made durable, and no client has seen
    /// them. Their authors may send them again under the same numbers.
    ///
    /// Answers whether the head is `revision` now. It is not when `revision` lies before the last
    /// settled one or in the future; nothing has changed then, and the caller must load the sheet anew.
    #[must_use = "a sequencer that is not where the journal is must be loaded anew"]
    pub fn rollback_to(&mut self, revision: Revision) -> bool {
        if revision < self.settled || revision > self.head {
            return false;
        }
        while self.head > revision {
            let Some(entry) = self.history.pop() else { return false };
            self.head = Revision(entry.revision.0 - 1);
            self.size = entry.size_before;
            self.clients.take_back(entry.client, entry.sequence);
        }
        true
    }

    /// The entries after `revision`, oldest first; `None` when they are not all kept, or when it is
    /// in the future.
    #[must_use]
    pub fn since(
        &self,
        revision: Revision,
    ) -> Option<impl ExactSizeIterator<Item = &Arc<Entry>> + Clone + '_> {
        self.history.since(revision, self.head)
    }

    /// Puts older entries (oldest first) back before those that are kept, so that an older base can
    /// be submitted against. Entries that do not join on are left out. They count against the
    /// history's limits, so they stay until the next edit is settled.
    pub fn backfill(&mut self, older: impl IntoIterator<Item = Arc<Entry>>) {
        let mut older: Vec<_> = older.into_iter().collect();
        while let Some(entry) = older.pop() {
            if entry.revision == self.oldest() {
                self.history.push_oldest(entry);
            }
        }
    }

    /// Takes in the entry after the head from the log, as it was accepted by an earlier process, so
    /// that history and the answers to resends are there again. It counts as settled. False when it
    /// does not join on, or when edits are staged that are not settled yet.
    pub fn replay(&mut self, entry: Arc<Entry>) -> bool {
        let joins = entry.revision == self.head.next() && entry.size_before == self.size;
        if !joins || self.settled != self.head {
            return false;
        }
        self.head = entry.revision;
        self.size = self.size.after(&entry.delta);
        self.next.row = self.next.row.max(next_free(&entry.delta.rows));
        self.next.col = self.next.col.max(next_free(&entry.delta.cols));
        let (client, sequence) = (entry.client, entry.sequence);
        self.clients.accepted(client, sequence, entry.revision, entry.conflicts.clone());
        // What it was refused in between is not in the log.
        self.clients.rejoined(client);
        self.history.push(entry);
        self.settle(self.head);
        true
    }

    /// Tells what the log knows about a client: its last accepted edit. What it was refused since is
    /// not in the log, so its next number may be any later one.
    pub fn restore_client(&mut self, client: ClientId, last: Sequence, revision: Revision) {
        self.clients.restore(client, last, revision);
    }

    /// Tells that a client opened a new session. Edits that it gave up when it could not resume took
    /// their numbers with them, so its next number may be any later one.
    pub fn rejoined(&mut self, client: ClientId) {
        self.clients.rejoined(client);
    }

    /// Forgets a client that will not come back on this server (its session ended for good).
    pub fn forget_client(&mut self, client: ClientId) {
        self.clients.forget(client);
    }

    /// Checks history, sizes and sequence numbers against each other.
    ///
    /// # Panics
    /// When they disagree: that is a bug in this crate.
    pub fn check_invariants(&self) {
        self.history.check_invariants(self.head, self.size);
        self.clients.check_invariants(self.settled, self.head);
        assert!(self.oldest() <= self.settled, "all that is not settled is in the history");
    }
}

/// Who made an edit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Submitter {
    Client,
    Server,
}
