//! The path of an edit through the sheet's task: ordered, journaled, applied, published.
//!
//! A batch of edits is *staged* (the sequencer orders and transforms them), *appended* to the
//! journal in one go, and only then *published*: nobody sees, and nothing holds, what is not
//! durable. Here they are staged; the rest is in `append`. Others may append first, and then the
//! same batch is staged again on top of theirs. So what was asked is kept until it is durable (`staged`).
//! Invariant: between two requests the sequencer, the state and the journal are at one revision.

use std::sync::Arc;

use gridloom::v1;
use ot_engine::{ClientId, Delta, Outcome, Revision, Sequence, Size, Submission, SubmitError};

use crate::actor::SheetTask;
use crate::api::message::{Apply, ApplyChange};
use crate::fanout::published::{SessionKey, command_client};
use crate::history::{self, older_changes};
use crate::ordering::append::too_large;
use crate::ordering::batch::{Author, NotStaged, Reply, Staged, Staging, Step};
use crate::ordering::commands::{self, Head};
use crate::refusal::Refusal;
use journal::{ENTRY_BYTES, entry_bytes};
use model::{Entry, Origin, now_micros};

/// Changes fetched from the operation log to transform an edit on an old base; older is refused.
const OLD_BASE_CHANGES: u64 = 10_000;
/// Edits that one journal append may cover. Bounds what is ordered and not durable, and with it how
/// far a rollback goes and how long the first of them waits.
const STAGED_EDITS: usize = 4_096;

impl SheetTask {
    /// Orders one edit of a live session.
    pub(crate) async fn stage_live(
        &mut self,
        staged: &mut Staged,
        author: Author,
        session: SessionKey,
        submission: Submission,
    ) {
        self.make_room(staged, submission.base, &submission.delta).await;
        self.live(staged, author, session, submission).await;
        self.flush_rest(staged).await;
    }

    /// Orders the commands of a live session.
    pub(crate) async fn stage_commands(
        &mut self,
        staged: &mut Staged,
        author: Author,
        session: SessionKey,
        sequence: Sequence,
        list: v1::CommandList,
    ) {
        // The compiler reads the published state, so that must be the head.
        if staged.moves_lines || self.is_full(staged) {
            self.flush(staged).await;
        }
        self.live_commands(staged, author, session, sequence, list).await;
        self.flush_rest(staged).await;
    }

    /// Orders a unary edit.
    pub(crate) async fn stage_apply(&mut self, staged: &mut Staged, apply: Apply) {
        match &apply.change {
            ApplyChange::Commands(_) if staged.moves_lines || self.is_full(staged) => {
                self.flush(staged).await;
            }
            ApplyChange::TakeBack(_) if !self.was_accepted(apply.client) => {
                // What is undone, and over what, is what has been published.
                self.flush(staged).await;
                return self.undo(Box::new(apply));
            }
            ApplyChange::Delta { base, delta } => self.make_room(staged, *base, delta).await,
            ApplyChange::Commands(_) | ApplyChange::TakeBack(_) => {}
        }
        let Apply { account, client, change, reply, .. } = apply;
        self.unary(staged, Author { account, client }, change, Reply::open(reply)).await;
        self.flush_rest(staged).await;
    }

    /// Publishes first what the next edit must be able to stand on.
    async fn make_room(&mut self, staged: &mut Staged, base: Revision, delta: &Delta) {
        // What the cells hold is looked up in what has been published.
        let needs_texts = staged.moves_lines && delta.edits_text();
        if self.is_full(staged) || needs_texts {
            self.flush(staged).await;
        }
        if base > self.sequencer.head() {
            // Another node may have told it.
            self.flush(staged).await;
            self.refresh().await;
        }
    }

    /// Whether a batch should take no further edit.
    fn is_full(&self, staged: &Staged) -> bool {
        staged.entries.len() >= STAGED_EDITS || staged.bytes >= self.shared.journal.batch_bytes()
    }

    async fn flush_rest(&mut self, staged: &mut Staged) {
        if !staged.rest.is_empty() {
            self.flush(staged).await;
        }
    }

    /// Stages one step, without publishing anything.
    pub(crate) async fn step(&mut self, staged: &mut Staged, step: Step, reply: Option<Reply>) {
        match (step, reply) {
            (Step::Live { author, session, submission }, _) => {
                self.live(staged, author, session, submission).await;
            }
            (Step::Commands { author, session, sequence, list }, _) => {
                self.live_commands(staged, author, session, sequence, list).await;
            }
            (Step::Apply { author, change }, Some(reply)) => {
                self.unary(staged, author, change, reply).await;
            }
            (Step::Refused { session, sequence, refusal, used_up }, _) => {
                if let Some(client) = used_up {
                    self.sequencer.refuse(client, sequence);
                }
                staged.refuse(session, sequence, refusal, used_up);
            }
            (Step::TakeBack { author, taken }, Some(reply)) => {
                if self.was_accepted(author.client) {
                    self.unary(staged, author, ApplyChange::TakeBack(taken), reply).await;
                } else {
                    self.undo_again(author, taken, reply);
                }
            }
            // Each has its caller.
            (Step::Apply { .. } | Step::TakeBack { .. }, None) => {}
        }
    }

    async fn live(
        &mut self,
        staged: &mut Staged,
        author: Author,
        session: SessionKey,
        submission: Submission,
    ) {
        let sequence = submission.sequence;
        self.share_number(author.client, sequence);
        let staging = self.stage(staged, author, submission.clone()).await;
        self.use_up_refused(&staging, author.client, sequence);
        let step = Step::Live { author, session, submission };
        staged.live(staging, step, (author.client, session, sequence));
    }

