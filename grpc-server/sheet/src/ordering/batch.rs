//! A batch of edits between their order and the journal: what was asked, what it came to, and who is to
//! be answered.
//!
//! Nothing here is done, and nobody is told, except a unary caller whose edit is refused: that hangs on
//! nothing that might not land. Invariant: each step of a unary caller has its reply, in the same order.

use std::sync::Arc;

use gridloom::v1;
use ot_engine::{ClientId, EntryConflict, Revision, Sequence, Submission};
use tokio::sync::oneshot;

use crate::api::message::{Applied, ApplyChange};
use crate::api::undo_target::UndoTarget;
use crate::fanout::published::{Item, PublishedChange, SessionKey};
use crate::refusal::Refusal;
use model::{AccountId, Entry};

/// Edits that are ordered and not yet durable, with the answers that fall between them.
#[derive(Default)]
pub(crate) struct Staged {
    pub(crate) items: Vec<Item>,
    pub(crate) entries: Vec<Arc<Entry>>,
    /// What they take in the journal.
    pub(crate) bytes: usize,
    /// What was asked, in order, to be staged again.
    pub(crate) steps: Vec<Step>,
    /// One for each step of a unary caller, in order.
    pub(crate) replies: Vec<Reply>,
    /// Steps that need more than this node knows yet, and their callers.
    pub(crate) rest: Vec<(Step, Option<Reply>)>,
    /// It is staged again; entries after this revision were published meanwhile.
    pub(crate) again_after: Option<Revision>,
    pub(crate) moves_lines: bool,
}

/// Something that was asked.
pub(crate) enum Step {
    /// An edit of a live session.
    Live { author: Author, session: SessionKey, submission: Submission },
    /// Commands of a live session.
    Commands { author: Author, session: SessionKey, sequence: Sequence, list: v1::CommandList },
    /// A unary edit.
    Apply { author: Author, change: ApplyChange },
    /// An undo or the like.
    TakeBack { author: Author, taken: UndoTarget },
    /// An edit was refused, and its number is used up.
    Refused { session: SessionKey, sequence: Sequence, refusal: Refusal, used_up: Option<ClientId> },
}

/// A unary caller that waits for the journal.
pub(crate) struct Reply {
    pub(crate) sender: oneshot::Sender<Result<Applied, Refusal>>,
    pub(crate) applied: Applied,
}

impl Reply {
    /// A caller who can't be answered yet.
    pub(crate) fn open(sender: oneshot::Sender<Result<Applied, Refusal>>) -> Self {
        Self { sender, applied: Applied { revision: Revision(0), conflicts: Arc::from([]) } }
    }
}

/// Who sent an edit.
#[derive(Clone, Copy)]
pub(crate) struct Author {
    pub(crate) account: AccountId,
    pub(crate) client: ClientId,
}

impl Staged {
    /// What was asked, with those who wait for answers, to be staged again in the same order.
    pub(crate) fn into_steps(self) -> impl Iterator<Item = (Step, Option<Reply>)> {
        let mut replies = self.replies.into_iter();
        let steps = self.steps.into_iter().map(move |step| {
            let called = matches!(step, Step::Apply { .. } | Step::TakeBack { .. });
            let reply = called.then(|| replies.next()).flatten();
            (step, reply)
        });
        steps.chain(self.rest)
    }

    pub(crate) fn refuse(
        &mut self,
        session: SessionKey,
        sequence: Sequence,
        refusal: Refusal,
        used_up: Option<ClientId>,
    ) {
        self.items.push(Item::Refused { session, sequence, refusal: refusal.clone() });
        self.steps.push(Step::Refused { session, sequence, refusal, used_up });
    }

    /// Takes in an entry that has its place in the order.
    pub(crate) fn accept(&mut self, entry: Arc<Entry>, bytes: usize) -> Staging {
        let accepted = Staging::Accepted(entry.revision, entry.conflicts.clone());
        self.moves_lines |= !entry.delta.is_cells_only();
        self.bytes += bytes;
        self.entries.push(entry.clone());
        self.items.push(Item::Change(Arc::new(PublishedChange::new(entry))));
        accepted
    }

    /// Answers a live session: with its change, or at once.
    pub(crate) fn live(
        &mut self,
        staging: Result<Staging, NotStaged>,
        step: Step,
        (client, session, sequence): (ClientId, SessionKey, Sequence),
    ) {
        match staging {
            Ok(Staging::Accepted(..)) => self.steps.push(step),
            Ok(Staging::Again(revision, conflicts)) => {
                // One that has landed since it was staged first is answered by its change.
                if self.again_after.is_none_or(|after| revision <= after) {
                    self.items.push(Item::Again { session, sequence, revision, conflicts });
                }
                self.steps.push(step);
            }
            Err(NotStaged::Behind) => self.rest.push((step, None)),
            Err(NotStaged::Refused(refusal)) => {
                self.refuse(session, sequence, refusal, Some(client));
            }
        }
    }

    /// Answers a unary caller: at once with a refusal, else when the edit is durable.
    pub(crate) fn unary(
        &mut self,
        staging: Result<Staging, NotStaged>,
        step: Step,
        Reply { sender, .. }: Reply,
    ) {
        match staging {
            Ok(Staging::Accepted(revision, conflicts) | Staging::Again(revision, conflicts)) => {
                let applied = Applied { revision, conflicts };
                self.replies.push(Reply { sender, applied });
                self.steps.push(step);
            }
            Err(NotStaged::Behind) => self.rest.push((step, Some(Reply::open(sender)))),
            // A caller that has gone needs no answer.
            Err(NotStaged::Refused(refusal)) => drop(sender.send(Err(refusal))),
        }
    }
}

/// What became of an edit.
pub(crate) enum Staging {
    Accepted(Revision, Arc<[EntryConflict]>),
    Again(Revision, Arc<[EntryConflict]>),
}

/// Why an edit has no place in the order.
pub(crate) enum NotStaged {
    /// It was refused.
    Refused(Refusal),
    /// Postgres has told more than this node has followed; nothing has happened.
    Behind,
}

impl From<Refusal> for NotStaged {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
