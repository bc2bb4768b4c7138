//! The entries of a sheet, and tables that a batch is committed to, for the tests of the core and of its driver.
//!
//! Not here: failures. Invariant: the tables apply each batch as a whole, and the maker each entry alone, so where
//! both agree, merging has changed nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use ot_engine::{AxisDelta, ClientId, Delta, LineId, Revision, RowId, Run};

use crate::sample::{self, record};
use crate::state::{SheetState, WriteSet};
use model::{CommitBatch, Entry, Origin, RowBody, Span};
use store::StoreError;

pub(super) use crate::sample::SHEET;

/// Makes the entries of a sheet, and applies each alone.
pub(super) struct Maker {
    state: SheetState,
    made: u64,
    cells: BTreeMap<RowId, RowBody>,
}

impl Default for Maker {
    fn default() -> Self {
        Self { state: SheetState::new(&record(0, 1)).unwrap(), made: 0, cells: BTreeMap::new() }
    }
}

impl Maker {
    /// The last revision made.
    pub(super) fn head(&self) -> Revision {
        Revision(self.made)
    }

    /// Inserts a row at a share of the sheet and writes its number into it.
    pub(super) fn next(&mut self, place: u32) -> Arc<Entry> {
        let at = place % (self.state.row_count() + 1);
        let number = (self.made + 1) as f64;
        self.entry(Delta { rows: self.insert(at), ..Delta::set_cell(at, 0, number) }, Origin::Edit)
    }

    /// Inserts a row, or writes a text into a row that is there.
    pub(super) fn write(&mut self, place: u32, bytes: usize, origin: Origin) -> Arc<Entry> {
        let rows = self.state.row_count();
        let at = place % (rows + 1);
        let set = Delta::set_cell(at, 0, "x".repeat(bytes).as_str());
        let delta = if at == rows { Delta { rows: self.insert(at), ..set } } else { set };
        self.entry(delta, origin)
    }

    fn insert(&self, at: u32) -> AxisDelta {
        let first = Some(LineId(self.state.next_row_id().0));
        AxisDelta::from_runs([Run::Keep(at), Run::Insert { count: 1, first }])
    }

    fn entry(&mut self, delta: Delta, origin: Origin) -> Arc<Entry> {
        self.made += 1;
        Arc::new(Entry { origin, ..sample::entry(self.made, ClientId(1), delta) })
    }

    pub(super) fn apply(&mut self, entry: &Entry) -> WriteSet {
        let writes = self.state.apply(entry).unwrap();
        for (row, patch) in &writes.row_patches {
            self.cells.entry(*row).or_default().merge(patch);
        }
        writes
    }
}

/// A head, a log, rows and the order of rows, with conditional batches.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) head: Revision,
    pub(super) log: Vec<Revision>,
    rows: BTreeMap<RowId, RowBody>,
    spans: BTreeMap<i64, Span>,
}

impl Tables {
    /// Commits a batch; false when it is committed already.
    pub(super) fn commit(&mut self, batch: &CommitBatch) -> Result<bool, StoreError> {
        if self.head != batch.previous {
            let expected = batch.previous;
            let known = self.log.contains(&batch.head);
            let conflict = StoreError::Conflict { expected, found: self.head };
            return if known { Ok(false) } else { Err(conflict) };
        }
        self.head = batch.head;
        self.log.extend(batch.entries.iter().map(|entry| entry.revision));
        for (row, patch) in &batch.row_patches {
            self.rows.entry(*row).or_default().merge(patch);
        }
        for key in &batch.removed_spans {
            self.spans.remove(key);
        }
        self.spans.extend(batch.upserted_spans.iter().map(|span| (span.key, *span)));
        Ok(true)
    }

    /// Commits one entry, as another node does.
    pub(super) fn commit_entry(&mut self, entry: &Entry, writes: &WriteSet) {
        assert_eq!(entry.revision, self.head.next());
        self.head = entry.revision;
        self.log.push(entry.revision);
        for (row, patch) in &writes.row_patches {
            self.rows.entry(*row).or_default().merge(patch);
        }
        for key in writes.spans.removed() {
            self.spans.remove(&key);
        }
        self.spans.extend(writes.spans.upserted().into_iter().map(|span| (span.key, span)));
    }

    /// Each entry once, in order, and the sheet as its entries leave it.
    pub(super) fn check(&self, maker: &Maker) {
        let revisions: Vec<_> = (1..=maker.made).map(Revision).collect();
        assert_eq!(self.log, revisions, "each entry once, in order");
        assert!(self.spans.values().eq(maker.state.row_order().spans()));
        assert_eq!(self.rows, maker.cells);
    }
}
