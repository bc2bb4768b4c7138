//! How many bytes the rows of an open sheet take in Postgres at most, so that no row grows beyond what Postgres holds.
//!
//! It reads no row: it has one bound for all committed rows, and counts on top what was written to a row since. Not here:
//! which edit is refused (`ordering::row_limit`). Invariant: no row at the published head takes more than
//! [`RowSizes::of`] says.

use std::collections::VecDeque;

use ot_engine::{Revision, RowId};
use rustc_hash::FxHashMap;

use crate::state::WriteSet;
use model::STORED_CELL_BYTES;

/// The bound is read again when it has grown by this part of the limit.
const READ_AGAIN_PART: usize = 16;

/// See the module.
#[derive(Debug)]
pub(crate) struct RowSizes {
    limit: usize,
    /// A sheet with fewer column ids has no row that passes the limit.
    wide_columns: u64,
    /// No committed row takes more.
    most: usize,
    /// The bytes that were written to rows and may not be committed.
    written: FxHashMap<RowId, usize>,
    /// The largest of those.
    written_most: usize,
    /// The rows that each revision wrote, and the bytes.
    order: VecDeque<(Revision, RowId, usize)>,
    /// How much `most` has grown since it was read.
    grown: usize,
    /// How much since the read that runs began.
    reading: Option<usize>,
    /// While the sheet was narrow, nothing was counted, up to this revision.
    uncounted: Option<Revision>,
    committed: Revision,
}

impl RowSizes {
    /// The sizes of a sheet of which no committed row takes more than `largest`.
    pub(crate) fn new(limit: usize, cell_bytes: usize, largest: u64) -> Self {
        let wide_columns = (limit / (cell_bytes + STORED_CELL_BYTES)) as u64;
        let most = usize::try_from(largest).unwrap_or(usize::MAX);
        Self {
            limit,
            wide_columns,
            most,
            written: FxHashMap::default(),
            written_most: 0,
            order: VecDeque::new(),
            grown: 0,
            reading: None,
            uncounted: None,
            committed: Revision(0),
        }
    }

    /// The limit of a row, in bytes.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Whether no row can pass the limit, because the sheet has had too few columns. `next_column`: the first id that
    /// was never given out.
    pub(crate) fn is_narrow(&self, next_column: u64) -> bool {
        next_column <= self.wide_columns
    }

    /// Counts the writes of a published change.
    pub(crate) fn follow(&mut self, writes: &WriteSet) {
        if self.is_narrow(writes.next_column_id.0) {
            self.uncounted = Some(writes.revision);
            return;
        }
        if self.uncounted.is_some() && self.most < self.limit {
            // No row of a narrow sheet takes more.
            self.most = self.limit;
            self.grown = self.limit;
        }
        for (row, patch) in &writes.row_patches {
            let bytes = patch.stored_bytes();
            if bytes == 0 {
                continue;
            }
            let written = self.written.entry(*row).or_default();
            *written = written.saturating_add(bytes);
            self.written_most = self.written_most.max(*written);
            self.order.push_back((writes.revision, *row, bytes));
        }
    }

    /// Everything up to `revision` is in Postgres.
    pub(crate) fn committed(&mut self, revision: Revision) {
        self.committed = self.committed.max(revision);
        let mut committed: FxHashMap<RowId, usize> = FxHashMap::default();
        while let Some(&(written, row, bytes)) = self.order.front()
            && written <= revision
        {
            self.order.pop_front();
            *committed.entry(row).or_default() += bytes;
        }
        let more = committed.values().copied().max().unwrap_or_default();
        let mut has_less = false;
        for (row, bytes) in committed {
            let Some(written) = self.written.get_mut(&row) else { continue };
            has_less |= *written == self.written_most;
            *written = written.saturating_sub(bytes);
            if *written == 0 {
                self.written.remove(&row);
            }
        }
        if has_less {
            self.written_most = self.written.values().copied().max().unwrap_or_default();
        }
        self.most = self.most.saturating_add(more);
        self.grown = self.grown.saturating_add(more);
        self.reading = self.reading.map(|grown| grown.saturating_add(more));
    }

    /// A bound of the bytes of one row.
    pub(crate) fn of(&self, row: RowId) -> usize {
        self.most.saturating_add(self.written.get(&row).copied().unwrap_or_default())
    }

    /// Whether every row stays within the limit when an edit and the unpublished ones add these bytes to it.
    pub(crate) fn all_fit(&self, bytes: usize) -> bool {
        self.most.saturating_add(self.written_most).saturating_add(bytes) <= self.limit
    }

    /// Whether the bound is to be read from Postgres, where it is exact. The caller then reads it.
    pub(crate) fn begin_read(&mut self) -> bool {
        // What was not counted is in Postgres.
        let is_counted = self.uncounted.is_none_or(|until| until <= self.committed);
        let has_grown = self.grown > self.limit / READ_AGAIN_PART;
        let due = self.reading.is_none() && is_counted && has_grown;
        if due {
            self.reading = Some(0);
        }
        due
    }

