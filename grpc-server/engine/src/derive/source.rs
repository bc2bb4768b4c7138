//! A table that a derivation reads, as a step that counts what is read.
//!
//! Not a pass over it: see the passes of the engine. Invariant: each step has bytes of its own, so a table that is read twice is
//! opened twice.

use std::sync::Arc;

use tables::{Bytes, Table};

use crate::QueryError;
use crate::scan::Scan;
use crate::shared::Shared;
use crate::steps::{Meter, Steps, counted_input};

/// A table, and the step that reads it.
pub(crate) struct Source {
    bytes: Arc<dyn Bytes>,
    table: Arc<Table>,
    read: Arc<Meter>,
}

impl Source {
    /// Opens a table that a step of this name reads.
    pub(crate) fn open(
        bytes: &Arc<dyn Bytes>,
        step: &'static str,
        threads: usize,
    ) -> Result<Self, QueryError> {
        let read = Meter::new(step, threads);
        let table = Arc::new(Table::open(counted_input(Arc::clone(bytes), &read))?);
        Ok(Self { bytes: Arc::clone(bytes), table, read })
    }

    /// The same table, read in another step.
    pub(super) fn again(&self, step: &'static str, threads: usize) -> Result<Self, QueryError> {
        Self::open(&self.bytes, step, threads)
    }

    pub(crate) fn rows(&self) -> u64 {
        self.table.rows()
    }

    pub(super) fn table(&self) -> &Table {
        &self.table
    }

    /// A pass over these columns of all rows.
    pub(super) fn scan(&self, columns: &[usize], shared: &Shared) -> Result<Arc<Scan>, QueryError> {
        Scan::of_all(&self.table, columns, shared.batch_bytes())
    }

    /// The step begins with a pass.
    pub(super) fn begin(&self, scan: &Scan, steps: &Steps) {
        scan.measure(steps, Arc::clone(&self.read));
    }
}
