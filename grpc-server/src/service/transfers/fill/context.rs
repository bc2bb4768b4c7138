//! What each attempt to fill a sheet has, and what becomes of it.
//!
//! Plain data, and the begin of a pass over the rows. Invariant: a result has a bound, as its notes have.

use std::sync::Arc;

use engine::{Meter, Steps};
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
    /// Those of the attempt.
    steps: Steps,
    /// The step that writes rows.
    write: Arc<Meter>,
}

impl Context {
    pub(super) fn new(store: Store, place: Arc<CheckedPlace>, parts: FillParts) -> Self {
        let open = Arc::new(OpenTables::new(store.clone(), place));
        Self { store, parts, open, steps: Steps::default(), write: Meter::new("write", 1) }
    }

    /// What an attempt with these steps has.
    pub(super) fn of_attempt(&self, steps: Steps) -> Self {
        let (store, parts) = (self.store.clone(), self.parts.clone());
        Self { store, parts, open: Arc::clone(&self.open), steps, write: Meter::new("write", 1) }
    }

    /// The step that writes rows.
    pub(super) fn write_later(&self) -> StepLater {
        StepLater { steps: self.steps.clone(), meter: Arc::clone(&self.write) }
    }

    /// The column of keys of a source, so many values at once at most.
    pub(super) fn keys(&self, source: &Source, column: usize, at_once: usize) -> SourceRows {
        self.pass(source, vec![column], (at_once, "read keys"))
    }

    /// The rows of a source with these columns of its table, so many at once at most.
    pub(super) fn rows(&self, source: &Source, columns: Vec<usize>, at_once: usize) -> SourceRows {
        self.pass(source, columns, (at_once, "read"))
    }

    fn pass(
        &self,
        source: &Source,
        columns: Vec<usize>,
        (at_once, name): (usize, &'static str),
    ) -> SourceRows {
        let meter = Meter::new(name, 1);
        self.steps.begin(&meter);
        SourceRows::begin(Arc::clone(&self.open), source.content(), (columns, at_once), meter)
    }
}

/// A step that begins when it is asked for, behind those that have begun by then.
pub(super) struct StepLater {
    steps: Steps,
    meter: Arc<Meter>,
}

impl StepLater {
    /// The step, which begins here at the latest.
    pub(super) fn begun(&self) -> &Arc<Meter> {
        self.steps.begin(&self.meter);
        &self.meter
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
