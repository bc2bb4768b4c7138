//! The sheet at every revision, with the ids of its lines: what a server has in its database. From
//! it comes the change that takes an earlier one back.
//!
//! Invariant: no id stands for two lines of one state.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use ot_engine::{
    AxisDelta, CellEdit, ClientId, ColumnId, Delta, Edit, Entry, Inserted, LineId, NextIds,
    Revision, Sequence, Sheet, Size, invert, rebase,
};

struct State {
    sheet: Sheet,
    rows: Vec<u64>,
    next: NextIds,
    /// What the change before it said of the lines that it inserted.
    inserted: Inserted,
}

pub(crate) struct States {
    /// By revision.
    all: Vec<State>,
    /// Changes that were taken back. Each is, once: lines that come back twice are no engine's fault.
    taken_back: BTreeSet<Revision>,
    /// The last number of each of the server's own clients.
    numbers: BTreeMap<ClientId, Sequence>,
}

impl State {
    fn columns(&self) -> Vec<u64> {
        let ids = self.sheet.columns.iter().map(|column| column.id);
        ids.map(|id| id.expect("every column of the server's has one").0).collect()
    }
}

impl States {
    pub(crate) fn new(size: Size) -> (Self, NextIds) {
        let next = NextIds { row: u64::from(size.rows) + 1, col: u64::from(size.cols) + 1 };
        let mut sheet = Sheet::new(size);
        for (column, id) in sheet.columns.iter_mut().zip(1..) {
            column.id = Some(ColumnId(id));
        }
        let rows = (1..next.row).collect();
        let first = State { sheet, rows, next, inserted: Inserted::New };
        (Self { all: vec![first], taken_back: BTreeSet::new(), numbers: BTreeMap::new() }, next)
    }

    fn last(&self) -> &State {
        self.all.last().expect("there is a first")
    }

    pub(crate) fn sheet(&self) -> &Sheet {
        &self.last().sheet
    }

    /// The size at a revision, and the ids that were free then.
    pub(crate) fn at(&self, revision: usize) -> (Size, NextIds) {
        let state = &self.all[revision];
        (state.sheet.size(), state.next)
    }

    pub(crate) fn inserted_by(&self, entry: &Entry) -> Inserted {
        self.all[entry.revision.0 as usize].inserted
    }

    pub(crate) fn push(&mut self, delta: &Delta, inserted: Inserted, next: NextIds) {
        let mut sheet = self.sheet().clone();
        sheet.apply(delta);
        let name = |id: Option<LineId>| id.expect("the sequencer names each line").0;
        let rows = delta.rows.apply_to_vec(self.last().rows.clone(), name);
        self.all.push(State { sheet, rows, next, inserted });
    }

    /// The change that takes `entry` back on the sheet as it is now, and its number; nothing when it
    /// was taken back before. Lines come back under their ids, with what they held.
    pub(crate) fn take_back(&mut self, entry: &Entry) -> Option<(Sequence, Delta)> {
        if !self.taken_back.insert(entry.revision) {
            return None;
        }
        let at = entry.revision.0 as usize;
        let (before, after, now) = (&self.all[at - 1], &self.all[at], self.last());
        let mut delta = Delta {
            rows: between(&after.rows, &before.rows),
            cols: between(&after.columns(), &before.columns()),
            ..invert(&entry.delta, &before.sheet).delta
        };
        // Whatever became of the text since, it is set to what it was.
        for CellEdit { row, col, edit } in &mut delta.cells {
            if edit.as_set().is_none() {
                *edit = Edit::Set(before.sheet.get(*row, *col).cloned().unwrap_or_default());
            }
        }
        let since = Delta {
            rows: between(&after.rows, &now.rows),
            cols: between(&after.columns(), &now.columns()),
            ..Delta::identity()
        };
        // What is lost on the way stood on lines that are gone.
        rebase(&mut delta, &since);
        let client = ClientId(entry.client.0 | super::SIBLING);
        let number = self.numbers.entry(client).or_default();
        *number = number.next();
        Some((*number, delta))
    }

    pub(crate) fn check(&self) {
        for mut ids in [self.last().rows.clone(), self.last().columns()] {
            ids.sort_unstable();
            assert!(ids.is_sorted_by(|a, b| a < b), "a line is there twice");
        }
    }
}

fn between(old: &[u64], new: &[u64]) -> AxisDelta {
    let ranges = |ids: &[u64]| ids.iter().map(|id| *id..*id + 1).collect::<Vec<Range<u64>>>();
    AxisDelta::between(&ranges(old), &ranges(new))
}
