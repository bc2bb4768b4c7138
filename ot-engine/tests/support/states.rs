//! The sheet at every revision, with the ids of its lines, like a server's database.
//!
//! It orders nothing; it computes the undo of an earlier change.
//!
//! Invariant: no id names two lines of one state.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use ot_engine::{
    AxisDelta, CellEdit, ClientId, ColumnId, Delta, Edit, Entry, Inserted, LineId, NextIds,
    Revision, Sequence, Sheet, Size, invert, rebase,
};

/// The bit of a client id that marks the server's own edits for that client.
pub(crate) const SIBLING: u128 = 1 << 127;

struct State {
    sheet: Sheet,
    rows: Vec<u64>,
    next: NextIds,
    /// The kind of the lines that the change before it inserted.
    inserted: Inserted,
}

pub(crate) struct States {
    /// By revision.
    all: Vec<State>,
    /// Undone changes. Each is undone at most once, because the model does not restore lines twice.
    undone: BTreeSet<Revision>,
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
        (Self { all: vec![first], undone: BTreeSet::new(), numbers: BTreeMap::new() }, next)
    }

    fn last(&self) -> &State {
        self.all.last().expect("the first state")
    }

    pub(crate) fn sheet(&self) -> &Sheet {
        &self.last().sheet
    }

    /// The size and the next ids at a revision.
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

    /// The undo of `entry` on the current sheet, with its number; `None` when it was undone before. Restored
    /// lines have their ids and cells.
    pub(crate) fn undo(&mut self, entry: &Entry) -> Option<(Sequence, Delta)> {
        if !self.undone.insert(entry.revision) {
            return None;
        }
        let at = entry.revision.0 as usize;
        let (before, after, now) = (&self.all[at - 1], &self.all[at], self.last());
        let mut delta = Delta {
            rows: between(&after.rows, &before.rows),
            cols: between(&after.columns(), &before.columns()),
            ..invert(&entry.delta, &before.sheet).delta
        };
        // An edited text becomes its old value, without regard to later edits.
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
        // Lost edits were on lines that are deleted.
        rebase(&mut delta, &since);
        let client = ClientId(entry.client.0 | SIBLING);
        let number = self.numbers.entry(client).or_default();
        *number = number.next();
        Some((*number, delta))
    }

    pub(crate) fn check(&self) {
        for mut ids in [self.last().rows.clone(), self.last().columns()] {
            ids.sort_unstable();
            assert!(ids.is_sorted_by(|a, b| a < b), "a line appears twice");
        }
    }
}

fn between(old: &[u64], new: &[u64]) -> AxisDelta {
    let ranges = |ids: &[u64]| ids.iter().map(|id| *id..*id + 1).collect::<Vec<Range<u64>>>();
    AxisDelta::between(&ranges(old), &ranges(new))
}
