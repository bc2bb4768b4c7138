//! From staged to durable: appends a batch to the journal, and does what each answer asks for.
//!
//! - The batch is durable: it is published.
//! - Others have appended first, or nobody knows: the batch is rolled back, their entries are taken in
//!   (`race`), and the same steps are staged again on top. No client has seen the batch yet.
//! - The batch does not fit (the journal is full, or nearly): its steps are staged again one by one, so
//!   that no edit is refused for its neighbours. An edit that does not fit alone is refused, and so is
//!   each later one of the batch that is not smaller.
//! - The journal can't be written: every edit of the batch is refused.
//!
//! Invariant: after a batch the sequencer stands at the last durable revision, or the sheet ends and is
//! loaded anew.

use std::collections::VecDeque;

use ot_engine::{ClientId, Revision, Sequence};

use crate::actor::SheetTask;
use crate::fanout::published::{Item, command_client};
use crate::fanout::session::EndReason;
use crate::ordering::batch::{Reply, Staged, Step};
use crate::refusal::Refusal;
use journal::{ENTRY_BYTES, JournalError};

/// How often a batch may need more than the journal has, which is more than once only in a race.
const ROUNDS: u32 = 10;

/// Steps that do not fit the journal together.
#[derive(Default)]
struct Apart {
    steps: VecDeque<(Step, Option<Reply>)>,
    /// The smallest edit for which there was no room.
    refused_bytes: Option<usize>,
}

/// What became of an append.
enum Appended {
    /// It is durable.
    Durable,
    /// It is rolled back, and is to be staged again.
    Overtaken,
    /// It is rolled back, and there is no room for it as a whole.
    NoRoom(JournalError),
    /// It is rolled back, and is refused.
    Refused(JournalError),
    /// The sheet ends.
    Ended,
}

impl SheetTask {
    /// Makes what is staged durable, applies it, and tells everybody.
    pub(crate) async fn flush(&mut self, staged: &mut Staged) {
        let mut staged = std::mem::take(staged);
        let mut apart = Apart::default();
        let mut rounds = 0;
        loop {
            if self.ended.is_some() {
                staged.rest.extend(apart.steps);
                return self.give_up(staged);
            }
            if staged.entries.is_empty() {
                let left = self.publish(staged);
                staged = if !left.rest.is_empty() {
                    rounds += 1;
                    self.catch_up_for(rounds).await;
                    self.restage(left).await
                } else if let Some((step, reply)) = apart.steps.pop_front() {
                    let mut next = Staged { again_after: left.again_after, ..Staged::default() };
                    self.step(&mut next, step, reply).await;
                    next
                } else {
                    return;
                };
                continue;
            }
            let bytes = staged.bytes;
            match self.append(&mut staged, apart.refused_bytes).await {
                Appended::Durable => {}
                Appended::Overtaken => staged = self.restage(staged).await,
                Appended::NoRoom(_) if staged.steps.len() + staged.rest.len() > 1 => {
                    let again_after = staged.again_after;
                    let steps: Vec<_> = staged.into_steps().collect();
                    steps.into_iter().rev().for_each(|step| apart.steps.push_front(step));
                    staged = Staged { again_after, ..Staged::default() };
                }
                Appended::NoRoom(error) => {
                    if apart.refused_bytes.is_none() {
                        tracing::warn!(sheet = %self.id, %error, bytes, "edits are refused");
                    }
                    let least = apart.refused_bytes.map_or(bytes, |least| least.min(bytes));
                    apart.refused_bytes = Some(least);
                    staged = self.refuse_all(staged, &error);
                }
                Appended::Refused(error) => {
                    tracing::warn!(sheet = %self.id, %error, "edits are refused");
                    staged.rest.extend(std::mem::take(&mut apart.steps));
                    staged = self.refuse_all(staged, &error);
                }
                Appended::Ended => {}
            }
        }
    }

