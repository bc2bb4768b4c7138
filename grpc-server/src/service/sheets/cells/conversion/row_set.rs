//! A set of rows by id, as ranges.
//!
//! Invariant: no two ranges touch, so its size follows the runs of rows, not their number.

use std::collections::BTreeMap;

use ot_engine::RowId;

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct RowSet {
    /// The end of each range, by its first id.
    ends: BTreeMap<u64, u64>,
}

impl RowSet {
    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub(super) fn len(&self) -> u64 {
        self.ends.iter().map(|(start, end)| end - start).sum()
    }

    pub(super) fn contains(&self, row: RowId) -> bool {
        self.ends.range(..=row.0).next_back().is_some_and(|(_, end)| row.0 < *end)
    }

    pub(super) fn insert(&mut self, row: RowId) {
        self.insert_range(row.0, row.0.saturating_add(1));
    }

    /// Adds ranges that have no row of this set.
    pub(super) fn append(&mut self, other: Self) {
        other.ends.into_iter().for_each(|(start, end)| self.insert_range(start, end));
    }

    fn insert_range(&mut self, start: u64, mut end: u64) {
        if let Some(after) = self.ends.remove(&end) {
            end = after;
        }
        match self.ends.range_mut(..=start).next_back() {
            Some((_, before)) if *before >= start => *before = end.max(*before),
            _ => {
                self.ends.insert(start, end);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_has_the_rows_that_were_added(rows in prop::collection::btree_set(0_u64..40, 0..40), split: u64) {
            let (mut set, mut other) = (RowSet::default(), RowSet::default());
            for row in &rows {
                let part = if (split >> (row % 40)) & 1 == 0 { &mut set } else { &mut other };
                part.insert(RowId(*row));
                part.insert(RowId(*row));
            }
            set.append(other);
            let found: BTreeSet<u64> = (0..42).filter(|row| set.contains(RowId(*row))).collect();
            prop_assert_eq!(set.len(), found.len() as u64);
            let gaps = rows.iter().filter(|row| !rows.contains(&(*row + 1))).count();
            prop_assert_eq!(found, rows);
            prop_assert_eq!(set.ends.len(), gaps);
        }
    }
}
