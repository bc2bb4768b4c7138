//! The ordering core: the queue of work, the batch that is appended, and the batch that is staged on top.
//!
//! The actor passes work in with [`Ordering::push`], asks for actions with [`Ordering::next`] until there is
//! none, and passes answers to actions back in. While one batch is appended, the next is staged; when the append
//! fails, both are rolled back and their work returns to the queue in its order.
//!
//! Not here: how one piece of work is staged (`stage`), and what an answer changes (`answers`). No I/O, no clock.
//!
//! Invariant: the work of one client is staged in the order of its arrival; an entry is published after it is
//! durable, and before that no answer depends on it.

use std::collections::{HashSet, VecDeque};

use rustc_hash::{FxHashMap, FxHashSet};

use ot_engine::{ClientId, Limits, Revision, Sequence, Sequencer};

use super::action::{Action, Stop, View};
use super::batch::Batch;
use super::clients::Clients;
use super::parked::{Parked, ParkedId};
use super::work::{Queued, Work, line_of};
use crate::api::message::ApplyChange;
use crate::memory::EditHold;
use crate::ports::journal::JournalError;
use crate::reading::history;
use crate::state::row_order::RowLookups;
use model::sizes::BATCH_ITEMS;
use model::{AccountId, Entry, SheetId};

/// Edits that one journal append may hold. It bounds how far a rollback goes.
const STAGED_EDITS: usize = 4_096;
/// Queued work above which the actor takes no more.
const QUEUED_MOST: usize = 512;
/// Accounts whose rights are remembered while no work waits.
const RIGHTS_KEPT: usize = 10_000;
/// Steps of one batch, with refused edits and requests that wait.
const STAGED_STEPS: usize = 8_192;

/// The sizes that bound a batch and an edit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OrderingLimits {
    pub(crate) edit: Limits,
    /// The bytes that one append may hold.
    pub(crate) batch_bytes: usize,
    /// The items of a list of commands that is compiled at once.
    pub(crate) light_items: usize,
    /// The steps of a transform that is done at once.
    pub(crate) light_steps: usize,
    /// The spans that the order of rows may have.
    pub(crate) spans: usize,
}

/// What the core waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing, or the answer to an append.
    Ready,
    /// The journal's entries after the head.
    Following,
    /// The entries of the node that appends now.
    AwaitingEntries,
    /// Nothing any more: the sheet ends.
    Stopped,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Ordering {
    pub(super) sheet: SheetId,
    pub(super) limits: OrderingLimits,
    pub(super) sequencer: Sequencer,
    pub(super) clients: Clients,
    pub(super) queue: VecDeque<Queued>,
    pub(super) parked: Parked,
    /// The batch that the journal appends.
    pub(super) appending: Option<Batch>,
    /// The batch that is staged on top of it.
    pub(super) staged: Batch,
    pub(super) phase: Phase,
    pub(super) actions: VecDeque<Action>,
    /// The last published revision.
    pub(super) published: Revision,
    /// Counts the arrivals of work.
    pub(super) turn: u64,
    /// The journal was read after the work of this turn and of those before had arrived.
    pub(super) followed_turn: u64,
    /// How often in a row the journal did not answer.
    pub(super) misses: u32,
    /// The least size for which the journal had no room, while edits are appended one by one.
    pub(super) no_room: Option<(usize, JournalError)>,
    /// Parked edits whose work is done elsewhere, and those that wait for that.
    pub(super) heavy: FxHashMap<ParkedId, Option<AccountId>>,
    pub(super) heavy_waiting: VecDeque<(ParkedId, Option<AccountId>)>,
    /// How much work holds fetched rows.
    pub(super) holding_rows: usize,
    /// How much work holds older changes.
    pub(super) holding_history: usize,
    /// The last published entry that placed restored lines: an undo that was looked up before may place the
    /// same lines.
    pub(super) restored: Revision,
    /// An event of another node arrived while a batch was appended: the journal is read after that.
    pub(super) look_later: bool,
    /// Names of undos that are looked up again after an append without an answer.
    pub(super) unanswered_undos: FxHashSet<ClientId>,
    /// Edits that may have landed, and whose clients opened other sessions before they were staged again.
    pub(super) unanswered_edits: HashSet<(ClientId, Sequence)>,
    /// How many callers are about to delete the sheet: further edits are refused.
    pub(super) seals: u32,
    /// Whether each account may edit, as the lookup of this number found. Work of an account that is not here was
    /// allowed when it arrived.
    pub(super) rights: FxHashMap<AccountId, (u64, bool)>,
    /// The cost of looking up rows by id in the published order.
    pub(super) row_lookups: RowLookups,
    /// The bytes of refused batches, until they are taken from those of the account.
    pub(super) refused_bytes: u64,
}