    /// Appends what is staged. Of a size for which there was no room a moment ago, nothing is tried.
    async fn append(&mut self, staged: &mut Staged, no_room: Option<usize>) -> Appended {
        let entries = std::mem::take(&mut staged.entries);
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
            return Appended::Durable;
        };
        let (before, last) = (Revision(first.revision.0 - 1), last.revision);
        let answer = match no_room {
            Some(no_room) if staged.bytes >= no_room => Err(JournalError::Full),
            _ => self.shared.journal.append(self.seed, entries).await,
        };
        let Err(error) = answer else {
            self.misses = 0;
            self.sequencer.mark_durable(last);
            return Appended::Durable;
        };
        if !self.roll_back(before) {
            return Appended::Ended;
        }
        match error {
            JournalError::Lost(theirs) => {
                self.overtaken(theirs).await;
                staged.again_after.get_or_insert(before);
                Appended::Overtaken
            }
            JournalError::Unknown(text) => {
                tracing::debug!(sheet = %self.id, text, "an append has no answer");
                self.misses += 1;
                self.refresh().await;
                staged.again_after.get_or_insert(before);
                Appended::Overtaken
            }
            JournalError::Away(_) | JournalError::Gap => {
                self.cut_off(&error);
                Appended::Ended
            }
            JournalError::Full | JournalError::TooLarge { .. } => Appended::NoRoom(error),
            _ => Appended::Refused(error),
        }
    }

    /// Rolls the sequencer back to what is durable. Where it does not get there, which is a defect, the
    /// sheet ends and is loaded anew.
    pub(crate) fn roll_back(&mut self, durable: Revision) -> bool {
        let there = self.sequencer.rollback_to(durable);
        if !there {
            let head = self.sequencer.head();
            tracing::error!(sheet = %self.id, %durable, %head, "a batch can't be rolled back");
            self.end(EndReason::Reload);
        }
        there
    }

    /// Takes an edit that was just accepted out of the order again, and uses up its number.
    pub(crate) fn unstage(&mut self, client: ClientId, sequence: Sequence, accepted: Revision) {
        if self.roll_back(Revision(accepted.0 - 1)) {
            self.sequencer.refuse(client, sequence);
        }
    }

    async fn catch_up_for(&mut self, rounds: u32) {
        if rounds > ROUNDS {
            self.cut_off(&JournalError::Gap);
        }
        self.refresh().await;
    }

    /// Stages the same steps again, on top of what has come first.
    async fn restage(&mut self, former: Staged) -> Staged {
        let mut staged = Staged { again_after: former.again_after, ..Staged::default() };
        for (step, reply) in former.into_steps().collect::<Vec<_>>() {
            if staged.rest.is_empty() {
                // No step moves lines in front of one that can't bear it: the order is that of before.
                self.step(&mut staged, step, reply).await;
            } else {
                staged.rest.push((step, reply));
            }
        }
        staged
    }

    /// Refuses every edit that was staged, with the journal's failure; all other answers stand. Steps that
    /// are not staged use up their numbers: an earlier edit of the same client may be durable, and the
    /// client's next one is not taken for a gap.
    fn refuse_all(&mut self, staged: Staged, error: &JournalError) -> Staged {
        let refusal = refusal_of(error);
        let refused = |session, sequence| {
            let refusal = refusal.clone();
            Item::Refused { session, sequence, refusal }
        };
        let answers = staged.items.into_iter().filter_map(|item| match item {
            Item::Change(change) => {
                let session = self.sessions.session_of(change.entry.client)?;
                Some(refused(session, change.entry.sequence))
            }
            other => Some(other),
        });
        let mut items: Vec<Item> = answers.collect();
        let mut replies = staged.replies;
        for (step, reply) in staged.rest {
            replies.extend(reply);
            match step {
                Step::Live { author, session, submission } => {
                    self.sequencer.refuse(author.client, submission.sequence);
                    items.push(refused(session, submission.sequence));
                }
                Step::Commands { author, session, sequence, .. } => {
                    self.sequencer.refuse(command_client(author.client), sequence);
                    items.push(refused(session, sequence));
                }
                Step::Refused { session, sequence, refusal, used_up } => {
                    if let Some(client) = used_up {
                        self.sequencer.refuse(client, sequence);
                    }
                    items.push(Item::Refused { session, sequence, refusal });
                }
                Step::Apply { .. } | Step::TakeBack { .. } => {}
            }
        }
        for reply in replies {
            // A caller that has gone needs no answer.
            drop(reply.sender.send(Err(refusal.clone())));
        }
        Staged { items, again_after: staged.again_after, ..Staged::default() }
    }

    /// The sheet is about to close, and nobody knows what becomes of these: sessions end without an
    /// answer, so that their clients send again what they have none for.
    fn give_up(&self, staged: Staged) {
        let rest = staged.rest.into_iter().filter_map(|(_, reply)| reply);
        for reply in staged.replies.into_iter().chain(rest) {
            drop(reply.sender.send(Err(Refusal::Unavailable("the journal"))));
        }
    }
}

/// Why an edit is refused whose append failed.
fn refusal_of(error: &JournalError) -> Refusal {
    match error {
        JournalError::Full => Refusal::JournalFull,
        JournalError::TooLarge { bytes } => too_large(*bytes),
        _ => Refusal::Unavailable("the journal"),
    }
}

/// Why an edit is refused that is larger than an entry of the journal may be.
pub(crate) fn too_large(bytes: usize) -> Refusal {
    Refusal::TooLarge { bytes, most: ENTRY_BYTES }
}
