//! Heavy edits with the limits of a server: others continue, and one that is too heavy is refused.
//!
//! Not here: that such an edit becomes what it becomes without a pause (`oracle`). Invariant: each case decides by the
//! actions of the core, not by time.

mod failed;
mod lookups;
mod marks;
mod shared;
mod undos;

use std::sync::Arc;

use gridloom::v1::{self, command::Command};
use ot_engine::{
    AxisDelta, ClientId, DEFAULT_HISTORY, Delta, Limits, NextIds, Revision, Sequence, Sequencer,
    Submission,
};

use super::super::action::{Action, Older, View};
use super::super::core::{Ordering, OrderingLimits};
use super::super::heavy::{Heavy, Progress};
use super::super::parked::ParkedId;
use super::super::work::{Author, RequestId, Work};
use super::world::bounds;
use crate::api::message::Applied;
use crate::fanout::published::{Item, SessionKey};
use crate::refusal::Refusal;
use crate::sample::{ACCOUNT, SHEET, record};
use crate::state::SheetState;
use model::sizes::{CARRY_STEPS, LIGHT_ITEMS, LIGHT_STEPS};
use model::{AccountId, Entry, SheetRecord};

const ROWS: u32 = 2_000;
const MANY_ROWS: u32 = 200_000;
/// Changes of lines, each of which moves all cells of an edit on an older base.
const CHANGES: u64 = 50;

const HEAVY: ClientId = ClientId(1);
const OTHER: ClientId = ClientId(2);
const BEFORE: ClientId = ClientId(3);

/// A core whose appends all succeed at once, except while they are held.
struct Core {
    core: Ordering,
    state: SheetState,
    heavy: Vec<(ParkedId, Heavy)>,
    /// The author, the number and the base of each published edit.
    published: Vec<(ClientId, u64, u64)>,
    refused: Vec<Refusal>,
    holds: bool,
    held: Option<Vec<Arc<Entry>>>,
    /// The accounts of heavy work, in the order of its begin.
    begun: Vec<AccountId>,
    /// The steps of edits that were transformed at once.
    charged: usize,
    log: Vec<Arc<Entry>>,
    /// The edits that wait for older changes.
    history: Vec<(ParkedId, Older)>,
    /// Undos that are to be looked up.
    turns: Vec<RequestId>,
    answers: Vec<Result<Applied, Refusal>>,
}

impl Core {
    fn new(rows: u32) -> Self {
        Self::of(&record(rows, 2))
    }

