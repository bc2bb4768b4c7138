//! Consecutive entries, merged into the writes of one transaction.
//!
//! Not here: which entries are merged (`backlog`). Invariant: entries stand in order without gaps, and each row and
//! span is as the last of them leaves it.

use std::collections::hash_map::Entry as Slot;
use std::sync::Arc;
use std::time::Instant;

use ot_engine::{ColumnId, Delta, Revision, RowId};
use rustc_hash::FxHashMap;

use crate::ports::journal::entry_bytes;
use crate::state::WriteSet;
use crate::state::row_order::RowOrderChanges;
use model::sizes::{COMMIT_BYTES, COMMIT_CELLS};
use model::{AccountId, ColumnRecord, CommitBatch, Entry, RowPatch, SheetId};

/// The most that one transaction writes, so that it does not take long, also after an outage. A single entry
/// may be larger.
#[derive(Clone, Copy, Debug)]
pub(super) struct BatchLimits {
    pub(super) entries: usize,
    /// A cell that several entries write counts once.
    pub(super) cells: usize,
    /// Bytes as the journal counts them.
    pub(super) bytes: usize,
}

impl Default for BatchLimits {
    fn default() -> Self {
        Self { entries: 10_000, cells: COMMIT_CELLS, bytes: COMMIT_BYTES }
    }
}

/// Consecutive entries and their writes.
#[derive(Debug)]
pub(super) struct Merged {
    /// When the first of them arrived.
    since: Instant,
    entries: Vec<Arc<Entry>>,
    inverses: Vec<Option<Delta>>,
    first_new_row: RowId,
    cells: usize,
    bytes: usize,
    /// The writes of each row, and the account that made the last one.
    rows: FxHashMap<RowId, (RowPatch, AccountId)>,
    spans: RowOrderChanges,
    columns: Option<Vec<ColumnRecord>>,
    next_row_id: RowId,
    next_column_id: ColumnId,
    row_count: u32,
}

impl Merged {
    pub(super) fn new(since: Instant, entry: Arc<Entry>, writes: WriteSet) -> Self {
        let (account, cells) = (entry.account, writes.cell_count());
        let rows = writes.row_patches.into_iter().map(|(row, patch)| (row, (patch, account)));
        Self {
            since,
            bytes: entry_bytes(&entry),
            entries: vec![entry],
            first_new_row: writes.created_rows.start,
            cells,
            inverses: vec![writes.inverse],
            rows: rows.collect(),
            spans: writes.spans,
            columns: writes.columns,
            next_row_id: writes.next_row_id,
            next_column_id: writes.next_column_id,
            row_count: writes.row_count,
        }
    }

    /// Whether both are within the limits of one transaction.
    pub(super) fn fits_with(&self, next: &Self, limits: BatchLimits) -> bool {
        self.entries.len() + next.entries.len() <= limits.entries
            && self.cells + next.cells <= limits.cells
            && self.bytes + next.bytes <= limits.bytes
    }

    /// Appends the next entries: of two writes to a cell, the later one wins.
    pub(super) fn append(&mut self, next: Self) {
        self.entries.extend(next.entries);
        self.bytes += next.bytes;
        self.inverses.extend(next.inverses);
        for (row, patch) in next.rows {
            self.patch(row, patch);
        }
        self.spans.merge(next.spans);
        self.columns = next.columns.or(self.columns.take());
        self.next_row_id = next.next_row_id;
        self.next_column_id = next.next_column_id;
        self.row_count = next.row_count;
    }

    fn patch(&mut self, row: RowId, (patch, account): (RowPatch, AccountId)) {
        match self.rows.entry(row) {
            Slot::Occupied(mut earlier) => {
                let (known, author) = earlier.get_mut();
                let before = known.cells().len();
                known.merge(&patch);
                self.cells += known.cells().len() - before;
                *author = account;
            }
            Slot::Vacant(place) => {
                self.cells += patch.cells().len();
                place.insert((patch, account));
            }
        }
    }

    /// Whether a batch has to begin with it: see `undo::inverse`.
    pub(super) fn begins_batch(&self) -> bool {
        self.entries.first().is_some_and(|entry| entry.origin.restores_lines())
    }

    /// When the oldest entry arrived.
    pub(super) fn since(&self) -> Instant {
        self.since
    }

    /// The last revision in it.
    pub(super) fn head(&self) -> Option<Revision> {
        self.entries.last().map(|entry| entry.revision)
    }

    /// The batch that commits it on a sheet at `previous`; `None` when it does not begin there.
    pub(super) fn batch(self, sheet: SheetId, previous: Revision) -> Option<CommitBatch> {
        self.entries.first().filter(|first| first.revision == previous.next())?;
        let (head, rows) = (self.head()?, self.rows.into_iter());
        let (row_patches, row_accounts) =
            rows.map(|(row, (patch, account))| ((row, patch), account)).unzip();
        Some(CommitBatch {
            sheet,
            previous,
            head,
            entries: self.entries,
            inverses: self.inverses,
            first_new_row: self.first_new_row,
            row_patches,
            row_accounts,
            removed_spans: self.spans.removed(),
            upserted_spans: self.spans.upserted(),
            columns: self.columns,
            next_row_id: self.next_row_id,
            next_column_id: self.next_column_id,
            row_count: self.row_count,
        })
    }
}
