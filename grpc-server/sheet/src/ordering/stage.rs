//! Stages one piece of work: it is sequenced and transformed on top of the edits that are staged already.
//!
//! Not here: when work is staged (`core`). Invariant: a live edit that is refused uses its number up, a unary
//! one does not; an edit whose rows or older changes are not in memory leaves no trace but its place in `parked`.

use std::sync::Arc;

use gridloom::v1;
use ot_engine::{
    ClientId, Outcome as Sequenced, Revision, Sequence, SharedDelta, Submission, SubmitError,
    Submitter,
};

use super::action::{Action, Older, RowsFor, View};
use super::batch::Outcome;
use super::commands::{self, Head};
use super::core::Ordering;
use super::heavy::Carrying;
use super::parked::ParkedId;
use super::texts::{Missing, Texts};
use super::work::{Author, Queued, Restoring, Work, line_of};
use crate::api::message::{Applied, ApplyChange};
use crate::fanout::published::{SessionKey, command_client};
use crate::ports::journal::{ENTRY_BYTES, entry_bytes};
use crate::refusal::Refusal;
use model::{AccountId, Entry, Origin};

/// Older changes that are read to transform one edit. An edit on an older base is refused.
pub(super) const OLD_BASE_CHANGES: u64 = 10_000;

/// An edit that is not staged.
pub(super) enum NotStaged {
    Refused(Refusal),
    /// It needs these rows, in the turn of its account.
    Rows(AccountId, Missing, RowsFor),
    /// It needs these changes.
    History(Older),
    /// The rest of its way to the head is long.
    Carry(Box<Carrying>),
    /// It is staged when no other edit is staged or appended.
    Drain,
}

impl From<Refusal> for NotStaged {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// An edit that is staged.
enum Staged {
    Accepted(Arc<Entry>, usize),
    Again(Outcome),
}

/// One edit for the sequencer.
struct Edit {
    author: Author,
    submission: Submission,
    submitter: Submitter,
    origin: Origin,
}

impl Ordering {
    pub(super) fn stage(&mut self, mut queued: Queued, view: &mut View<'_>) {
        self.name(&mut queued.work);
        let Some(queued) = self.behind_parked(queued) else { return };
        if !queued.apart {
            self.no_room = None;
        }
        let Some(queued) = self.unless_sealed(queued) else { return };
        if let Some(refusal) = self.forbidden(&queued) {
            return self.refuse(queued, refusal);
        }
        match &queued.work {
            Work::Mark { .. } | Work::Alone { .. } => self.mark(queued),
            &Work::Refused { client, sequence, .. } => {
                self.share_number(client, sequence);
                self.sequencer.refuse(client, sequence);
                self.staged.push(queued, Outcome::Nothing);
            }
            Work::Unary { request, author, change: ApplyChange::TakeBack(_) }
                if !self.was_accepted(author.client) =>
            {
                // The undo is looked up over the published changes, which are all changes.
                let (request, client) = (*request, author.client);
                self.look_up_undo(queued, (request, client));
            }
            Work::Restoring(restoring) if self.places_again(restoring, view) => {
                let undo = (restoring.request, restoring.author.client);
                self.look_up_undo(queued, undo);
            }
            _ => self.stage_edit(queued, view),
        }
    }

