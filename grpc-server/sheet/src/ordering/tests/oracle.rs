//! The oracle: the log must be the one that the engine's sequencer alone gives for the same edits in that order.
//!
//! It shares no code with the core but the engine and the compiler of commands. Invariant checked: an edit is in
//! the log if and only if it was accepted, once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ot_engine::{
    DEFAULT_HISTORY, Limits, NextIds, Outcome, Revision, Sequencer, Submission, Value,
};

use super::world::{Form, SIZE, WithDeleted, World, record};
use crate::ordering::commands::{self, Head};
use crate::refusal::Refusal;
use crate::state::SheetState;
use model::Entry;
use model::gesture::request_of;

pub(super) fn check(world: &World) {
    let mut oracle = Oracle::new();
    let mut landed = BTreeMap::new();
    for entry in &world.journal.log {
        let sent = world.people.sent.iter().enumerate();
        // A request may have landed as it was sent from another place.
        let named = |sent: &super::world::Sent| {
            let same = match sent.live {
                Some(_) => sent.client == entry.client,
                None => request_of(sent.client) == request_of(entry.client),
            };
            same && sent.sequence == entry.sequence
        };
        match sent.filter(|(_, sent)| named(sent)).map(|(index, sent)| (index, &sent.form)).next() {
            Some((index, form)) => {
                oracle.ours(entry, form);
                assert!(landed.insert(index, entry.revision).is_none(), "{entry:?} is in it twice");
            }
            None => oracle.rivals(entry),
        }
    }
    for (index, sent) in world.people.sent.iter().enumerate() {
        match (&sent.answer, landed.get(&index)) {
            (Some(super::world::Answer::Accepted(revision)), Some(at)) => assert_eq!(revision, at),
            (Some(super::world::Answer::Refused(refusal)), None) => check_refusal(refusal, world),
            (Some(super::world::Answer::Unknown), _) => {}
            other => panic!("{sent:?}: {other:?}"),
        }
    }
}

/// Only injected faults refuse an edit, and commands on a sheet without rows.
fn check_refusal(refusal: &Refusal, world: &World) {
    let allowed = match refusal {
        Refusal::JournalFull | Refusal::JournalShareFull => world.injected.contains("full"),
        Refusal::Unavailable("Postgres") => world.injected.contains("storage"),
        Refusal::Unavailable("the sheet") => world.injected.contains("heavy"),
        Refusal::ReadOnly => world.injected.contains("right"),
        Refusal::OutOfRange { .. } => true,
        // It was refused with a batch that landed, and the sheet closed before the refusal was sent.
        Refusal::Stale { .. } => world.injected.contains("closed"),
        _ => false,
    };
    assert!(allowed, "{refusal:?}");
}

struct Oracle {
    sequencer: Sequencer,
    /// The sheet after each revision.
    states: Vec<SheetState>,
    sheet: WithDeleted,
}

impl Oracle {
    fn new() -> Self {
        let record = record();
        let next = NextIds { row: record.next_row_id.0, col: record.next_column_id.0 };
        Self {
            sequencer: Sequencer::new(Revision(0), SIZE, next, Limits::DEFAULT, DEFAULT_HISTORY),
            states: vec![SheetState::new(&record).expect("a sheet")],
            sheet: WithDeleted::new(),
        }
    }

    fn ours(&mut self, entry: &Entry, form: &Form) {
        let (base, delta) = match form {
            Form::Delta { base, delta } => (*base, delta.clone()),
            Form::Restoring(changes) => {
                let made = changes.iter().find(|(base, _)| *base == entry.base);
                made.expect("it is one of its changes").clone()
            }
            // A long list is compiled for a revision before the last one.
            Form::Commands(list) => (entry.base, self.compile(list, entry.base)),
        };
        let (client, sequence) = (entry.client, entry.sequence);
        // The log holds no refused edits.
        self.sequencer.rejoined(client);
        let submission = Submission { client, sequence, base, delta: delta.into() };
        let outcome = match form {
            Form::Restoring(_) => self.sequencer.submit_restoring(submission),
            _ => self.sequencer.submit(submission),
        };
        let Ok(Outcome::Accepted(expected)) = outcome else { panic!("{entry:?}: {outcome:?}") };
        assert_eq!(expected.revision, entry.revision);
        assert_same_delta(&expected.delta, entry);
        assert_eq!(expected.conflicts, entry.conflicts);
        self.sequencer.mark_durable(expected.revision);
        self.follow(entry);
    }

    fn rivals(&mut self, entry: &Entry) {
        let history = crate::reading::history::entry_after(entry, self.sequencer.size());
        assert!(self.sequencer.replay(history));
        self.follow(entry);
    }

    fn follow(&mut self, entry: &Entry) {
        let mut state = self.states.last().expect("there is one").clone();
        state.apply(entry).expect("it fits the sheet");
        let rows: Vec<u64> = state.row_ids().into_iter().flatten().collect();
        let places: BTreeSet<u64> = rows.iter().copied().collect();
        assert_eq!(rows.len(), places.len(), "a row is placed twice: {entry:?}");
        self.states.push(state);
        self.sheet.apply(&entry.delta);
        let edited = entry.delta.cells.iter().filter(|cell| cell.edit.as_set().is_none());
        let texts: Vec<Arc<str>> = edited
            .map(|cell| {
                Arc::from(self.sheet.sheet.get(cell.row, cell.col).map_or("", Value::as_text))
            })
            .collect();
        assert_eq!(texts[..], entry.texts[..], "the texts are those of the sheet");
    }

    fn compile(&self, list: &gridloom::v1::CommandList, base: Revision) -> ot_engine::Delta {
        let state = &self.states[base.0 as usize];
        let head = Head {
            rows: state.row_count(),
            columns: state.columns(),
            position_of: &|row| state.row_order().position_of(row),
            limits: &Limits::DEFAULT,
        };
        commands::to_delta(list, &head).expect("it was accepted")
    }
}

/// The ids of new lines may differ: those of a rolled back edit are not given out again.
fn assert_same_delta(expected: &ot_engine::Delta, entry: &Entry) {
    let lengths = |delta: &ot_engine::Delta| (delta.rows.inverse(), delta.cols.inverse());
    assert_eq!(lengths(expected), lengths(&entry.delta));
    assert_eq!(expected.cells, entry.delta.cells);
    assert_eq!(expected.columns, entry.delta.columns);
}
