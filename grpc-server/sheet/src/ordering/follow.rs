//! What other nodes append to the same sheet, and how durable entries are published.
//!
//! Several nodes may have the sheet open. Each appends on the last revision that it knows, and the
//! journal takes the first. The node that loses rolls back its batch, applies the winner's entries, and
//! sequences the same edits again (`append`). An append without an answer is treated alike: the truth
//! stands in the journal, and an edit that did land is found there and known by its name.
//!
//! Invariant: what others appended is taken in between two batches, never within one.

use std::sync::Arc;
use std::time::Duration;

use crate::actor::SheetTask;
use crate::fanout::published::{Item, Published, PublishedChange};
use crate::fanout::session::EndReason;
use crate::history;
use crate::ordering::batch::Staged;
use crate::ordering::clients::ClientState;
use crate::state::Misfit;
use journal::{Event, JournalError};
use model::Entry;

/// How often in a row the journal may say nothing before the sheet counts as cut off from it.
const MISSES: u32 = 2;
/// How long the news of another's turn may take before it is looked whether it is over.
const TURN_LOOK: Duration = Duration::from_millis(4);

impl SheetTask {
    /// Takes in what came first; where it is another's turn, waits for what that one appends.
    pub(crate) async fn overtaken(&mut self, theirs: Vec<Arc<Entry>>) {
        let news = if theirs.is_empty() {
            let next = self.listener.next(self.sequencer.head());
            tokio::time::timeout(TURN_LOOK, next).await.unwrap_or(Event::Look)
        } else {
            Event::Entries(theirs)
        };
        self.hear(news).await;
    }

    /// Takes in all that others have appended by now.
    pub(crate) async fn refresh(&mut self) {
        loop {
            match self.catch_up().await {
                Ok(()) => return self.misses = 0,
                Err(JournalError::Unknown(_)) if self.misses + 1 < MISSES => self.misses += 1,
                Err(error) => return self.cut_off(&error),
            }
        }
    }

    async fn catch_up(&mut self) -> Result<(), JournalError> {
        loop {
            let head = self.sequencer.head();
            let followed = self.shared.journal.follow(self.id, self.seed, head).await?;
            if let Some(committed) = followed.committed {
                self.committer.committed_by_other(committed);
            }
            if followed.entries.is_empty() {
                return Ok(());
            }
            self.follow(followed.entries)?;
        }
    }

    /// Takes in what others have appended.
    fn follow(&mut self, theirs: Vec<Arc<Entry>>) -> Result<(), JournalError> {
        let mut new = Vec::new();
        let mut items = Vec::new();
        let mut gap = false;
        for entry in theirs {
            if entry.revision <= self.sequencer.head() {
                continue;
            }
            let history = history::entry_after(&entry, self.sequencer.size());
            if !self.sequencer.replay(history) {
                gap = true;
                break;
            }
            items.push(Item::Change(Arc::new(PublishedChange::new(entry.clone()))));
            new.push(entry);
        }
        if !new.is_empty() {
            self.gathering.raced();
        }
        self.shared.journal.followed(&new);
        self.publish(Staged { items, ..Staged::default() });
        if gap { Err(JournalError::Gap) } else { Ok(()) }
    }

    /// Takes up what other nodes tell.
    pub(crate) async fn hear(&mut self, news: Event) {
        match news {
            Event::Committed(revision) => self.committer.committed_by_other(revision),
            Event::Entries(theirs) => {
                let next = self.sequencer.head().next();
                let joins = theirs.first().is_some_and(|first| first.revision <= next);
                if !joins {
                    self.refresh().await;
                } else if let Err(error) = self.follow(theirs) {
                    self.cut_off(&error);
                }
            }
            Event::Look => self.refresh().await,
        }
    }

    /// The journal can't be asked, or does not go on from here.
    pub(crate) fn cut_off(&mut self, error: &JournalError) {
        tracing::warn!(sheet = %self.id, %error, "the sheet closes, and is opened again when it is needed");
        // Without an answer nobody can be asked, so everyone brings what they hold to safety.
        self.lingers |= matches!(error, JournalError::Unknown(_));
        self.end(match error {
            JournalError::Foreign(_) => EndReason::Reload,
            // What clients have seen stands: they go on from there.
            _ => EndReason::JournalAway,
        });
    }

    /// Applies durable changes to the state, hands the batch to every session, and answers those who
    /// wait for it. Gives back what could not be staged.
    pub(crate) fn publish(&mut self, staged: Staged) -> Staged {
        let Staged { items, replies, rest, again_after, .. } = staged;
        for item in &items {
            if let Item::Change(change) = item {
                self.apply(&change.entry);
                self.log.push(change.clone());
            }
        }
        if !items.is_empty() {
            self.log.forget_until(self.sequencer.oldest());
            self.accepted.send_replace(self.sequencer.head());
            let batch = Arc::new(Published::new(items));
            self.sessions.fan_out(&batch, self.sequencer.head());
        }
        for reply in replies {
            // A caller that has gone needs no answer.
            drop(reply.sender.send(Ok(reply.applied)));
        }
        Staged { rest, again_after, ..Staged::default() }
    }

    /// Applies one durable change. That it does not fit is a defect; the task then ends, so that
    /// the sheet is loaded afresh from what is durable.
    fn apply(&mut self, entry: &Arc<Entry>) {
        if self.ended.is_some() {
            return;
        }
        if let Err(error) = self.try_apply(entry) {
            tracing::error!(sheet = %self.id, revision = %entry.revision, %error, "edit misfits");
            self.end(EndReason::Reload);
        }
    }

    /// Applies one durable change to the state, the cached rows, and the committer's queue.
    pub(crate) fn try_apply(&mut self, entry: &Arc<Entry>) -> Result<(), Misfit> {
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
