//! The most frequent values.
//!
//! Invariant: as many values as are asked for are kept at most, each of a bounded number of bytes.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use ot_engine::Value;
use tables::Cell;

use super::short::short;
use crate::order::collation::Collation;
use crate::order::compare;

/// The most frequent values so far.
pub(super) struct Top<'a> {
    collation: &'a Collation,
    /// The last one of them comes out first.
    kept: BinaryHeap<Counted<'a>>,
    most: usize,
}

struct Counted<'a> {
    cell: Cell<'static>,
    rows: u64,
    collation: &'a Collation,
}

impl<'a> Top<'a> {
    pub(super) fn new(collation: &'a Collation, most: usize) -> Self {
        Self { collation, kept: BinaryHeap::new(), most }
    }

    /// So many rows have this value.
    pub(super) fn add(&mut self, cell: &Cell<'_>, rows: u64) {
        let cell = short(cell);
        if self.kept.len() >= self.most {
            let is_behind = self.kept.peek().is_none_or(|last| {
                let order = last.rows.cmp(&rows);
                order.then_with(|| compare(self.collation, &cell, &last.cell)).is_ge()
            });
            if is_behind {
                return;
            }
            self.kept.pop();
        }
        // It stays beyond the batch.
        let cell = Cell::from(Value::from(cell));
        self.kept.push(Counted { cell, rows, collation: self.collation });
    }

    pub(super) fn finish(self) -> Vec<(Value, u64)> {
        let sorted = self.kept.into_sorted_vec();
        sorted.into_iter().map(|Counted { cell, rows, .. }| (cell.into(), rows)).collect()
    }
}

impl Ord for Counted<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = other.rows.cmp(&self.rows);
        order.then_with(|| compare(self.collation, &self.cell, &other.cell))
    }
}

impl PartialOrd for Counted<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Counted<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Counted<'_> {}
