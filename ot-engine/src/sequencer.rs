//! The sequencer orders the edits of one sheet.
//!
//! It transforms each edit over the entries after the edit's base and assigns the next revision. It has
//! no clock, no storage and no network. `sequencer/recovery.rs` restores its state from the log.
//!
//! **Resends.** `(client, sequence)` identifies an edit. A resend of an accepted edit gets the first
//! answer again and is not applied again. A refused edit uses its sequence number up, too.
//!
//! **Pipelining.** A client may send an edit before the answer to the one before. It makes each edit on
//! top of its own earlier ones, and its base is the last revision that it has received. So the
//! transform skips the client's own entries after the base: the edit already contains them. That is
//! exact while those entries move no lines, because other clients' positions are then the same with and
//! without them. The edit must also only set values, because a text edit counts characters of earlier ones. Any other edit is refused as [`SubmitError::Pipelined`]; a
//! [`ClientSession`](crate::ClientSession) sends none.
//!
//! **Yielding.** An edit that the server computes from cells must not overwrite what has changed since its base. The transform
//! drops such cells from it, all cells of a column whose kind or settings have changed, and lists them among its conflicts.
//!
//! **Durability.** An accepted edit is *staged* until the caller has made it durable and calls
//! [`Sequencer::mark_durable`]. All staged edits can be rolled back: the history limits drop only
//! durable entries. So the caller must bound the edits that it stages.
//!
//! Invariant: the history has no gaps, ends at the head and contains every staged entry; sizes follow
//! from its deltas.

mod carry;
mod clients;
mod conflicts;
mod entry;
mod history;
mod ids;
mod recovery;
mod submission;

use std::sync::Arc;

use crate::validate::{validate_lengths, validate_unnamed};
use crate::{ClientId, Limits, Revision, Sequence, Size, validate};
use carry::Way;
pub use carry::{Carry, Submitter};
use clients::{Clients, Known};
pub use entry::{Entry, EntryConflict};
use history::History;
pub use history::{DEFAULT_HISTORY, HistoryLimits};
pub use ids::NextIds;
pub(crate) use ids::assign_ids;
pub use submission::{Outcome, Submission, SubmitError};

/// Orders the edits of one sheet.
#[derive(Debug)]
pub struct Sequencer {
    head: Revision,
    /// Entries up to here are durable and are never rolled back.
    durable: Revision,
    size: Size,
    next: NextIds,
    limits: Limits,
    history: History,
    /// The history limits drop no entry after this revision.
    kept_after: Option<Revision>,
    clients: Clients,
}

impl Sequencer {
    /// A sequencer whose next revision follows `head`, where the sheet has `size`. `next` must be greater
    /// than every id that was ever assigned.
    #[must_use]
    pub fn new(
        head: Revision,
        size: Size,
        next: NextIds,
        limits: Limits,
        history: HistoryLimits,
    ) -> Self {
        let (history, clients) = (History::new(history), Clients::default());
        Self { head, durable: head, size, next, limits, history, kept_after: None, clients }
    }

    /// The latest revision.
    #[must_use]
    pub const fn head(&self) -> Revision {
        self.head
    }

    /// The last revision that the caller has marked as durable.
    #[must_use]
    pub const fn durable(&self) -> Revision {
        self.durable
    }

    /// The sheet's size at the head.
    #[must_use]
    pub const fn size(&self) -> Size {
        self.size
    }

    /// The next free ids. The ids of rolled-back entries are not assigned again.
    #[must_use]
    pub const fn next_ids(&self) -> NextIds {
        self.next
    }

    /// The oldest base that a submission may have.
    #[must_use]
    pub fn oldest(&self) -> Revision {
        Revision(self.head.0 - self.history.len() as u64)
    }

    /// Orders an edit and appends it to the history.
    ///
    /// # Errors
    /// When it is refused. Nothing has changed, except that [`SubmitError::Invalid`],
    /// [`SubmitError::BaseTooOld`], [`SubmitError::BaseInFuture`] and [`SubmitError::Pipelined`] use the
    /// sequence number up.
    pub fn submit(&mut self, submission: Submission) -> Result<Outcome, SubmitError> {
        self.submit_by(submission, Submitter::Client)
    }

    /// Orders an edit that the server made for an undo or a restore. Its inserts may have the ids of
    /// restored lines, and it is transformed over every entry after its base, also the client's own.
    ///
    /// # Errors
    /// As for [`Sequencer::submit`], but never [`SubmitError::Pipelined`].
    pub fn submit_restoring(&mut self, submission: Submission) -> Result<Outcome, SubmitError> {
        self.submit_by(submission, Submitter::Restoring)
    }