    /// The bound that Postgres had; `None` when the read failed.
    pub(crate) fn end_read(&mut self, largest: Option<u64>) {
        let grown = self.reading.take().unwrap_or_default();
        if let Some(largest) = largest.and_then(|largest| usize::try_from(largest).ok()) {
            self.most = self.most.min(largest.saturating_add(grown));
            self.grown = grown;
            self.uncounted = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use proptest::prelude::*;

    use super::*;
    use crate::sample::entry;
    use crate::state::SheetState;
    use model::RowBody;
    use ot_engine::{CellEdit, ClientId, Delta, Value};

    const ROWS: Range<u32> = 0..4;

    /// A sheet of a few rows whose commits and reads come late.
    fn steps() -> impl Strategy<Value = Vec<(u32, u32, usize, u8)>> {
        prop::collection::vec((ROWS, 0..6_u32, 0..3_000_usize, 0..4_u8), 1..60)
    }

    proptest! {
        #[test]
        fn no_row_takes_more_than_its_bound(steps in steps()) {
            let record = crate::sample::record(ROWS.end, 6);
            let mut state = SheetState::new(&record).expect("a state");
            let mut sizes = RowSizes::new(20_000, 3_000, 0);
            let mut bodies: FxHashMap<RowId, RowBody> = FxHashMap::default();
            // What Postgres has: the largest row that each commit wrote.
            let (mut in_postgres, mut largest, mut waiting) = (0_u64, 0, Vec::new());
            for (revision, (row, col, bytes, step)) in (1..).zip(steps) {
                let text = Value::from(&*"x".repeat(bytes));
                let delta = Delta { cells: vec![CellEdit::set(row, col, text)], ..Delta::identity() };
                let writes = state.apply(&entry(revision, ClientId(1), delta)).expect("fits");
                sizes.follow(&writes);
                for (row, patch) in &writes.row_patches {
                    let body = bodies.entry(*row).or_default();
                    body.merge(patch);
                    largest = largest.max(body.stored_bytes() as u64);
                }
                match step {
                    0 => {
                        in_postgres = largest;
                        sizes.committed(Revision(revision));
                    }
                    1 if sizes.begin_read() => waiting.push(in_postgres),
                    2 => {
                        if let Some(read) = waiting.pop() {
                            sizes.end_read(Some(read));
                        }
                    }
                    _ => {}
                }
                for (row, body) in &bodies {
                    prop_assert!(body.stored_bytes() <= sizes.of(*row));
                    prop_assert!(!sizes.all_fit(0) || body.stored_bytes() <= sizes.limit());
                }
            }
        }
    }

    fn writes(revision: u64, columns: u64, bytes: usize) -> WriteSet {
        let mut state = SheetState::new(&crate::sample::record(2, columns)).expect("a state");
        let text = Value::from(&*"x".repeat(bytes));
        let delta = Delta { cells: vec![CellEdit::set(0, 0, text)], ..Delta::identity() };
        state.apply(&entry(revision, ClientId(1), delta)).expect("fits")
    }

    #[test]
    fn a_row_that_is_written_all_the_time_stays_within_the_limit() {
        let mut sizes = RowSizes::new(20_000, 3_000, 0);
        // Each commit is one revision behind, so the row always has writes that are not committed.
        for revision in 1..1_000_u64 {
            sizes.follow(&writes(revision, 10, 500));
            sizes.committed(Revision(revision - 1));
            if sizes.begin_read() {
                sizes.end_read(Some(600));
            }
            assert!(sizes.all_fit(10_000), "revision {revision}");
        }
        sizes.follow(&writes(1_000, 10, 3_000));
        sizes.committed(Revision(999));
        assert!(sizes.written_most < 4_000, "{}", sizes.written_most);
        sizes.committed(Revision(1_000));
        assert!(sizes.written.is_empty() && sizes.written_most == 0);
    }

    #[test]
    fn a_sheet_of_few_columns_is_counted_once_it_has_many() {
        let mut sizes = RowSizes::new(20_000, 3_000, 0);
        assert!(sizes.is_narrow(6) && !sizes.is_narrow(7));
        for revision in 1..=5 {
            sizes.follow(&writes(revision, 5, 3_000));
        }
        assert!(sizes.all_fit(20_000), "nothing is counted");
        sizes.follow(&writes(6, 6, 100));
        assert!(!sizes.all_fit(1), "the rows of before are not known");
        sizes.committed(Revision(4));
        assert!(!sizes.begin_read(), "Postgres lacks some of them");
        sizes.committed(Revision(6));
        assert!(sizes.begin_read());
        sizes.end_read(Some(9_000));
        assert!(sizes.all_fit(10_000) && !sizes.all_fit(12_000));
    }
}
