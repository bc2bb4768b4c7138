//! Reads a whole sheet as it is at one moment, page by page, in the order of its rows.
//!
//! Not a format: it gives bodies. It reads the committed state; a caller that needs later edits waits for their
//! commit first.
//!
//! Invariant: one snapshot from the first page to the last, also while the sheet is edited.

use std::ops::Range;

use ot_engine::RowId;
use rustc_hash::FxHashMap;

use crate::connection::{Connection, Purpose};
use crate::rows::read_rows;
use crate::sheets::load;
use crate::{QUERY_TIMEOUT, Store, StoreError};
use model::{RowBody, SheetId, SheetRecord};

/// Rows in one page.
const PAGE_ROWS: u32 = 4096;

/// A sheet that is being read.
#[derive(Debug)]
pub struct ExportReader {
    connection: Connection,
    record: SheetRecord,
    /// The first row that was not read: which span, how far into it.
    span: usize,
    offset: u32,
}

impl Store {
    /// Starts to read a sheet; `None` if there is none with this id. It holds one of the few
    /// connections for bulk work until it is dropped.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], also when too many imports and exports run;
    /// [`StoreError::Corrupt`].
    pub async fn export(&self, sheet: SheetId) -> Result<Option<ExportReader>, StoreError> {
        let connection = Connection::get(&self.pools, Purpose::Bulk).await?;
        connection.discard();
        let begin = "begin isolation level repeatable read read only";
        connection.within(QUERY_TIMEOUT, connection.batch_execute(begin)).await?;
        let record = load(&connection, sheet).await?;
        Ok(record.map(|record| ExportReader { connection, record, span: 0, offset: 0 }))
    }
}

impl ExportReader {
    /// The sheet at that moment.
    #[must_use]
    pub const fn sheet(&self) -> &SheetRecord {
        &self.record
    }

    /// The next rows in their order, blank ones among them; `None` after the last.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn next_page(&mut self) -> Result<Option<Vec<(RowId, RowBody)>>, StoreError> {
        let ranges = self.next_ranges();
        if ranges.is_empty() {
            // The transaction has read only; there is nothing to keep.
            self.connection.within(QUERY_TIMEOUT, self.connection.batch_execute("commit")).await?;
            self.connection.keep();
            return Ok(None);
        }
        let read = read_rows(&self.connection, self.record.id, &ranges).await?;
        let mut bodies: FxHashMap<RowId, RowBody> = read.into_iter().collect();
        let ids = ranges.into_iter().flat_map(|range| (range.start.0..range.end.0).map(RowId));
        Ok(Some(ids.map(|id| (id, bodies.remove(&id).unwrap_or_default())).collect()))
    }

    /// The ids of the next page, and a step on.
    fn next_ranges(&mut self) -> Vec<Range<RowId>> {
        let mut ranges = Vec::new();
        let mut room = PAGE_ROWS;
        while room > 0
            && let Some(span) = self.record.spans.get(self.span)
        {
            let count = room.min(span.length - self.offset);
            let start = span.start.0 + u64::from(self.offset);
            ranges.push(RowId(start)..RowId(start + u64::from(count)));
            room -= count;
            self.offset += count;
            if self.offset == span.length {
                self.span += 1;
                self.offset = 0;
            }
        }
        ranges
    }
}