    /// Orders an edit by the rule of its maker. One that [yields](Submitter::Yielding) loses each cell and each attribute
    /// that an entry after its base has changed, and lists it among its conflicts.
    ///
    /// # Errors
    /// As for [`Sequencer::submit`]; [`SubmitError::Pipelined`] for a client alone.
    pub fn submit_by(
        &mut self,
        submission: Submission,
        submitter: Submitter,
    ) -> Result<Outcome, SubmitError> {
        if let Some(known) = self.known(submission.client, submission.sequence) {
            return known;
        }
        let (client, sequence) = (submission.client, submission.sequence);
        let accepted = self.begin(submission, submitter).and_then(|carry| self.finish(carry));
        if accepted.is_err() {
            self.clients.refused(client, sequence);
        }
        accepted.map(Outcome::Accepted)
    }

    /// The answer to a number that is not the client's next one.
    fn known(&self, client: ClientId, sequence: Sequence) -> Option<Result<Outcome, SubmitError>> {
        Some(match self.clients.look_up(client, sequence) {
            Known::Next => return None,
            Known::Accepted(revision, conflicts) => Ok(self.already(revision, conflicts)),
            Known::Gap(expected) => Err(SubmitError::SequenceGap { expected }),
            Known::Used(expected) => Err(SubmitError::SequenceUsed { expected }),
            Known::OutOfRange => Err(SubmitError::SequenceOutOfRange { last: Sequence::LAST }),
        })
    }

    /// The answer to a resend. The history has the conflicts of recent edits.
    fn already(&self, revision: Revision, conflicts: u32) -> Outcome {
        let before = Revision(revision.0.saturating_sub(1));
        let entry = self.history.since(before, self.head).and_then(|mut since| since.next());
        match entry {
            Some(entry) => {
                let conflicts = entry.conflicts.clone();
                Outcome::Already { revision, conflicts, left_out: 0 }
            }
            None => Outcome::Already { revision, conflicts: Arc::default(), left_out: conflicts },
        }
    }

    /// The work of an edit's transform over the entries after its base, in steps; about `most` at the most. None for an
    /// edit that is answered without a transform.
    #[must_use]
    pub fn work_ahead(&self, submission: &Submission, submitter: Submitter, most: usize) -> usize {
        let Submission { client, sequence, base, .. } = submission;
        if *base >= self.head || !self.is_next(*client, *sequence) {
            return 0;
        }
        self.sum_work(*base, most, &Way::new(submission, submitter, 0))
    }

    /// The same for the rest of an edit's way.
    #[must_use]
    pub fn work_left(&self, carry: &Carry, most: usize) -> usize {
        self.sum_work(carry.at(), most, &carry.way())
    }

    fn sum_work(&self, after: Revision, most: usize, way: &Way<'_>) -> usize {
        let mut sum = 0_usize;
        for entry in self.history.since(after, self.head).into_iter().flatten() {
            sum = sum.saturating_add(way.work_over(entry));
            if sum > most {
                break;
            }
        }
        sum
    }

    /// Begins to carry an edit outside of the sequencer; [`Sequencer::submit_carried`] ends that. `None` when the edit
    /// is refused or was answered before: [`Sequencer::submit`] gives the answer.
    #[must_use]
    pub fn carry(&self, submission: &Submission, submitter: Submitter) -> Option<Carry> {
        let next = self.is_next(submission.client, submission.sequence);
        next.then(|| self.begin(submission.clone(), submitter).ok()).flatten()
    }

    /// The durable entries after a revision, for [`Carry::over`].
    #[must_use]
    pub fn durable_after(&self, revision: Revision) -> Vec<Arc<Entry>> {
        let after = self.history.since(revision, self.head).into_iter().flatten();
        after.take_while(|entry| entry.revision <= self.durable).cloned().collect()
    }

    /// Carries an edit over the rest of its way, and orders it as [`Sequencer::submit`] does.
    ///
    /// # Errors
    /// As for [`Sequencer::submit`]. [`SubmitError::BaseTooOld`] when the history no longer reaches back to
    /// [`Carry::at`], which must be durable.
    pub fn submit_carried(&mut self, carry: Carry) -> Result<Outcome, SubmitError> {
        debug_assert!(carry.at() <= self.durable, "a staged revision may be rolled back");
        let Submission { client, sequence, .. } = carry.submission;
        if let Some(known) = self.known(client, sequence) {
            return known;
        }
        let accepted = self.finish(carry);
        if accepted.is_err() {
            self.clients.refused(client, sequence);
        }
        accepted.map(Outcome::Accepted)
    }

    /// Checks an edit against its base.
    fn begin(&self, submission: Submission, submitter: Submitter) -> Result<Carry, SubmitError> {
        let Submission { base, ref delta, .. } = submission;
        if base > self.head {
            return Err(SubmitError::BaseInFuture { head: self.head });
        }
        let after = self.history.since(base, self.head);
        let mut after = after.ok_or(SubmitError::BaseTooOld { oldest: self.oldest() })?;
        let size = after.next().map_or(self.size, |entry| entry.size_before);
        if submitter != Submitter::Restoring {
            validate_unnamed(delta)?;
        }
        validate(delta, size, &self.limits)?;
        Ok(Carry::new(submission, submitter))
    }

