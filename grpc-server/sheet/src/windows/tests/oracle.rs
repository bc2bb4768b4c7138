//! The rows that each look must still receive, as lists of ids.
//!
//! Not positions: a row is owed because the look asked for it. Properties: a row that stays where
//! it was asked for arrives exactly once, in order; a row that was inserted or moved into the midst of owed
//! rows arrives exactly once, too; one that was inserted or moved elsewhere arrives at most once; no other row
//! arrives.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;

/// One look.
pub(super) struct Owed {
    /// The rows that must arrive, in order, each with the number of the range that asked for it.
    rows: VecDeque<(usize, u64)>,
    /// Rows that may arrive: a change placed them.
    placed: BTreeSet<u64>,
}

impl Owed {
    pub(super) fn new(sheet: &[u64], ranges: &[Range<u32>]) -> Self {
        let mut seen = BTreeSet::new();
        let asked = ranges.iter().enumerate().flat_map(|(at, range)| {
            let end = (range.end as usize).min(sheet.len());
            let rows = sheet.get(range.start as usize..end).unwrap_or_default();
            rows.iter().map(move |row| (at, *row))
        });
        let rows = asked.filter(|(_, row)| seen.insert(*row)).collect();
        Self { rows, placed: BTreeSet::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn receive(&mut self, row: u64) {
        match self.rows.iter().position(|(_, owed)| *owed == row) {
            Some(at) => {
                assert_eq!(at, 0, "row {row} arrives before {at} rows that precede it");
                self.rows.pop_front();
            }
            None => assert!(self.placed.remove(&row), "row {row} is not owed, or arrives again"),
        }
    }

    /// Rows are deleted.
    pub(super) fn delete(&mut self, rows: &[u64]) {
        let rows: BTreeSet<u64> = rows.iter().copied().collect();
        self.rows.retain(|(_, row)| !rows.contains(row));
        self.placed.retain(|row| !rows.contains(row));
    }

    /// Rows are placed between two others, new ones or rows that are deleted from elsewhere first.
    pub(super) fn place(&mut self, rows: &[u64], before: Option<u64>, after: Option<u64>) {
        let midst = self.rows.iter().zip(self.rows.iter().skip(1)).position(|(left, right)| {
            left.0 == right.0 && Some(left.1) == before && Some(right.1) == after
        });
        match midst {
            Some(at) => {
                let range = self.rows[at].0;
                let right = self.rows.split_off(at + 1);
                self.rows.extend(rows.iter().map(|row| (range, *row)));
                self.rows.extend(right);
            }
            None => self.placed.extend(rows),
        }
    }
}