    fn of(record: &SheetRecord) -> Self {
        let next = NextIds { row: record.next_row_id.0, col: record.next_column_id.0 };
        let size = ot_engine::Size { rows: record.row_count, cols: 2 };
        let sequencer = Sequencer::new(Revision(0), size, next, Limits::DEFAULT, DEFAULT_HISTORY);
        let limits = OrderingLimits {
            edit: Limits::DEFAULT,
            batch_bytes: 1 << 20,
            light_items: LIGHT_ITEMS,
            light_steps: LIGHT_STEPS,
            spans: 1 << 40,
        };
        let core = Ordering::new(SHEET, sequencer, limits);
        let state = SheetState::new(record).expect("a sheet");
        let (heavy, published, refused) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            core,
            state,
            heavy,
            published,
            refused,
            holds: false,
            held: None,
            begun: Vec::new(),
            charged: 0,
            log: Vec::new(),
            history: Vec::new(),
            turns: Vec::new(),
            answers: Vec::new(),
        }
    }

    fn push(&mut self, work: Work) {
        self.core.push(work);
        self.run();
    }

    fn edit(&mut self, client: ClientId, sequence: u64, base: u64, delta: Delta) {
        self.edit_of(ACCOUNT, client, (sequence, base), delta);
    }

    fn edit_of(
        &mut self,
        account: AccountId,
        client: ClientId,
        (sequence, base): (u64, u64),
        delta: Delta,
    ) {
        let author = Author { account, client, group: Default::default() };
        let (sequence, base) = (Sequence(sequence), Revision(base));
        let submission = Submission { client, sequence, base, delta: delta.into() };
        self.push(Work::Live { author, session: SessionKey(client.0 as u64), submission });
    }

    fn run(&mut self) {
        loop {
            let Self { core, state, .. } = self;
            let (stored, sizes) = &bounds();
            let row = &mut |_| None;
            let action = core.next(&mut View { state, row, sizes, stored, now_micros: 0 });
            let Some(action) = action else { break };
            match action {
                Action::Append(entries) if self.holds => self.held = Some(entries),
                Action::Append(_) => self.core.on_appended(Ok(())),
                Action::Publish(items) => items.into_iter().for_each(|item| self.publish(item)),
                Action::RunHeavy(id, account, heavy) => {
                    self.begun.extend(account);
                    self.heavy.push((id, heavy));
                }
                Action::EndHeavy(id) => self.heavy.retain(|(of, _)| *of != id),
                Action::Followed(_) => {}
                Action::Charge(_, steps) => self.charged += steps,
                Action::FetchHistory(id, older) => self.history.push((id, older)),
                Action::Turn(request) => self.turns.push(request),
                Action::Answer(_, answer) => self.answers.push(answer),
                other => panic!("{other:?}"),
            }
        }
        self.core.check_invariants();
    }

    fn publish(&mut self, item: Item) {
        match item {
            Item::Change(change) => {
                let entry = &change.entry;
                self.state.apply(entry).expect("it fits the sheet");
                self.log.push(Arc::clone(entry));
                self.published.push((entry.client, entry.sequence.0, entry.base.0));
            }
            Item::Refused { refusal, .. } => self.refused.push(refusal),
            Item::Again { .. } => panic!("nothing is sent twice"),
        }
    }

    /// Ends the heavy work that began first.
    fn end_first(&mut self) {
        let (id, mut heavy) = self.heavy.remove(0);
        let done = loop {
            match heavy.part() {
                Progress::Next(next) => heavy = next,
                Progress::Done(done) => break done,
            }
        };
        self.core.on_heavy(id, done);
        self.run();
    }

    /// Ends all heavy work; returns the number of its parts.
    fn end_heavy(&mut self) -> usize {
        let mut parts = 0;
        while let Some((id, heavy)) = self.heavy.pop() {
            parts += 1;
            match heavy.part() {
                Progress::Next(next) => self.heavy.push((id, next)),
                Progress::Done(done) => {
                    self.core.on_heavy(id, done);
                    self.run();
                }
            }
        }
        parts
    }

    /// Publishes changes of lines.
    fn change_lines(&mut self, from: u64, count: u64) {
        for number in from..from + count {
            self.edit(BEFORE, number, number - 1, Delta::rows(AxisDelta::delete(0, 1)));
        }
        self.published.clear();
    }
}

fn cells(rows: std::ops::Range<u32>) -> Delta {
    Delta::set_cells(rows.map(|row| (row, 0, 1.0.into())))
}

/// The kinds of heavy edits, as work of the client [`HEAVY`] with the number 1.
fn kinds() -> Vec<(&'static str, Work)> {
    numbered(Sequence(1))
}

/// The same with another number.
fn numbered(sequence: Sequence) -> Vec<(&'static str, Work)> {
    let author = Author { account: ACCOUNT, client: HEAVY, group: Default::default() };
    let session = SessionKey(1);
    let old_base = Submission {
        client: HEAVY,
        sequence,
        base: Revision(0),
        delta: cells(CHANGES as u32..CHANGES as u32 + 1_000).into(),
    };
    let commands = |command: Command| v1::CommandList {
        commands: vec![v1::Command { command: Some(command) }],
    };
    let values = vec![v1::Value { kind: Some(v1::value::Kind::Number(1.0)) }; 1_900];
    let set = v1::SetCells { values: values.clone(), width: 1, ..Default::default() };
    let clear = v1::ClearCells { height: 1_900, width: 2, ..Default::default() };
    let mut long = commands(Command::SetCells(set.clone()));
    long.commands.push(v1::Command { command: Some(Command::SetCells(set)) });
    let list =
        |list: v1::CommandList| Work::Commands { author, session, sequence, list: Arc::new(list) };
    vec![
        ("an old base", Work::Live { author, session, submission: old_base }),
        ("many values", list(long)),
        ("a large area", list(commands(Command::ClearCells(clear)))),
    ]
}