impl Ordering {
    /// The core of a sheet whose sequencer stands at the head that Postgres has.
    pub(crate) fn new(sheet: SheetId, sequencer: Sequencer, limits: OrderingLimits) -> Self {
        Self {
            sheet,
            limits,
            published: sequencer.head(),
            sequencer,
            clients: Clients::default(),
            queue: VecDeque::new(),
            parked: Parked::default(),
            appending: None,
            staged: Batch::default(),
            phase: Phase::Ready,
            actions: VecDeque::new(),
            turn: 0,
            followed_turn: 0,
            misses: 0,
            no_room: None,
            heavy: FxHashMap::default(),
            heavy_waiting: VecDeque::new(),
            holding_rows: 0,
            holding_history: 0,
            restored: Revision(0),
            look_later: false,
            unanswered_undos: FxHashSet::default(),
            unanswered_edits: HashSet::new(),
            seals: 0,
            rights: FxHashMap::default(),
            row_lookups: RowLookups::default(),
            refused_bytes: 0,
        }
    }

    /// Applies an entry that the journal holds and Postgres does not have yet, when the sheet is loaded.
    pub(crate) fn replay(&mut self, entry: &Entry) -> bool {
        let replayed = self.sequencer.replay(history::entry_after(entry, self.sequencer.size()));
        if replayed {
            self.note_durable(entry);
            self.published = self.sequencer.head();
        }
        replayed
    }

    /// The last published revision.
    pub(crate) fn head(&self) -> Revision {
        self.published
    }

    /// The bytes of the changes in memory.
    pub(crate) fn history_bytes(&self) -> usize {
        self.sequencer.history_bytes()
    }

    /// Sets the limit of those bytes, and drops the oldest durable changes above it.
    pub(crate) fn limit_history_bytes(&mut self, most: usize) {
        self.sequencer.limit_history_bytes(most);
    }

    /// The changes after this revision are in memory.
    pub(crate) fn oldest(&self) -> Revision {
        self.sequencer.oldest()
    }

    /// The published changes after this revision are needed in memory.
    pub(crate) fn kept_after(&self) -> Revision {
        let oldest = self.oldest();
        self.parked.kept_after().map_or(oldest, |after| after.min(oldest))
    }

    /// Whether events of other nodes can be passed in: no batch is staged or appended.
    pub(crate) fn accepts_events(&self) -> bool {
        let waits = matches!(self.phase, Phase::Ready | Phase::AwaitingEntries);
        waits && self.appending.is_none() && self.staged.entries.is_empty()
    }

    /// Whether it takes more work: little is queued. Parked work is refused where it has no room, so it delays no
    /// other client's.
    pub(crate) fn has_room(&self) -> bool {
        self.queue.len() < QUEUED_MOST
    }

    /// How much work of a client is parked.
    pub(crate) fn parked_of(&self, client: ClientId) -> usize {
        self.parked.line_len(line_of(client))
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.parked.is_empty() && self.is_drained()
    }

    /// Begins a turn: work that arrives from now on was not there before.
    pub(crate) fn begin_turn(&mut self) {
        self.turn += 1;
        if self.rights.len() > RIGHTS_KEPT && self.is_idle() {
            self.rights.clear();
        }
    }

    /// Sets whether an account may edit from now on, as the lookup of this number found. Where it may not, its work
    /// that waits is refused. The answer to an earlier lookup changes nothing.
    pub(crate) fn set_may_edit(&mut self, account: AccountId, asked: u64, may_edit: bool) {
        let known = self.rights.entry(account).or_insert((asked, may_edit));
        if known.0 <= asked {
            *known = (asked, may_edit);
        }
    }

    /// Refuses all edits that were not accepted before, or accepts them again.
    pub(crate) fn seal(&mut self, sealed: bool) {
        self.seals =
            if sealed { self.seals.saturating_add(1) } else { self.seals.saturating_sub(1) };
    }

    /// Adds work that takes no room.
    pub(crate) fn push(&mut self, work: Work) {
        self.push_held(work, EditHold::default());
    }

    /// Adds work that keeps its room until it is published or refused.
    pub(crate) fn push_held(&mut self, work: Work, hold: EditHold) {
        let queued = self.queued(work);
        self.queue.push_back(Queued { _hold: hold, ..queued });
    }

    /// The next action; `None` when there is none before more work or an answer arrives.
    pub(crate) fn next(&mut self, view: &mut View<'_>) -> Option<Action> {
        view.stored.remove_edits(std::mem::take(&mut self.refused_bytes));
        self.row_lookups = view.state.row_order().lookups();
        loop {
            if let Some(action) = self.actions.pop_front() {
                return Some(action);
            }
            if !self.advance(view) {
                return None;
            }
        }
    }