    /// Carries an edit to the head, and appends it to the history.
    fn finish(&mut self, mut carry: Carry) -> Result<Arc<Entry>, SubmitError> {
        if carry.at() > self.head {
            return Err(SubmitError::BaseInFuture { head: self.head });
        }
        let after = self.history.since(carry.at(), self.head);
        carry.over_all(after.ok_or(SubmitError::BaseTooOld { oldest: self.oldest() })?);
        carry.check()?;
        let Carry { submission, conflicts, .. } = carry;
        let Submission { client, sequence, mut delta, .. } = submission;
        validate_lengths(&delta, self.size, &self.limits)?;
        if delta.rows.has_inserts() || delta.cols.has_inserts() {
            delta.change(|delta| {
                assign_ids(&mut delta.rows, &mut self.next.row);
                assign_ids(&mut delta.cols, &mut self.next.col);
            });
        }

        let entry = Arc::new(Entry {
            revision: self.head.next(),
            client,
            sequence,
            delta,
            conflicts: conflicts.into_shared(self.head.next()),
            size_before: self.size,
        });
        self.head = entry.revision;
        self.size = self.size.after(&entry.delta);
        self.clients.accepted(client, sequence, entry.revision, &entry.conflicts);
        self.history.push(entry.clone());
        Ok(entry)
    }

    /// Uses up the sequence number of an edit that the caller refused without submitting it, for example for
    /// its rate. The client's next edit is then not a gap.
    pub fn refuse(&mut self, client: ClientId, sequence: Sequence) {
        if self.is_next(client, sequence) {
            self.clients.refused(client, sequence);
        }
    }

    /// Forgets a client that has had no edit accepted: its refused edit may be sent again under its number. For
    /// clients of one edit, which nothing else would forget.
    pub fn forget_refused(&mut self, client: ClientId) {
        self.clients.forget_refused(client);
    }

    /// How many clients the sequencer knows.
    #[must_use]
    pub fn client_count(&self) -> usize {
        self.clients.len()
    }

    /// Whether this is the client's next number: an edit with it would be ordered or refused now.
    #[must_use]
    pub fn is_next(&self, client: ClientId, sequence: Sequence) -> bool {
        matches!(self.clients.look_up(client, sequence), Known::Next)
    }

    /// Marks the entries up to `revision` as durable: they are never rolled back, and the history limits
    /// may drop them.
    pub fn mark_durable(&mut self, revision: Revision) {
        let revision = revision.min(self.head);
        let staged = self.history.since(self.durable, self.head).into_iter().flatten();
        for entry in staged.take_while(|entry| entry.revision <= revision) {
            self.clients.durable(entry.client, revision);
        }
        self.durable = self.durable.max(revision);
        self.trim();
    }

    /// Keeps the entries after `revision` above the history limits, for a submission that waits; `None` ends
    /// that. The limits apply again when the next entry is durable.
    pub fn keep_after(&mut self, revision: Option<Revision>) {
        self.kept_after = revision;
    }

    /// The bytes of the entries in the history.
    #[must_use]
    pub const fn history_bytes(&self) -> usize {
        self.history.bytes()
    }

    /// Sets the limit of the history's bytes, and drops the oldest durable entries above it.
    pub fn limit_history_bytes(&mut self, most: usize) {
        self.history.limit_bytes(most);
        self.trim();
    }

    fn trim(&mut self) {
        self.history.trim(self.kept_after.map_or(self.durable, |kept| kept.min(self.durable)));
    }

    /// Rolls back every entry after `revision`: they could not be made durable, and no client has
    /// received them. Their authors may send them again under the same numbers.
    ///
    /// Returns whether the head is `revision` now. False when `revision` is before the durable one or in
    /// the future: nothing has changed then, and the caller must load the sheet again.
    #[must_use = "a sequencer that does not match the journal must be loaded again"]
    pub fn rollback_to(&mut self, revision: Revision) -> bool {
        if revision < self.durable || revision > self.head {
            return false;
        }
        while self.head > revision {
            let Some(entry) = self.history.pop() else { return false };
            self.head = Revision(entry.revision.0 - 1);
            self.size = entry.size_before;
            self.clients.roll_back(entry.client, entry.sequence);
        }
        true
    }

    /// The entries after `revision`, oldest first. `None` when the history does not contain them all, or
    /// when `revision` is in the future.
    #[must_use]
    pub fn since(
        &self,
        revision: Revision,
    ) -> Option<impl ExactSizeIterator<Item = &Arc<Entry>> + Clone + '_> {
        self.history.since(revision, self.head)
    }

    /// Checks history, sizes and sequence numbers against each other.
    ///
    /// # Panics
    /// When they disagree: a bug in this crate.
    pub fn check_invariants(&self) {
        self.history.check_invariants(self.head, self.size);
        self.clients.check_invariants(self.durable, self.head);
        assert!(self.oldest() <= self.durable, "every staged entry is in the history");
    }
}
