//! The answers to the core's actions: appends, the journal's entries, events of other nodes, rows, changes.
//!
//! An append that another node won, and one without an answer, are treated alike: the batch is rolled back, the
//! journal's entries are applied, and the same work is staged again. An edit that did land is found in the
//! journal and known by its number. A batch for which the journal has no room is appended again, each edit
//! apart, so that no edit is refused for its neighbours.
//!
//! Invariant: after an answer the sequencer stands at the last durable revision plus the staged batches, or the
//! sheet stops.

use std::sync::Arc;

use ot_engine::Revision;

use super::action::{Action, Stop};
use super::batch::Batch;
use super::core::{Ordering, Phase};
use super::parked::ParkedId;
use super::stage::live;
use super::work::{Bodies, Queued, Work, line_of};
use crate::fanout::published::{Item, PublishedChange};
use crate::ports::journal::{ENTRY_BYTES, JournalError};
use crate::reading::history;
use crate::refusal::Refusal;
use model::Entry;

/// How often in a row the journal may not answer before the sheet closes.
const MISSES_MOST: u32 = 2;

impl Ordering {
    /// The answer to [`Action::Append`].
    pub(crate) fn on_appended(&mut self, answer: Result<(), JournalError>) {
        let Some(batch) = self.appending.take() else { return };
        let (Some(before), Some(last)) = (batch.before(), batch.entries.last()) else { return };
        let last = last.revision;
        match answer {
            Ok(()) => {
                self.misses = 0;
                self.sequencer.mark_durable(last);
                self.published = last;
                batch.entries.iter().for_each(|entry| self.note_durable(entry));
                self.actions.extend(batch.publish());
            }
            Err(error) => self.on_append_failed(batch, before, error),
        }
    }

    fn on_append_failed(&mut self, batch: Batch, before: Revision, error: JournalError) {
        if !self.roll_back(before) {
            return;
        }
        match error {
            JournalError::Lost(theirs) => {
                self.misses = 0;
                self.return_batches(Some(batch), before, false);
                match theirs.is_empty() {
                    true => self.await_entries(),
                    false => self.on_event(theirs),
                }
            }
            JournalError::Unknown(text) => {
                tracing::debug!(sheet = %self.sheet, text, "append without an answer");
                self.return_batches(Some(batch.unanswered()), before, false);
                self.misses += 1;
                self.follow();
            }
            JournalError::Away(_) | JournalError::Gap => self.cut_off(&error),
            JournalError::Full | JournalError::ShareFull | JournalError::TooLarge { .. } => {
                match batch.entries.len() {
                    0 | 1 => self.no_room(batch, &error),
                    _ => self.return_batches(Some(batch), before, true),
                }
            }
            _ => {
                tracing::warn!(sheet = %self.sheet, %error, "append failed, edits refused");
                self.refuse_batch(batch, &error);
            }
        }
    }

    /// Refuses the edits of a batch. One that may have landed can't be refused: the sheet closes, and its
    /// client sends it again.
    fn refuse_batch(&mut self, batch: Batch, error: &JournalError) {
        if batch.is_unanswered() {
            return self.cut_off(error);
        }
        self.return_batches(None, self.published, false);
        // A live edit uses its number up, so that a copy of it is not accepted later.
        for (client, _, sequence) in batch.work().filter_map(live) {
            self.sequencer.refuse(client, sequence);
        }
        for client in batch.work().filter_map(Work::client) {
            self.clients.forget_name(client);
        }
        self.refused_bytes += batch.bytes as u64;
        self.actions.extend(batch.refuse(&refusal_of(error)));
    }

    /// Refuses an edit that finds no room alone. Later ones that are as large are not tried.
    fn no_room(&mut self, batch: Batch, error: &JournalError) {
        let bytes = batch.bytes;
        if self.no_room.is_none() {
            tracing::warn!(sheet = %self.sheet, %error, bytes, "append failed, edit refused");
        }
        let least = self.no_room.as_ref().map_or(bytes, |(least, _)| bytes.min(*least));
        self.no_room = Some((least, error.clone()));
        self.refuse_batch(batch, error);
    }

    /// Returns the work of a batch whose append failed, and of the one staged on top, to the front of the queue.
    fn return_batches(&mut self, failed: Option<Batch>, durable: Revision, apart: bool) {
        let failed = failed.into_iter().flat_map(|batch| batch.into_work(durable));
        let work = failed.map(|queued| {
            let apart = apart || queued.apart;
            Queued { apart, ..queued }
        });
        let staged = std::mem::take(&mut self.staged).into_work(durable);
        self.return_to_queue(work.chain(staged).collect());
    }

    /// Returns work to the front of the queue, and behind it the parked work of its clients, which is later.
    fn return_to_queue(&mut self, mut work: Vec<Queued>) {
        let lines: Vec<_> = work.iter().filter_map(|it| it.work.client()).map(line_of).collect();
        for line in lines {
            work.extend(self.take_parked(line));
        }
        work.into_iter().rev().for_each(|queued| self.queue.push_front(queued));
    }

    /// Rolls the sequencer back. Where it does not get there, which is a defect, the sheet is loaded again.
    pub(super) fn roll_back(&mut self, revision: Revision) -> bool {
        let there = self.sequencer.rollback_to(revision);
        if !there {
            let head = self.sequencer.head();
            tracing::error!(sheet = %self.sheet, %revision, %head, "rollback failed");
            self.stop(Stop::Reload);
        }
        there
    }

    fn await_entries(&mut self) {
        self.phase = Phase::AwaitingEntries;
        self.actions.push_back(Action::AwaitEntries);
    }

