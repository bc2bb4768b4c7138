//! What each attempt to fill a sheet has, and what becomes of it.
//!
//! Plain data, and the begin of a pass over the rows. Invariant: a result has a bound, as its notes have.

use std::sync::Arc;

use serde_json::json;

use super::notes::Notes;
use super::rows::SourceRows;
use crate::service::files::CheckedPlace;
use crate::service::tables::OpenTables;
use crate::service::transfers::parts::FillParts;
use crate::service::transfers::source::Source;
use model::SheetId;
use store::Store;

/// See the [module](self).
pub(super) struct Context {
    pub(super) store: Store,
    pub(super) parts: FillParts,
    open: Arc<OpenTables>,
}

impl Context {
    pub(super) fn new(store: Store, place: Arc<CheckedPlace>, parts: FillParts) -> Self {
        let open = Arc::new(OpenTables::new(store.clone(), place));
        Self { store, parts, open }
    }

    /// The rows of a source with these columns of its table, so many at once at most.
    pub(super) fn rows(&self, source: &Source, columns: Vec<usize>, at_once: usize) -> SourceRows {
        SourceRows::begin(Arc::clone(&self.open), source.content(), columns, at_once)
    }
}

/// What a job has done.
pub(super) struct Filled {
    pub(super) sheet: SheetId,
    /// The rows that it has made or changed.
    pub(super) rows: u64,
    pub(super) notes: Notes,
}

impl Filled {
    /// The result as the record of the job has it.
    pub(super) fn into_result(self) -> serde_json::Value {
        let Self { sheet, rows, notes } = self;
        json!({ "sheet": sheet.to_string(), "rows": rows, "notes": notes.into_sentences() })
    }
}