    fn stage_edit(&mut self, mut queued: Queued, view: &mut View<'_>) {
        if let Some(heavy) = self.compilation(&queued, view) {
            return self.run_elsewhere(queued, heavy);
        }
        self.charge_lookups(&queued);
        let staged = match self.edit_of(&queued, view) {
            Ok(edit) => self.sequence(edit, &mut queued, view),
            Err(refusal) => Err(refusal.into()),
        };
        match staged {
            Ok(staged) => {
                // Rows of staged work are not kept at the head: after a rollback they are read again.
                self.release(&mut queued);
                match staged {
                    Staged::Accepted(entry, bytes) => self.staged.accept(queued, entry, bytes),
                    Staged::Again(outcome) => self.staged.push(queued, outcome),
                }
            }
            Err(NotStaged::Refused(refusal)) => {
                let refusal = queued.work.named(refusal);
                self.refuse(queued, refusal);
            }
            Err(NotStaged::Rows(account, missing, needed)) => {
                let parked = self.park(queued, None);
                let fetch = |id| Action::FetchRows(id, account, missing, needed);
                self.actions.extend(parked.map(fetch));
            }
            Err(NotStaged::Drain) => {
                queued.apart = true;
                self.queue.push_front(queued);
            }
            Err(NotStaged::History(older)) => {
                let parked = self.park(queued, Some(older.until));
                self.actions.extend(parked.map(|id| Action::FetchHistory(id, older)));
            }
            Err(NotStaged::Carry(carrying)) => self.carry_elsewhere(queued, carrying),
        }
    }

    /// The edit that a piece of work asks for.
    fn edit_of(&mut self, queued: &Queued, view: &View<'_>) -> Result<Edit, Refusal> {
        let (submitter, origin) = (Submitter::Client, Origin::Edit);
        let compiled = queued.compiled.clone();
        match &queued.work {
            Work::Live { author, submission, .. } => {
                self.share_number(author.client, submission.sequence);
                let submission = submission.clone();
                Ok(Edit { author: *author, submission, submitter, origin })
            }
            Work::Commands { author, sequence, list, .. } => {
                let (client, sequence) = (command_client(author.client), *sequence);
                self.share_number(client, sequence);
                let compile = || self.compile_new(client, sequence, list, view);
                let (base, delta) = compiled.map_or_else(compile, Ok)?;
                let submission = Submission { client, sequence, base, delta };
                let author = Author { client, ..*author };
                Ok(Edit { author, submission, submitter, origin })
            }
            Work::Unary { author, change, .. } => {
                let submission = self.unary(author.client, change, compiled, view)?;
                Ok(Edit { author: *author, submission, submitter: maker_of(change), origin })
            }
            Work::Restoring(restoring) => {
                let Restoring { author, base, delta, origin, .. } = &**restoring;
                let (client, sequence) = (author.client, Sequence(1));
                let delta = delta.clone();
                let submission = Submission { client, sequence, base: *base, delta };
                let submitter = Submitter::Restoring;
                Ok(Edit { author: *author, submission, submitter, origin: *origin })
            }
            Work::Refused { refusal, .. } => Err(refusal.clone()),
            // These are no edits, and `stage` has handled them.
            Work::Mark { .. } | Work::Alone { .. } => Err(Refusal::Unavailable("the sheet")),
        }
    }

    fn unary(
        &self,
        client: ClientId,
        change: &ApplyChange,
        compiled: Option<(Revision, SharedDelta)>,
        view: &View<'_>,
    ) -> Result<Submission, Refusal> {
        let (sequence, head) = (Sequence(1), self.sequencer.head());
        let (base, delta) = match change {
            ApplyChange::Commands(list) => {
                let compile = || self.compile_new(client, sequence, list, view);
                compiled.map_or_else(compile, Ok)?
            }
            ApplyChange::Delta { base, delta, .. } => (*base, delta.clone()),
            // A resend: the sequencer knows its name.
            ApplyChange::TakeBack(_) => (head, SharedDelta::default()),
        };
        Ok(Submission { client, sequence, base, delta })
    }