#[test]
fn others_edits_continue_while_an_edit_is_worked_on() {
    for (name, work) in kinds() {
        let mut core = Core::new(ROWS);
        core.change_lines(1, CHANGES);
        core.push(work);
        assert_eq!(
            (core.heavy.len(), core.published.len()),
            (1, 0),
            "{name} is worked on elsewhere"
        );
        // A later edit of the same client waits, another client's does not.
        core.edit(HEAVY, 2, CHANGES, cells(0..1));
        core.edit(OTHER, 1, CHANGES, cells(0..1));
        assert_eq!(core.published, [(OTHER, 1, CHANGES)], "{name}");
        core.end_heavy();
        let numbers: Vec<_> = core.published.iter().map(|(_, number, _)| *number).collect();
        assert_eq!(numbers, [1, 1, 2], "{name}: the edits of one client keep their order");
        assert!(core.refused.is_empty() && core.core.is_idle(), "{name}: {:?}", core.refused);
    }
}

#[test]
fn what_arrives_meanwhile_is_carried_in_the_next_round() {
    let mut core = Core::new(ROWS);
    core.change_lines(1, CHANGES);
    let (_, work) = kinds().swap_remove(0);
    core.push(work);
    // As much again, while the first round runs.
    core.change_lines(CHANGES + 1, CHANGES);
    let (id, heavy) = core.heavy.pop().expect("it runs");
    let Progress::Done(done) = heavy.part() else { panic!("one part is enough") };
    core.core.on_heavy(id, done);
    core.run();
    assert_eq!((core.heavy.len(), core.published.len()), (1, 0), "there is a second round");
    core.end_heavy();
    assert_eq!(core.published, [(HEAVY, 1, 0)]);
}

#[test]
fn more_heavy_edits_than_places_are_all_done() {
    let mut core = Core::new(ROWS);
    core.change_lines(1, CHANGES);
    for client in 100..120 {
        core.edit(ClientId(client), 1, 0, cells(CHANGES as u32..CHANGES as u32 + 1_000));
    }
    assert!((1..20).contains(&core.heavy.len()), "{} at once", core.heavy.len());
    core.end_heavy();
    assert!(core.published.len() == 20 && core.core.is_idle());
}

#[test]
fn an_edit_that_is_too_far_behind_is_refused_before_it_costs_anything() {
    let mut core = Core::new(MANY_ROWS);
    core.change_lines(1, 1_500);
    // As many cells as an edit may have.
    let cells_most = Limits::DEFAULT.max_cells;
    let all = (0..cells_most).map(|at| (MANY_ROWS / 2 + at / 2, at % 2, 1.0.into()));
    let edit = Delta::set_cells(all);
    assert!(edit.weight().work() * 1_500 > CARRY_STEPS);
    core.edit(HEAVY, 1, 0, edit);
    core.edit(OTHER, 1, 1_500, cells(0..1));
    assert!(core.heavy.is_empty() && core.published.len() == 1);
    match &core.refused[..] {
        [Refusal::TooFarBehind { steps, most }] => assert!(steps > most && *most == CARRY_STEPS),
        other => panic!("{other:?}"),
    }
    // Its number is used up, and the next one is taken.
    core.edit(HEAVY, 2, 1_501, cells(0..1));
    assert_eq!(core.published.len(), 2);
}
