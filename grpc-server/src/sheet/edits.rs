//! The path of an edit through the sheet's task: ordered, journaled, applied, published.
//!
//! A batch of edits is *staged* (the sequencer orders and transforms them), *appended* to the
//! journal in one go, and only then *published*: nobody sees, and nothing holds, what is not
//! durable. When the journal refuses, the sequencer is rolled back and every author is told.
//! Invariant: between two requests the sequencer, the state and the journal are at one revision.

use std::sync::Arc;

use gridloom::v1;
use ot_engine::{
    ClientId, Delta, EntryConflict, Outcome, Revision, Sequence, Size, Submission, SubmitError,
};
use tokio::sync::oneshot;

use super::commands::{self, Head};
use super::effects::Misfit;
use super::history::{self, older_changes};
use super::joins::ClientState;
use super::message::{Applied, Apply, ApplyChange};
use super::publish::{Item, Published, PublishedChange, SessionKey, command_client};
use super::refusal::Refusal;
use super::task::SheetTask;
use crate::journal::JournalError;
use crate::model::{AccountId, Entry, Origin, now_micros};

/// Changes fetched from the operation log to transform an edit on an old base; older is refused.
const OLD_BASE_CHANGES: u64 = 10_000;
/// Edits that one journal append may cover. Bounds what is ordered and not durable, and with it how
/// far a rollback goes and how long the first of them waits.
const STAGED_EDITS: usize = 4_096;

/// Edits that are ordered and not yet durable, with the answers that fall between them.
#[derive(Default)]
pub(super) struct Staged {
    items: Vec<Item>,
    entries: Vec<Arc<Entry>>,
    replies: Vec<Reply>,
    moves_lines: bool,
}

/// A unary caller that waits for the journal.
struct Reply {
    sender: oneshot::Sender<Result<Applied, Refusal>>,
    applied: Applied,
}

/// Who sent an edit.
#[derive(Clone, Copy)]
pub(super) struct Author {
    pub(super) account: AccountId,
    pub(super) client: ClientId,
}

impl Staged {
    /// Answers a unary caller: at once with a refusal, else when the edit is durable.
    pub(super) fn answer(
        &mut self,
        sender: oneshot::Sender<Result<Applied, Refusal>>,
        staging: Result<Staging, Refusal>,
    ) {
        match staging {
            Ok(Staging::Accepted(revision, conflicts) | Staging::Again(revision, conflicts)) => {
                self.replies.push(Reply { sender, applied: Applied { revision, conflicts } });
            }
            // A caller that has gone needs no answer.
            Err(refusal) => drop(sender.send(Err(refusal))),
        }
    }

    pub(super) fn refuse(&mut self, session: SessionKey, sequence: Sequence, refusal: Refusal) {
        self.items.push(Item::Refused { session, sequence, refusal });
    }
}

impl SheetTask {
    /// Orders one edit of a live session.
    pub(super) async fn stage_live(
        &mut self,
        staged: &mut Staged,
        author: Author,
        session: SessionKey,
        submission: Submission,
    ) {
        let sequence = submission.sequence;
        match self.stage(staged, author, submission).await {
            Ok(Staging::Accepted(..)) => {}
            Ok(Staging::Again(revision, conflicts)) => {
                staged.items.push(Item::Again { session, sequence, revision, conflicts });
            }
            Err(refusal) => staged.refuse(session, sequence, refusal),
        }
    }

    /// Orders the commands of a live session.
    pub(super) async fn stage_commands(
        &mut self,
        staged: &mut Staged,
        author: Author,
        session: SessionKey,
        sequence: Sequence,
        list: &v1::CommandList,
    ) {
        // The compiler reads the published state, so that must be the head.
        if staged.moves_lines {
            self.flush(staged).await;
        }
        match self.compile(list) {
            Ok(delta) => {
                let client = command_client(author.client);
                let base = self.sequencer.head();
                let submission = Submission { client, sequence, base, delta };
                let author = Author { client, ..author };
                self.stage_live(staged, author, session, submission).await;
            }
            Err(refusal) => staged.refuse(session, sequence, refusal),
        }
    }

