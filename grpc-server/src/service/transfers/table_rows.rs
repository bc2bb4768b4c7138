//! The rows of a table or a view as a file: read in one pass over the pages, and written as they come.
//!
//! Not the choice of rows (`source`). Blocking. Invariant: the rows that are in memory have a bound in cells and in bytes.

use std::sync::Arc;

use jobs::Failure;
use tokio::sync::watch;

use super::source::Source;
use super::write::{Writing, Written, rows_at_once};
use crate::service::tables::{Drafts, OpenTables, damaged, failed};
use tables::{ReadError, SavedFor, SavedFormat};

/// Bytes of the rows that are read at once, and one row at least.
const BYTES_AT_ONCE: usize = 8 * 1024 * 1024;

/// A table that is saved.
pub(super) struct TableWork {
    pub(super) open: Arc<OpenTables>,
    pub(super) source: Source,
    pub(super) format: (SavedFormat, SavedFor),
    pub(super) drafts: Drafts,
    pub(super) progress: watch::Sender<(u64, u64)>,
}

impl TableWork {
    /// Writes all rows.
    pub(super) fn run(self) -> Result<Written, Failure> {
        let Self { open, source, format, drafts, progress } = self;
        let unread = |error: ReadError| failed(damaged(error));
        let table = open.reading(source.content(), drafts.stop.clone()).map_err(unread)?;
        let mut scan = table.scan(0, &source.columns).map_err(unread)?;
        let columns = table.out_columns(&source.columns).map_err(unread)?;
        let writing = Writing {
            drafts: &drafts,
            format,
            name: &source.table.name,
            columns: &columns,
            progress: Some((&progress, source.rows())),
        };
        let at_once = rows_at_once(columns.len());
        writing.run(|| scan.next_rows(at_once, BYTES_AT_ONCE).map_err(unread))
    }
}
