//! A core, the journal that it appends to, a rival that appends, and everything that waits for an answer.
//!
//! Invariants, checked with each action: a published change is the journal's; a request has its turn after the
//! edits before it, except those that wait for data; only an edit that waits for data keeps its client waiting.

mod faults;
mod fetched;
mod journal;
mod people;
mod rights;
mod sheet;

use std::collections::BTreeSet;
use std::sync::Arc;

use ot_engine::{ClientId, HistoryLimits, Limits, NextIds, Revision, RowId, Sequence, Sequencer};
use uuid::Uuid;

pub(super) use self::faults::{AppendFault, Move, Report};
use self::journal::Journal;
pub(super) use self::people::{Answer, Form, Sent};
use self::people::{People, Waits};
pub(super) use self::sheet::{SHEET, SIZE, WithDeleted, bounds, record};
use super::made::Kind;
use crate::fanout::published::Item;
use crate::ordering::action::{Action, Older, Stop, View};
use crate::ordering::core::{Ordering, OrderingLimits};
use crate::ordering::heavy::Heavy;
use crate::ordering::parked::ParkedId;
use crate::ordering::work::{RequestId, Restoring, line_of};
use crate::ports::journal::JournalError;
use crate::state::SheetState;
use model::{AccountId, Entry, RowBody};

/// Small, so that bases are often older than it.
const HISTORY: HistoryLimits =
    HistoryLimits { max_entries: 3, max_work: 1_000, max_bytes: 64 << 10 };

pub(super) struct World {
    pub(super) core: Ordering,
    /// The sheet as it is published.
    state: SheetState,
    pub(super) journal: Journal,
    pub(super) people: People,
    memory: u64,
    append: Option<Vec<Arc<Entry>>>,
    follow: Option<Revision>,
    awaits_entries: bool,
    rows: Vec<(ParkedId, Vec<RowId>)>,
    history: Vec<(ParkedId, Older)>,
    heavy: Vec<(ParkedId, Heavy)>,
    /// Undos that have been looked up.
    undos: Vec<Restoring>,
    pub(super) injected: BTreeSet<&'static str>,
    /// The last staged revision when the right to edit ended.
    right_ended: Option<Revision>,
    /// The number of the last lookup of the right.
    asked: u64,
    /// Edits of appends without an answer.
    unanswered: BTreeSet<(ClientId, Sequence)>,
}

impl World {
    pub(super) fn new() -> Self {
        let record = record();
        let next = NextIds { row: record.next_row_id.0, col: record.next_column_id.0 };
        let sequencer = |history| Sequencer::new(Revision(0), SIZE, next, Limits::DEFAULT, history);
        // Small, so that most edits on old bases and most lists of commands are heavy.
        let limits = OrderingLimits {
            edit: Limits::DEFAULT,
            batch_bytes: 2_000,
            light_items: 2,
            light_steps: 6,
            spans: 500_000,
        };
        Self {
            core: Ordering::new(SHEET, sequencer(HISTORY), limits),
            state: SheetState::new(&record).expect("a sheet"),
            journal: Journal::new(sequencer(ot_engine::DEFAULT_HISTORY)),
            people: People::default(),
            memory: 0,
            append: None,
            follow: None,
            awaits_entries: false,
            rows: Vec::new(),
            history: Vec::new(),
            heavy: Vec::new(),
            undos: Vec::new(),
            injected: BTreeSet::new(),
            right_ended: None,
            asked: 0,
            unanswered: BTreeSet::new(),
        }
    }