    /// Orders a unary edit.
    pub(super) async fn stage_apply(&mut self, staged: &mut Staged, apply: Apply) {
        if staged.moves_lines && matches!(apply.change, ApplyChange::Commands(_)) {
            self.flush(staged).await;
        }
        if matches!(apply.change, ApplyChange::TakeBack(_)) && !self.was_accepted(apply.client) {
            // What is undone, and over what, is what has been published.
            self.flush(staged).await;
            return self.undo(Box::new(apply));
        }
        let Apply { account, client, change, reply, .. } = apply;
        let author = Author { account, client };
        let compiled = match change {
            ApplyChange::Commands(list) => {
                self.compile(&list).map(|delta| (self.sequencer.head(), delta))
            }
            ApplyChange::Delta { base, delta } => Ok((base, delta)),
            // A resend: it is answered by its name.
            ApplyChange::TakeBack(_) => Ok((self.sequencer.head(), Delta::identity())),
        };
        let result = match compiled {
            Ok((base, delta)) => {
                let submission = Submission { client, sequence: Sequence(1), base, delta };
                self.stage(staged, author, submission).await
            }
            Err(refusal) => Err(refusal),
        };
        staged.answer(reply, result);
    }

    /// Whether a unary edit of this name was accepted.
    fn was_accepted(&self, client: ClientId) -> bool {
        self.clients.get(&client).is_some_and(|state| state.sequence >= Sequence(1))
    }

    fn compile(&self, list: &v1::CommandList) -> Result<Delta, Refusal> {
        let head = Head {
            rows: self.state.row_count(),
            columns: self.state.columns(),
            position_of: &|row| self.state.spans().position_of(row),
            limits: &self.shared.edit_limits,
        };
        commands::to_delta(list, &head)
    }

    /// Gives an edit its place in the order, if it has one.
    async fn stage(
        &mut self,
        staged: &mut Staged,
        author: Author,
        submission: Submission,
    ) -> Result<Staging, Refusal> {
        if staged.entries.len() >= STAGED_EDITS {
            self.flush(staged).await;
        }
        if staged.moves_lines && submission.delta.edits_text() {
            // What the cells hold is looked up in what has been published.
            self.flush(staged).await;
        }
        let (base, sequence) = (submission.base, submission.sequence);
        if base < self.sequencer.oldest() && base.0 + OLD_BASE_CHANGES >= self.sequencer.head().0 {
            self.reach_back(base).await?;
        }
        let outcome = self.sequencer.submit(submission);
        self.staged(staged, author, outcome, (base, sequence, Origin::Edit)).await
    }

    /// Gives an edit that the server made, to take something back, its place in the order.
    pub(super) async fn stage_restoring(
        &mut self,
        staged: &mut Staged,
        author: Author,
        submission: Submission,
        origin: Origin,
    ) -> Result<Staging, Refusal> {
        let (base, sequence) = (submission.base, submission.sequence);
        let outcome = self.sequencer.submit_restoring(submission);
        self.staged(staged, author, outcome, (base, sequence, origin)).await
    }

    /// Notes what the sequencer has accepted. A text edit that does not fit the text is taken out of
    /// the order again.
    async fn staged(
        &mut self,
        staged: &mut Staged,
        author: Author,
        outcome: Result<Outcome, SubmitError>,
        (base, sequence, origin): (Revision, Sequence, Origin),
    ) -> Result<Staging, Refusal> {
        match outcome {
            Ok(Outcome::Accepted(accepted)) => {
                let texts = match self.texts(&staged.entries, &accepted.delta).await {
                    Ok(texts) => texts,
                    Err(refusal) => {
                        self.sequencer.rollback_to(Revision(accepted.revision.0 - 1));
                        self.sequencer.refuse(author.client, sequence);
                        return Err(refusal);
                    }
                };
                let conflicts: Arc<[EntryConflict]> = accepted.conflicts.clone();
                let entry = Arc::new(Entry {
                    sheet: self.id,
                    revision: accepted.revision,
                    client: author.client,
                    sequence,
                    base,
                    account: author.account,
                    at_micros: now_micros(),
                    origin,
                    delta: Arc::new(accepted.delta.clone()),
                    texts,
                });
                staged.moves_lines |= !entry.delta.is_cells_only();
                staged.entries.push(entry.clone());
                let revision = entry.revision;
                let change = PublishedChange::new(entry, conflicts.clone());
                staged.items.push(Item::Change(Arc::new(change)));
                Ok(Staging::Accepted(revision, conflicts))
            }
            Ok(Outcome::Already { revision, conflicts }) => Ok(Staging::Again(revision, conflicts)),
            Err(error) => Err(refusal(error, base, sequence)),
        }
    }

    /// Loads older changes, so that an edit made before them can be transformed over them.
    async fn reach_back(&mut self, base: Revision) -> Result<(), Refusal> {
        let oldest = self.sequencer.oldest();
        let older = older_changes(&self.shared, self.id, base, oldest).await?;
        self.sequencer.backfill(history::entries(&older, self.size_at_oldest()));
        // Whoever resumes from there is caught up from the log.
        self.log.put_back(older);
        Ok(())
    }

