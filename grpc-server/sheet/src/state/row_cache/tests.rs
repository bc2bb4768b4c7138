//! The cache against a sheet that is kept whole, under random interleavings of writes, reads and commits.
//!
//! Not about Postgres. Invariant: a row from the cache equals the row at the head.

use std::collections::BTreeMap;

use ot_engine::{ColumnId, Value};
use proptest::prelude::*;

use super::*;
use crate::state::row_order::RowOrderChanges;

/// How much memory the cache gets: a handful of rows, so that eviction is the rule.
const LIMIT_BYTES: usize = 1000;

#[derive(Clone, Debug)]
enum Step {
    /// Writes cells (row, column, value; 0 empties).
    Write(Vec<(u64, u64, u8)>),
    /// Creates rows.
    Create(u64),
    /// Postgres commits so many revisions.
    Commit(u64),
    /// The cache receives the committed revision.
    Committed,
    /// A read of these rows begins.
    Begin(Vec<u64>),
    /// Postgres reads the rows of a read.
    Look(usize),
    /// The answer of a read arrives.
    Finish(usize),
    /// A reader gets a row.
    Get(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let row = 1..12_u64;
    let cell = (row.clone(), 1..4_u64, 0..9_u8);
    prop_oneof![
        4 => prop::collection::vec(cell, 1..4).prop_map(Step::Write),
        1 => (1..3_u64).prop_map(Step::Create),
        2 => (1..4_u64).prop_map(Step::Commit),
        2 => Just(Step::Committed),
        2 => prop::collection::vec(row.clone(), 1..4).prop_map(Step::Begin),
        2 => (0..4_usize).prop_map(Step::Look),
        2 => (0..4_usize).prop_map(Step::Finish),
        5 => row.prop_map(Step::Get),
    ]
}

type Sheet = BTreeMap<RowId, RowBody>;

struct Read {
    token: ReadToken,
    rows: Vec<RowId>,
    seen: Option<Sheet>,
}

struct World {
    cache: RowCache,
    /// The sheet at each revision.
    states: Vec<Sheet>,
    committed: usize,
    reads: Vec<Read>,
    next_row: u64,
}

impl World {
    fn new() -> Self {
        let cache = RowCache::new(LIMIT_BYTES);
        World { cache, states: vec![Sheet::new()], committed: 0, reads: vec![], next_row: 8 }
    }

    fn accept(&mut self, cells: &[(u64, u64, u8)], created: u64) {
        let mut patches: BTreeMap<RowId, RowPatch> = BTreeMap::new();
        let mut sheet = self.states.last().unwrap().clone();
        for (row, column, value) in cells.iter().filter(|cell| cell.0 < self.next_row) {
            let value = match value {
                0 => Value::Empty,
                value => Value::Text("x".repeat(usize::from(*value)).into()),
            };
            let row = RowId(*row);
            patches.entry(row).or_default().set(ColumnId(*column), value.clone());
            sheet.entry(row).or_default().set(ColumnId(*column), value);
        }
        self.states.push(sheet);
        let created_rows = RowId(self.next_row)..RowId(self.next_row + created);
        self.next_row += created;
        self.cache.apply(&WriteSet {
            inverse: None,
            revision: Revision(self.states.len() as u64 - 1),
            row_patches: patches.into_iter().collect(),
            spans: RowOrderChanges::default(),
            columns: None,
            created_rows,
            next_row_id: RowId(self.next_row),
            next_column_id: ColumnId(4),
            row_count: 0,
        });
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Write(cells) => self.accept(&cells, 0),
            Step::Create(count) => self.accept(&[], count),
            Step::Commit(count) => {
                self.committed = (self.committed + count as usize).min(self.states.len() - 1);
            }
            Step::Committed => self.cache.committed(Revision(self.committed as u64)),
            Step::Begin(rows) => {
                let token = self.cache.begin_read();
                let rows = rows.into_iter().map(RowId).collect();
                self.reads.push(Read { token, rows, seen: None });
            }
            Step::Look(which) => {
                if let Some(read) = self.reads.get_mut(which) {
                    read.seen = Some(self.states[self.committed].clone());
                }
            }
            Step::Finish(which) => self.finish(which),
            Step::Get(row) => {
                if let Some(body) = self.cache.get(RowId(row)) {
                    self.check(RowId(row), &body);
                } else {
                    assert!(row < self.next_row, "row {row} was never created");
                }
            }
        }
        self.cache.check_invariants();
    }

    fn finish(&mut self, which: usize) {
        if which >= self.reads.len() {
            return;
        }
        let read = self.reads.remove(which);
        // A read without a look has failed.
        for (row, seen) in read.rows.iter().filter_map(|row| Some((row, read.seen.as_ref()?))) {
            let body = self.cache.put_fetched(*row, seen.get(row).cloned().unwrap_or_default());
            self.check(*row, &body);
        }
        self.cache.end_read(read.token);
    }

    fn check(&self, row: RowId, body: &RowBody) {
        let expected = self.states.last().unwrap().get(&row).cloned().unwrap_or_default();
        assert_eq!(*body, expected, "row {row}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_row_always_stands_as_it_does_at_the_head(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut world = World::new();
        for step in steps {
            // No reader asks for a row that was never created.
            let known = |row: &u64| *row < world.next_row;
            match &step {
                Step::Get(row) if !known(row) => {}
                Step::Begin(rows) if !rows.iter().all(known) => {}
                _ => world.step(step),
            }
        }
        while !world.reads.is_empty() {
            world.finish(0);
        }
        world.cache.committed(Revision(world.states.len() as u64 - 1));
        prop_assert_eq!(world.cache.pinned_rows(), 0, "all cells are unpinned in the end");
    }
}

#[test]
fn a_row_that_the_store_cannot_know_is_there_without_it() {
    let mut world = World::new();
    world.accept(&[], 2);
    world.accept(&[(8, 1, 3)], 0);
    assert_eq!(world.cache.get(RowId(8)).unwrap().cells().len(), 1);
    assert!(world.cache.get(RowId(9)).unwrap().is_empty());
    assert_eq!(world.cache.get(RowId(7)), None);
}

#[test]
fn rows_in_use_outlive_rows_that_were_read_once() {
    let mut cache = RowCache::new(20 * (SLOT_OVERHEAD_BYTES + RowBody::default().weight_bytes()));
    cache.put_fetched(RowId(0), RowBody::default());
    for row in 1..500 {
        assert!(cache.get(RowId(0)).is_some(), "after {row} others");
        cache.put_fetched(RowId(row), RowBody::default());
    }
    cache.check_invariants();
}