    pub(super) fn step(&mut self, step: Move) {
        self.core.begin_turn();
        if self.right_ended.is_some() {
            // As with each edit of a session that may not edit.
            self.core.set_may_edit(AccountId(Uuid::nil()), self.asked, false);
        }
        match step {
            Move::Edit { client, kind, seed } => {
                let work = self.people.edit(client, (kind, seed), &self.journal, self.core.head());
                work.into_iter().for_each(|work| self.core.push(work));
            }
            Move::Unary { kind, seed } => {
                let work = self.people.unary((kind, seed), &self.journal, self.core.head());
                self.core.push(work);
            }
            Move::Undo { seed } => self.core.push(self.people.undo(seed)),
            Move::Mark { client } => self.core.push(self.people.mark(client)),
            Move::Alone => self.core.push(self.people.alone(Waits::Nothing, self.journal.len())),
            Move::Rejoin { client } => {
                let work = self.people.alone(Waits::Rejoin(client), self.journal.len());
                self.core.push(work);
            }
            Move::SendAgain { client } => {
                let work = self.people.unanswered_work(client);
                work.into_iter().for_each(|work| self.core.push(work));
            }
            Move::CallAgain => {
                let work = self.people.call_again();
                work.into_iter().for_each(|work| self.core.push(work));
            }
            Move::Appended { fault } => self.appended(fault),
            Move::Followed { answered } => self.followed(answered),
            Move::Rival { kind, seed, report } => self.rival((kind, seed), report),
            Move::Look => self.look(),
            Move::Rows { at, found } => self.fetched_rows(at, found),
            Move::History { at, found } => self.fetched_history(at, found),
            Move::UndoFound { at } => self.undo_found(at),
            Move::Heavy { at, ended } => self.heavy(at, ended),
            Move::LandsLate { at } => self.journal.lands_late(at),
            Move::Memory { rows } => self.memory = rows,
            Move::Right { may_edit } => self.right(may_edit),
        }
        self.carry_out();
    }

    fn appended(&mut self, fault: AppendFault) {
        let Some(entries) = self.append.take() else { return };
        if fault.has_no_answer() {
            self.unanswered.extend(entries.iter().map(|entry| (entry.client, entry.sequence)));
        }
        let unknown = || JournalError::Unknown("timeout".into());
        let answer = match fault {
            AppendFault::None => self.journal.append(&entries),
            AppendFault::Full => {
                self.injected.insert("full");
                Err(JournalError::Full)
            }
            AppendFault::OtherTurn => Err(JournalError::Lost(Vec::new())),
            AppendFault::UnknownLanded => self.journal.append(&entries).and(Err(unknown())),
            AppendFault::UnknownNot => Err(unknown()),
            AppendFault::UnknownLandsLater => {
                self.journal.late.push(entries);
                Err(unknown())
            }
        };
        self.core.on_appended(answer);
    }

    fn followed(&mut self, answered: bool) {
        let Some(after) = self.follow.take() else { return };
        let unknown = || JournalError::Unknown("timeout".into());
        self.core.on_followed(if answered {
            Ok(self.journal.after(after))
        } else {
            Err(unknown())
        });
    }

    fn rival(&mut self, change: (Kind, u64), report: Report) {
        let entry = self.journal.rival(change);
        if !self.core.accepts_events() {
            return;
        }
        match report {
            Report::Entries => {
                self.awaits_entries = false;
                self.core.on_event(vec![entry]);
            }
            Report::Look => self.look(),
            Report::Nothing => {}
        }
    }

    fn look(&mut self) {
        self.awaits_entries = false;
        self.core.look();
    }

    /// A row as it is at the published head.
    fn body(&self, row: RowId) -> Arc<RowBody> {
        self.journal.at(self.core.head()).body(row)
    }

    /// Carries out the core's actions.
    fn carry_out(&mut self) {
        loop {
            let action = self.next();
            let core = &self.core;
            self.people.note_parked(|client| core.parked.contains(line_of(client)));
            let Some(action) = action else { break };
            match action {
                Action::Append(entries) => {
                    self.check_right(&entries);
                    assert!(self.append.replace(entries).is_none(), "one append at a time");
                }
                Action::Follow(after) => self.follow = Some(after),
                Action::AwaitEntries => self.awaits_entries = true,
                Action::Followed(_) => {}
                Action::Publish(items) => items.into_iter().for_each(|item| self.publish(item)),
                Action::Answer(request, answer) => self.people.answer(request, answer),
                Action::Turn(request) => self.turn(request),
                Action::EndSession(session) => self.people.end(session),
                Action::FetchRows(id, _, rows, _) => self.rows.push((id, rows)),
                Action::FetchHistory(id, older) => self.history.push((id, older)),
                Action::RunHeavy(id, _, heavy) => self.heavy.push((id, heavy)),
                Action::Charge(..) => {}
                Action::EndHeavy(id) => self.heavy.retain(|(of, _)| *of != id),
                Action::Stop(Stop::JournalAway { .. }) => self.reopen(),
                Action::Stop(Stop::Reload) => panic!("a defect"),
            }
        }
        self.core.check_invariants();
        self.check_held_rows();
        if self.append.is_none() && self.follow.is_none() && !self.awaits_entries {
            let (core, undos) = (&self.core, &self.undos);
            let looked_up = |client| undos.iter().any(|undo| undo.author.client == client);
            self.people
                .check_waiting(|client| core.parked.contains(line_of(client)) || looked_up(client));
        }
    }