    async fn live_commands(
        &mut self,
        staged: &mut Staged,
        author: Author,
        session: SessionKey,
        sequence: Sequence,
        list: v1::CommandList,
    ) {
        let client = command_client(author.client);
        self.share_number(client, sequence);
        match self.compile_new(client, sequence, &list) {
            Ok(delta) => {
                let base = self.sequencer.head();
                let submission = Submission { client, sequence, base, delta };
                let staging = self.stage(staged, Author { client, ..author }, submission).await;
                self.use_up_refused(&staging, client, sequence);
                let step = Step::Commands { author, session, sequence, list };
                staged.live(staging, step, (client, session, sequence));
            }
            Err(refusal) => {
                self.sequencer.refuse(client, sequence);
                staged.refuse(session, sequence, refusal, Some(client));
            }
        }
    }

    async fn unary(
        &mut self,
        staged: &mut Staged,
        author: Author,
        change: ApplyChange,
        reply: Reply,
    ) {
        let (client, sequence) = (author.client, Sequence(1));
        let compiled = match &change {
            ApplyChange::Commands(list) => {
                self.compile_new(client, sequence, list).map(|delta| (self.sequencer.head(), delta))
            }
            ApplyChange::Delta { base, delta } => Ok((*base, delta.clone())),
            // A resend: it is answered by its name.
            ApplyChange::TakeBack(_) => Ok((self.sequencer.head(), Delta::identity())),
        };
        let staging = match compiled {
            Ok((base, delta)) => {
                let submission = Submission { client, sequence, base, delta };
                self.stage(staged, author, submission).await
            }
            Err(refusal) => Err(NotStaged::Refused(refusal)),
        };
        staged.unary(staging, Step::Apply { author, change }, reply);
    }

    /// Uses a number up for the other of the two ids that a client's deltas and its commands have: they
    /// share one line of numbers.
    pub(crate) fn share_number(&mut self, client: ClientId, sequence: Sequence) {
        if self.sequencer.is_next(client, sequence) {
            self.sequencer.refuse(command_client(client), sequence);
        }
    }

    /// Uses up the number of a live edit that has no place in the order, so that the client's next one is
    /// not taken for a gap. The name of a unary edit stays free: the caller may try again.
    fn use_up_refused(
        &mut self,
        staging: &Result<Staging, NotStaged>,
        client: ClientId,
        sequence: Sequence,
    ) {
        if let Err(NotStaged::Refused(_)) = staging {
            self.sequencer.refuse(client, sequence);
        }
    }

    /// Whether a unary edit of this name was accepted.
    fn was_accepted(&self, client: ClientId) -> bool {
        self.clients.get(&client).is_some_and(|state| state.sequence >= Sequence(1))
    }

    /// Compiles commands. A resend is answered by its name: on the sheet that it has changed, the same
    /// commands may mean nothing.
    fn compile_new(
        &self,
        client: ClientId,
        sequence: Sequence,
        list: &v1::CommandList,
    ) -> Result<Delta, Refusal> {
        match self.sequencer.is_next(client, sequence) {
            true => self.compile(list),
            false => Ok(Delta::identity()),
        }
    }

    fn compile(&self, list: &v1::CommandList) -> Result<Delta, Refusal> {
        let head = Head {
            rows: self.state.row_count(),
            columns: self.state.columns(),
            position_of: &|row| self.state.row_order().position_of(row),
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
    ) -> Result<Staging, NotStaged> {
        let (base, sequence) = (submission.base, submission.sequence);
        let missed = self.sequencer.head().0.saturating_sub(base.0);
        if base < self.sequencer.oldest() && missed <= OLD_BASE_CHANGES {
            self.reach_back(base).await?;
        }
        let outcome = self.sequencer.submit(submission);
        self.staged(staged, author, outcome, (base, sequence, Origin::Edit)).await
    }

    /// Gives an edit that the server made, to take something back, its place in the order.
    pub(crate) async fn stage_restoring(
        &mut self,
        staged: &mut Staged,
        author: Author,
        submission: Submission,
        origin: Origin,
    ) -> Result<Staging, NotStaged> {
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
    ) -> Result<Staging, NotStaged> {
        match outcome {
            Ok(Outcome::Accepted(accepted)) => {
                let texts = match self.texts(&staged.entries, &accepted.delta).await {
                    Ok(texts) => texts,
                    Err(reason) => {
                        self.roll_back(Revision(accepted.revision.0 - 1));
                        return Err(reason);
                    }
                };
                let entry = Entry {
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
                    conflicts: accepted.conflicts.clone(),
                };
                let bytes = entry_bytes(&entry);
                if bytes > ENTRY_BYTES {
                    self.unstage(author.client, sequence, accepted.revision);
                    return Err(too_large(bytes).into());
                }
                Ok(staged.accept(Arc::new(entry), bytes))
            }
            Ok(Outcome::Already { revision, conflicts }) => Ok(Staging::Again(revision, conflicts)),
            Err(error) => Err(refusal(error, base, sequence).into()),
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
    pub(crate) fn size_at_oldest(&self) -> Size {
        let first = self.sequencer.since(self.sequencer.oldest()).into_iter().flatten().next();
        first.map_or(self.sequencer.size(), |entry| entry.size_before)
    }
}

/// The sequencer's answer in the sheet's words.
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