    /// Sequences an edit and makes its entry.
    fn sequence(
        &mut self,
        edit: Edit,
        queued: &mut Queued,
        view: &mut View<'_>,
    ) -> Result<Staged, NotStaged> {
        let Edit { author, submission, submitter, origin } = edit;
        let (base, sequence) = (submission.base, submission.sequence);
        let carrying = queued.carrying.take();
        let at = carrying.as_ref().map_or(base, |carrying| carrying.carry.at());
        let most = Self::changes_read(submitter);
        if let Some(older) = self.missing_history(author.account, &submission, (at, most)) {
            queued.carrying = carrying;
            return Err(NotStaged::History(older));
        }
        let carried = self.carried(author.account, carrying, &submission, submitter)?;
        let sequenced = match carried {
            Some(carrying) => self.sequencer.submit_carried(carrying.carry),
            None => self.sequencer.submit_by(submission, submitter),
        };
        match sequenced {
            Ok(Sequenced::Accepted(accepted)) => {
                let entry = self.entry(&accepted, (author, base, sequence, origin), queued, view);
                if entry.is_err() {
                    self.roll_back(Revision(accepted.revision.0 - 1));
                }
                entry.map(|(entry, bytes)| Staged::Accepted(entry, bytes))
            }
            Ok(Sequenced::Already { revision, conflicts, left_out }) => {
                let (is_again, undo) = (true, None);
                let applied = Applied { revision, conflicts, left_out, is_again, undo };
                Ok(Staged::Again(Outcome::Again(applied)))
            }
            Err(error) => Err(refusal(error, base, sequence).into()),
        }
    }

    /// The changes that an edit on `base` needs and that are no longer in memory, if they are `most` or fewer.
    fn missing_history(
        &self,
        account: AccountId,
        submission: &Submission,
        (base, most): (Revision, u64),
    ) -> Option<Older> {
        let Submission { client, sequence, .. } = *submission;
        let (oldest, head) = (self.sequencer.oldest(), self.sequencer.head());
        let recent = head.0.saturating_sub(base.0) <= most;
        let missing = base < oldest && recent && self.sequencer.is_next(client, sequence);
        missing.then_some(Older { account, after: base, until: oldest })
    }

    /// The journal's entry of an edit that the sequencer accepted, and its bytes there.
    fn entry(
        &mut self,
        accepted: &ot_engine::Entry,
        (author, base, sequence, origin): (Author, Revision, Sequence, Origin),
        queued: &mut Queued,
        view: &mut View<'_>,
    ) -> Result<(Arc<Entry>, usize), NotStaged> {
        let appending = self.appending.iter().flat_map(|batch| &batch.entries);
        let unpublished = appending.chain(&self.staged.entries);
        let texts = Texts { unpublished, fetched: &queued.rows, limits: &self.limits.edit };
        let texts = texts
            .of(&accepted.delta, view)?
            .map_err(|missing| NotStaged::Rows(author.account, missing, RowsFor::Texts))?;
        let entry = Entry {
            sheet: self.sheet,
            revision: accepted.revision,
            client: author.client,
            sequence,
            base,
            account: author.account,
            at_micros: view.now_micros,
            origin,
            group: author.group,
            delta: accepted.delta.clone(),
            texts,
            conflicts: accepted.conflicts.clone(),
        };
        let bytes = entry_bytes(&entry);
        if bytes > ENTRY_BYTES {
            return Err(Refusal::TooLarge { bytes, most: ENTRY_BYTES }.into());
        }
        if !queued.passed {
            self.check_columns(&entry, view)?;
            self.check_sizes(&entry, &queued.rows, view)?;
            view.stored.add_edit(&entry.delta, bytes as u64).map_err(Refusal::from)?;
        }
        Ok((Arc::new(entry), bytes))
    }

    /// Parks work behind an edit of its client that is parked. Returns work that is not to be parked.
    fn behind_parked(&mut self, mut queued: Queued) -> Option<Queued> {
        let line = queued.work.client().map(line_of).filter(|line| self.parked.contains(*line));
        let Some(line) = line else { return Some(queued) };
        // Parked work that is not the first of its line does not follow the published changes.
        self.release(&mut queued);
        if self.parked.is_full() {
            // It keeps its place in the order of its client, and gives its change up.
            let refusal = Refusal::TooManyWaiting;
            if let Some(request) = queued.work.caller() {
                self.actions.push_back(Action::Answer(request, Err(refusal)));
                return None;
            }
            if let Some((client, session, sequence)) = live(&queued.work) {
                queued.work = Work::Refused { client, session, sequence, refusal };
            }
        }
        self.parked.follow(line, queued);
        None
    }