    /// The rows that were fetched for queued work are those at the published head.
    fn check_held_rows(&self) {
        for (row, body) in self.core.queue.iter().flat_map(|queued| &queued.rows) {
            assert_eq!(*body, self.body(*row), "{row:?} is old");
        }
    }

    /// Opens the sheet again from the journal, and the clients send again what they have no answer to.
    fn reopen(&mut self) {
        // An append that lands later than this is not played.
        self.journal.late.clear();
        self.injected.insert("closed");
        let fresh = Self::new();
        (self.core, self.state) = (fresh.core, fresh.state);
        for entry in &self.journal.log {
            assert!(self.core.replay(entry));
            self.state.apply(entry).expect("it fits the sheet");
            self.people.published_elsewhere(entry);
        }
        (self.append, self.follow, self.awaits_entries) = (None, None, false);
        (self.rows, self.history, self.heavy) = (Vec::new(), Vec::new(), Vec::new());
        self.undos.clear();
        self.core.set_may_edit(AccountId(Uuid::nil()), self.asked, self.right_ended.is_none());
        for work in self.people.reopened() {
            self.core.push(work);
        }
    }

    fn next(&mut self) -> Option<Action> {
        let (state, memory) = (&self.state, self.memory);
        let sheet = self.journal.at(self.core.head());
        let mut row = |row: RowId| (memory >> (row.0 % 64) & 1 == 1).then(|| sheet.body(row));
        let (stored, sizes) = &bounds();
        self.core.next(&mut View { state, row: &mut row, sizes, stored, now_micros: 0 })
    }

    fn publish(&mut self, item: Item) {
        match item {
            Item::Change(change) => {
                let entry = &change.entry;
                assert_eq!(Some(entry), self.journal.entry(entry.revision), "it is durable");
                let writes = self.state.apply(entry).expect("it fits the sheet");
                self.core.follow_rows(&writes);
                self.people.published(entry);
            }
            Item::Refused { session, sequence, refusal } => {
                self.people.refused(session, sequence, refusal);
            }
            Item::Again { session, sequence, applied } => {
                self.people.again(session, sequence, applied.revision);
            }
        }
    }

    fn turn(&mut self, request: RequestId) {
        let (core, journal) = (&self.core, &self.journal);
        match self.people.turn(request, core.head()) {
            Waits::Nothing => {}
            Waits::Undo(seed) => {
                let sheet = (journal.sheet_at(core.head()), &self.state);
                self.undos.push(self.people.restoring(request, seed, sheet, core.head()));
            }
            Waits::Rejoin(client) => {
                let (client, session, work) = self.people.rejoin(client);
                self.core.rejoined(client, AccountId(Uuid::nil()), session);
                work.into_iter().for_each(|work| self.core.push(work));
            }
        }
    }

    /// No fault any more: every request is answered.
    pub(super) fn answer_everything(&mut self) {
        for _ in 0..2_000 {
            self.step(Move::Appended { fault: AppendFault::None });
            self.step(Move::Followed { answered: true });
            self.step(Move::Rows { at: 0, found: true });
            self.step(Move::History { at: 0, found: true });
            self.step(Move::Heavy { at: 0, ended: true });
            self.step(Move::UndoFound { at: 0 });
            if self.awaits_entries {
                self.step(Move::Look);
            }
            if self.core.is_idle() && self.undos.is_empty() {
                return;
            }
        }
        panic!("work is never answered");
    }
}