    /// Reads the journal after the head. No batch is staged or appended.
    pub(super) fn follow(&mut self) {
        self.phase = Phase::Following;
        self.look_later = false;
        self.followed_turn = self.turn;
        self.actions.push_back(Action::Follow(self.sequencer.head()));
    }

    /// The journal may hold entries that no event named: it is read, after the batch that is appended.
    pub(crate) fn look(&mut self) {
        match self.accepts_events() {
            true => self.follow(),
            false => self.look_later = true,
        }
    }

    /// Entries that another node appended.
    pub(crate) fn on_event(&mut self, entries: Vec<Arc<Entry>>) {
        if !self.accepts_events() {
            // Entries up to the head are this node's own, or the answer to the append has them.
            let beyond = |last: &Arc<Entry>| last.revision > self.sequencer.head();
            self.look_later |= entries.last().is_some_and(beyond);
            return;
        }
        let next = self.sequencer.head().next();
        let joins = entries.first().is_some_and(|first| first.revision <= next);
        if !joins {
            self.follow();
        } else if self.apply_entries(entries) {
            self.phase = Phase::Ready;
        } else {
            self.cut_off(&JournalError::Gap);
        }
    }

    /// The answer to [`Action::Follow`].
    pub(crate) fn on_followed(&mut self, answer: Result<Vec<Arc<Entry>>, JournalError>) {
        if self.phase != Phase::Following {
            return;
        }
        if answer.is_ok() {
            self.misses = 0;
        }
        match answer {
            Ok(entries) if entries.is_empty() => self.phase = Phase::Ready,
            Ok(entries) => match self.apply_entries(entries) {
                true => self.actions.push_back(Action::Follow(self.sequencer.head())),
                false => self.cut_off(&JournalError::Gap),
            },
            Err(JournalError::Unknown(_)) if self.misses + 1 < MISSES_MOST => {
                self.misses += 1;
                self.actions.push_back(Action::Follow(self.sequencer.head()));
            }
            Err(error) => self.cut_off(&error),
        }
    }

    /// Applies entries that other nodes appended. False when one does not follow the head.
    fn apply_entries(&mut self, entries: Vec<Arc<Entry>>) -> bool {
        let (mut new, mut joined) = (Vec::new(), true);
        for entry in entries {
            if entry.revision <= self.sequencer.head() {
                continue;
            }
            joined = self.sequencer.replay(history::entry_after(&entry, self.sequencer.size()));
            if !joined {
                break;
            }
            self.note_durable(&entry);
            new.push(entry);
        }
        if !new.is_empty() {
            self.published = self.sequencer.head();
            let change = |entry: &Arc<Entry>| Arc::new(PublishedChange::new(Arc::clone(entry)));
            let items = new.iter().map(|entry| Item::Change(change(entry))).collect();
            self.actions.push_back(Action::Followed(new));
            self.actions.push_back(Action::Publish(items));
        }
        joined
    }

    /// The sheet ends, because the journal does not answer or does not continue from the head.
    pub(crate) fn cut_off(&mut self, error: &JournalError) {
        tracing::warn!(sheet = %self.sheet, %error, "sheet closes, the next request opens it again");
        self.stop(match error {
            JournalError::Foreign(_) => Stop::Reload,
            // The changes that clients received stand, so they resume.
            _ => Stop::JournalAway { unanswered: matches!(error, JournalError::Unknown(_)) },
        });
    }

    /// The answer to [`Action::FetchRows`]: all rows that were asked for, as they are at the published head.
    pub(crate) fn on_rows(&mut self, id: ParkedId, answer: Result<Bodies, Refusal>) {
        let Some(mut work) = self.parked.take(id) else { return };
        if let (Some(first), Ok(bodies)) = (work.front_mut(), &answer) {
            self.holding_rows += usize::from(first.rows.is_empty() && !bodies.is_empty());
            first.rows.extend(bodies.iter().map(|(row, body)| (*row, Arc::clone(body))));
        }
        self.unpark(work, answer.err());
    }

    /// The answer to [`Action::FetchHistory`]: the changes up to [`Ordering::oldest`], or further.
    pub(crate) fn on_history(&mut self, id: ParkedId, answer: Result<&[Arc<Entry>], Refusal>) {
        let Some(mut work) = self.parked.take(id) else { return };
        if let (Ok(older), Some(first)) = (&answer, work.front_mut()) {
            let missing = older.partition_point(|entry| entry.revision <= self.oldest());
            let older = history::entries(&older[..missing], self.size_at_oldest());
            self.sequencer.backfill(older);
            self.holding_history += usize::from(first.history.is_none());
            first.history = Some(self.oldest());
            let waiting = self.queue.iter().chain([&*first]).filter_map(|queued| queued.history);
            self.sequencer.keep_after(waiting.min());
        }
        self.unpark(work, answer.err());
    }

    /// Returns work to the front of the queue, or refuses the first of it.
    pub(super) fn unpark(
        &mut self,
        mut work: std::collections::VecDeque<Queued>,
        refusal: Option<Refusal>,
    ) {
        let refused = refusal.and_then(|refusal| Some((work.pop_front()?, refusal)));
        work.into_iter().rev().for_each(|queued| self.queue.push_front(queued));
        if let Some((queued, refusal)) = refused {
            self.refuse(queued, refusal);
        }
    }
}

/// Why an edit is refused whose append failed.
fn refusal_of(error: &JournalError) -> Refusal {
    match error {
        JournalError::Full => Refusal::JournalFull,
        JournalError::ShareFull => Refusal::JournalShareFull,
        JournalError::TooLarge { bytes } => Refusal::TooLarge { bytes: *bytes, most: ENTRY_BYTES },
        _ => Refusal::Unavailable("the journal"),
    }
}