    /// Stages the next work, or closes the staged batch. False when neither is possible now.
    fn advance(&mut self, view: &mut View<'_>) -> bool {
        if self.phase != Phase::Ready {
            return false;
        }
        if self.look_later && self.is_drained() {
            self.follow();
            return true;
        }
        let Some(queued) = self.queue.pop_front() else {
            return self.continue_waiting() || self.close_batch();
        };
        match self.readiness(&queued) {
            Ready::Now => self.stage(queued, view),
            Ready::Drained => {
                self.queue.push_front(queued);
                return self.close_batch();
            }
            Ready::Followed => {
                self.queue.push_front(queued);
                if !self.is_drained() {
                    return self.close_batch();
                }
                self.follow();
            }
        }
        true
    }

    /// Whether no edit is staged or appended.
    pub(super) fn is_drained(&self) -> bool {
        self.appending.is_none() && self.staged.is_empty()
    }

    /// Whether staged or appended edits move lines: then positions differ from the published ones.
    pub(super) fn moves_lines(&self) -> bool {
        self.staged.moves_lines || self.appending.as_ref().is_some_and(|batch| batch.moves_lines)
    }

    /// Appends the staged batch, unless another is being appended.
    fn close_batch(&mut self) -> bool {
        if self.appending.is_some() || self.staged.is_empty() {
            return false;
        }
        let batch = std::mem::take(&mut self.staged);
        match &self.no_room {
            _ if batch.entries.is_empty() => self.actions.extend(batch.publish()),
            // An edit of this size found no room a moment ago.
            Some((least, error)) if batch.bytes >= *least => {
                let error = error.clone();
                self.appending = Some(batch);
                self.on_appended(Err(error));
            }
            _ => {
                self.actions.push_back(Action::Append(batch.entries.clone()));
                self.appending = Some(batch);
            }
        }
        true
    }

    /// What a piece of work needs before it is staged.
    fn readiness(&self, queued: &Queued) -> Ready {
        let fresh = self.followed_turn >= queued.arrived;
        let full = self.staged.entries.len() >= STAGED_EDITS
            || self.staged.steps.len() >= STAGED_STEPS
            || self.staged.bytes >= self.limits.batch_bytes
            || self.staged.items >= BATCH_ITEMS
            || self.staged.is_apart();
        let needs_follow = match &queued.work {
            Work::Unary { .. } | Work::Alone { .. } => !fresh,
            // Another node may have accepted the base, and the session may have received it there.
            Work::Live { submission, .. } => submission.base > self.sequencer.head() && !fresh,
            _ => false,
        };
        if needs_follow {
            Ready::Followed
        } else if full || (self.needs_drain(queued) && !self.is_drained()) {
            Ready::Drained
        } else {
            Ready::Now
        }
    }

    /// Whether a piece of work is staged only while no other is.
    fn needs_drain(&self, queued: &Queued) -> bool {
        if queued.apart || self.waits_for_durable(queued) {
            return true;
        }
        match &queued.work {
            Work::Alone { .. } | Work::Restoring(_) => true,
            Work::Unary { change: ApplyChange::TakeBack(_), .. } => true,
            // Commands are compiled, and texts are read, in the published positions.
            Work::Commands { .. } | Work::Unary { change: ApplyChange::Commands(_), .. } => {
                self.moves_lines()
            }
            Work::Live { submission, .. } => self.moves_lines() && submission.delta.edits_text(),
            Work::Unary { change: ApplyChange::Delta { delta, .. }, .. } => {
                self.moves_lines() && delta.edits_text()
            }
            Work::Refused { .. } | Work::Mark { .. } => false,
        }
    }

    /// Ends the sheet. The first reason stays.
    pub(super) fn stop(&mut self, stop: Stop) {
        if self.phase != Phase::Stopped {
            self.phase = Phase::Stopped;
            self.actions.push_back(Action::Stop(stop));
        }
    }

    /// Checks the bookkeeping.
    ///
    /// # Panics
    /// When it is wrong: a bug in this module.
    #[cfg(test)]
    pub(crate) fn check_invariants(&self) {
        self.sequencer.check_invariants();
        self.parked.check_invariants();
        let waiting = self.queue.iter().chain(self.parked.work());
        let (rows, history): (Vec<_>, Vec<_>) =
            waiting.map(|it| (!it.rows.is_empty(), it.history.is_some())).unzip();
        assert_eq!(self.holding_rows, rows.into_iter().filter(|held| *held).count());
        assert_eq!(self.holding_history, history.into_iter().filter(|held| *held).count());
        let staged = self.appending.iter().flat_map(|batch| &batch.entries);
        let mut next = self.published.next();
        for entry in staged.chain(&self.staged.entries) {
            assert_eq!(entry.revision, next, "staged entries follow the published ones");
            next = next.next();
        }
        assert_eq!(self.sequencer.head().next(), next, "each staged entry is in a batch");
    }
}

/// What a piece of work waits for.
enum Ready {
    Now,
    /// Until no edit is staged or appended.
    Drained,
    /// Until the journal has been read.
    Followed,
}
