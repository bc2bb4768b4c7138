//! Consecutive entries and what they do together: what one transaction writes.
//!
//! Invariant: entries in order without gaps, and each row and span as the last of them leaves it.

use std::collections::hash_map::Entry as Slot;
use std::sync::Arc;

use ot_engine::{ColumnId, Delta, Revision, RowId};
use rustc_hash::FxHashMap;

use crate::state::Effects;
use crate::state::row_order::SpanChanges;
use journal;
use model::{ColumnRecord, CommitBatch, Entry, RowPatch, SheetId};

/// Entries in one transaction at most. Bounds how long one takes after an outage.
const BATCH_ENTRIES: usize = 10_000;
/// Cells beyond which a transaction takes no further entry, for the same reason. A cell that several entries
/// set counts once, since it is written once.
const BATCH_CELLS: usize = 100_000;
/// Bytes of entries after which a transaction takes no further entry, for the same reason.
const BATCH_BYTES: usize = journal::BATCH_BYTES;

/// Consecutive entries and what they do together.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) entries: Vec<Arc<Entry>>,
    inverses: Vec<Option<Delta>>,
    first_new_row: RowId,
    cells: usize,
    bytes: usize,
    rows: FxHashMap<RowId, RowPatch>,
    spans: SpanChanges,
    columns: Option<Vec<ColumnRecord>>,
    next_row_id: RowId,
    next_column_id: ColumnId,
    row_count: u32,
}

impl Part {
    pub(super) fn new(entry: Arc<Entry>, effects: Effects) -> Self {
        Self {
            bytes: journal::entry_bytes(&entry),
            entries: vec![entry],
            first_new_row: effects.created_rows.start,
            cells: effects.cell_count(),
            inverses: vec![effects.inverse],
            rows: effects.row_patches.into_iter().collect(),
            spans: effects.spans,
            columns: effects.columns,
            next_row_id: effects.next_row_id,
            next_column_id: effects.next_column_id,
            row_count: effects.row_count,
        }
    }

    /// Whether one transaction should take no more.
    pub(super) fn is_full(&self) -> bool {
        self.entries.len() >= BATCH_ENTRIES || self.cells > BATCH_CELLS || self.bytes >= BATCH_BYTES
    }

    /// Puts the next entry on top: what it writes wins.
    pub(super) fn push(&mut self, entry: Arc<Entry>, effects: Effects) {
        self.append(Self::new(entry, effects));
    }

    /// The same with what the next part does.
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

    fn patch(&mut self, row: RowId, patch: RowPatch) {
        match self.rows.entry(row) {
            Slot::Occupied(mut earlier) => {
                let before = earlier.get().cells().len();
                earlier.get_mut().merge(&patch);
                self.cells += earlier.get().cells().len() - before;
            }
            Slot::Vacant(place) => {
                self.cells += patch.cells().len();
                place.insert(patch);
            }
        }
    }

    /// Whether it has to stand alone in a batch, or at its beginning: see `undo::inverse`.
    pub(super) fn begins_batch(&self) -> bool {
        self.entries.first().is_some_and(|entry| entry.origin.restores_lines())
    }

    /// The last revision in it.
    pub(super) fn head(&self) -> Option<Revision> {
        self.entries.last().map(|entry| entry.revision)
    }

    /// What one transaction needs to write it, on a sheet that is at `previous`; `None` where it does not
    /// go on from there.
    pub(super) fn batch(self, sheet: SheetId, previous: Revision) -> Option<CommitBatch> {
        self.entries.first().filter(|first| first.revision == previous.next())?;
        Some(CommitBatch {
            sheet,
            previous,
            head: self.head()?,
            entries: self.entries,
            inverses: self.inverses,
            first_new_row: self.first_new_row,
            row_patches: self.rows.into_iter().collect(),
            removed_spans: self.spans.removed(),
            upserted_spans: self.spans.upserted(),
            columns: self.columns,
            next_row_id: self.next_row_id,
            next_column_id: self.next_column_id,
            row_count: self.row_count,
        })
    }
}