    /// The sheet's size at the oldest revision that the sequencer goes back to.
    pub(super) fn size_at_oldest(&self) -> Size {
        let first = self.sequencer.since(self.sequencer.oldest()).into_iter().flatten().next();
        first.map_or(self.sequencer.size(), |entry| entry.size_before)
    }

    /// Makes what is staged durable, applies it, and tells everybody.
    pub(super) async fn flush(&mut self, staged: &mut Staged) {
        let Staged { items, entries, replies, .. } = std::mem::take(staged);
        let before = entries.first().map(|entry| Revision(entry.revision.0 - 1));
        if let Some(before) = before
            && let Err(error) = self.shared.journal.append(entries).await
        {
            tracing::error!(sheet = %self.id, %error, "journal append failed; edits are refused");
            self.sequencer.rollback_to(before);
            return self.take_back(items, replies, &error);
        }
        self.publish(items);
        for reply in replies {
            // A caller that has gone needs no answer.
            drop(reply.sender.send(Ok(reply.applied)));
        }
    }

    /// Answers every staged edit with the journal's failure.
    fn take_back(&mut self, items: Vec<Item>, replies: Vec<Reply>, error: &JournalError) {
        let refusal = match error {
            JournalError::Full => Refusal::JournalFull,
            _ => Refusal::Unavailable("the journal"),
        };
        let refused = items.into_iter().filter_map(|item| match item {
            Item::Change(change) => {
                let session = self.sessions.session_of(change.entry.client)?;
                let sequence = change.entry.sequence;
                Some(Item::Refused { session, sequence, refusal: refusal.clone() })
            }
            other => Some(other),
        });
        let refused = refused.collect();
        self.publish(refused);
        for reply in replies {
            drop(reply.sender.send(Err(refusal.clone())));
        }
    }

    /// Applies durable changes to the state and hands the batch to every session.
    fn publish(&mut self, items: Vec<Item>) {
        if items.is_empty() {
            return;
        }
        for item in &items {
            if let Item::Change(change) = item {
                self.apply(&change.entry);
                self.log.push(change.clone());
            }
        }
        self.log.forget_until(self.sequencer.oldest());
        self.accepted.send_replace(self.sequencer.head());
        let batch = Arc::new(Published { items });
        self.sessions.deliver(&batch, self.sequencer.head());
    }

    /// Applies one durable change. That it does not fit is a defect; the task then ends, so that
    /// the sheet is loaded afresh from what is durable.
    fn apply(&mut self, entry: &Arc<Entry>) {
        if self.misfit {
            return;
        }
        if let Err(error) = self.try_apply(entry) {
            tracing::error!(sheet = %self.id, revision = %entry.revision, %error, "edit misfits");
            self.misfit = true;
        }
    }

    /// Applies one durable change to the state, the cached rows, and the committer's queue.
    pub(super) fn try_apply(&mut self, entry: &Arc<Entry>) -> Result<(), Misfit> {
        let effects = self.state.apply(entry)?;
        self.rows.apply(&effects);
        self.reads.follow(&entry.delta);
        self.presences.follow(&entry.delta);
        let ClientState { sequence, revision, .. } =
            self.clients.entry(entry.client).or_insert_with(|| ClientState::new(entry.account));
        (*sequence, *revision) = (entry.sequence, entry.revision);
        if let Some(undoing) = self.undos.get_mut(&entry.account) {
            undoing.follow(entry);
        }
        self.committer.push(entry.clone(), effects);
        Ok(())
    }
}

/// What became of an edit.
pub(super) enum Staging {
    Accepted(Revision, Arc<[EntryConflict]>),
    Again(Revision, Arc<[EntryConflict]>),
}

/// The sequencer's answer in the sheet's words.
fn refusal(error: SubmitError, base: Revision, sequence: Sequence) -> Refusal {
    match error {
        SubmitError::Invalid(invalid) => Refusal::from(invalid).within("delta"),
        SubmitError::BaseTooOld { oldest } => Refusal::Compacted { oldest },
        SubmitError::BaseInFuture { head } => Refusal::BaseInFuture { base, head },
        SubmitError::Pipelined(_) => Refusal::Pipelined { sequence },
        SubmitError::SequenceUsed { .. } => Refusal::Stale { sequence },
        _ => Refusal::Malformed { field: "sequence".into(), rule: error.to_string() },
    }
}