    /// A request that waits: it is next when the edits before it are published.
    fn mark(&mut self, queued: Queued) {
        match &queued.work {
            Work::Mark { request, .. } | Work::Alone { request } if self.is_drained() => {
                self.actions.push_back(Action::Turn(*request));
            }
            _ => self.staged.push(queued, Outcome::Nothing),
        }
    }

    /// Parks an edit until its data arrives, or its work is done. Without room for it, it is refused.
    pub(super) fn park(&mut self, queued: Queued, until: Option<Revision>) -> Option<ParkedId> {
        let line = queued.work.client().map(line_of);
        match line {
            Some(line) if !self.parked.is_full() => Some(self.parked.park(line, queued, until)),
            _ => {
                self.refuse(queued, Refusal::TooManyWaiting);
                None
            }
        }
    }

    /// Uses a number up for the other of the two ids that a client's deltas and its commands have: they share
    /// one sequence of numbers.
    pub(super) fn share_number(&mut self, client: ClientId, sequence: Sequence) {
        if self.sequencer.is_next(client, sequence) {
            self.sequencer.refuse(command_client(client), sequence);
        }
    }

    /// Whether a unary edit of this name was accepted.
    pub(super) fn was_accepted(&self, client: ClientId) -> bool {
        self.clients.get(client).is_some_and(|state| state.sequence >= Sequence(1))
    }

    /// Compiles commands. A resend is answered by its number: on the sheet that it has changed, the same
    /// commands may mean nothing.
    fn compile_new(
        &self,
        client: ClientId,
        sequence: Sequence,
        list: &v1::CommandList,
        view: &View<'_>,
    ) -> Result<(Revision, SharedDelta), Refusal> {
        let base = self.sequencer.head();
        if !self.sequencer.is_next(client, sequence) {
            return Ok((base, SharedDelta::default()));
        }
        let head = Head {
            rows: view.state.row_count(),
            columns: view.state.columns(),
            position_of: &|row| view.state.row_order().position_of(row),
            limits: &self.limits.edit,
        };
        Ok((base, commands::to_delta(list, &head)?.into()))
    }
}

/// The maker of the change of a unary edit.
const fn maker_of(change: &ApplyChange) -> Submitter {
    match change {
        ApplyChange::Delta { yields: true, .. } => Submitter::Yielding,
        _ => Submitter::Client,
    }
}

/// The client under which a live edit is sequenced, its session and its number.
pub(super) fn live(work: &Work) -> Option<(ClientId, SessionKey, Sequence)> {
    let (session, sequence) = work.live()?;
    match work {
        Work::Commands { author, .. } => Some((command_client(author.client), session, sequence)),
        other => Some((other.client()?, session, sequence)),
    }
}

/// The sequencer's refusal in the terms of the protocol.
fn refusal(error: SubmitError, base: Revision, sequence: Sequence) -> Refusal {
    match error {
        SubmitError::Invalid(invalid) => Refusal::from(invalid).within("delta"),
        SubmitError::BaseTooOld { oldest } => Refusal::Compacted { oldest },
        SubmitError::BaseInFuture { head } => Refusal::BaseInFuture { base, head },
        SubmitError::Pipelined(_) => Refusal::Pipelined { sequence },
        SubmitError::SequenceUsed { .. } => Refusal::Stale { sequence },
        SubmitError::SequenceOutOfRange { last } => Refusal::Malformed {
            field: "sequence".into(),
            rule: format!("must be from 1 to {last}"),
        },
        _ => Refusal::Malformed { field: "sequence".into(), rule: error.to_string() },
    }
}
