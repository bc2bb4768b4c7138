//! One pass over the groups of rows of a table: batches of the rows that match.
//!
//! Not the threads: see `workers`. Invariants: a batch has a bounded number of rows, fewer where they are large; of a group
//! without a row that matches only the columns of the filter are read; a stop ends the pass after one batch.

pub(crate) mod workers;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use arrow_array::{BooleanArray, RecordBatch};
use model::RowFilter;
use tables::{ColumnCells, Pick, ReadError, Table};

use crate::filter::Filter;
use crate::steps::{Lap, Meter, Steps};
use crate::{Progress, QueryError, Watch};

/// Rows of a batch.
pub(crate) const BATCH_ROWS: usize = 8 * 1024;

/// The step of a pass over a table.
pub(crate) const PASS: &str = "read and filter";

/// Rows that match.
pub(crate) struct Found {
    /// The arrays of the columns that were picked.
    pub(crate) batch: RecordBatch,
    /// The position of each row in the table.
    pub(crate) positions: Vec<u64>,
}

/// A pass over a table.
pub(crate) struct Scan {
    table: Arc<Table>,
    filter: Filter,
    tested: Pick,
    pick: Pick,
    batch_bytes: u64,
    rows: AtomicU64,
    is_stopped: AtomicBool,
    /// The step of the pass, and where further steps of its query are.
    step: OnceLock<(Steps, Arc<Meter>)>,
    /// The step of what the threads make of the rows; without one, it belongs to the pass.
    making: OnceLock<Arc<Meter>>,
}

impl Scan {
    /// A pass that reads these columns of the rows that match, in batches of about so many bytes.
    pub(crate) fn new(
        table: Arc<Table>,
        filter: Filter,
        pick: Pick,
        batch_bytes: u64,
    ) -> Result<Arc<Self>, QueryError> {
        let tested = table.pick(&filter.columns)?;
        let (rows, is_stopped) = (AtomicU64::new(0), AtomicBool::new(false));
        let (step, making) = (OnceLock::new(), OnceLock::new());
        Ok(Arc::new(Self {
            table,
            filter,
            tested,
            pick,
            batch_bytes,
            rows,
            is_stopped,
            step,
            making,
        }))
    }

    /// Begins the step of the pass, which has a task for each thread.
    pub(crate) fn measure(&self, steps: &Steps, meter: Arc<Meter>) {
        steps.begin(&meter);
        // A pass has one step.
        let _ = self.step.set((steps.clone(), meter));
    }

    /// What the threads make of the rows counts in this step.
    pub(crate) fn measure_making(&self, meter: &Arc<Meter>) {
        // A pass has one.
        let _ = self.making.set(Arc::clone(meter));
    }

    /// The steps of the query.
    pub(crate) fn steps(&self) -> Steps {
        self.step.get().map(|(steps, _)| steps.clone()).unwrap_or_default()
    }

    fn meter(&self) -> Option<&Meter> {
        self.step.get().map(|(_, meter)| &**meter)
    }

    /// A thread of the pass has ended.
    pub(crate) fn task_ends(&self) {
        if let Some(meter) = self.meter() {
            meter.task_ends();
        }
    }

    /// A pass that reads these columns of all rows.
    pub(crate) fn of_all(
        table: &Arc<Table>,
        columns: &[usize],
        batch_bytes: u64,
    ) -> Result<Arc<Self>, QueryError> {
        let filter = Filter::new(table, &RowFilter::All(Vec::new()))?;
        Self::new(Arc::clone(table), filter, table.pick(columns)?, batch_bytes)
    }

    pub(crate) fn pick(&self) -> &Pick {
        &self.pick
    }

    pub(crate) fn groups(&self) -> usize {
        self.table.groups()
    }

    /// Rows of the table.
    pub(crate) fn table_rows(&self) -> u64 {
        self.table.rows()
    }

    /// Ends the pass.
    pub(crate) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    /// Visits the rows of a group that match, in their order.
    pub(crate) fn group(
        &self,
        group: usize,
        each: &mut dyn FnMut(Found) -> Result<(), QueryError>,
    ) -> Result<(), QueryError> {
        let mut lap = self.meter().map(Lap::begin);
        let rows = self.table.group_rows(group);
        let count = rows.end - rows.start;
        if count == 0 || !self.filter.may_match(&self.table, group) {
            return self.has_read(count);
        }
        let wanted = if self.filter.is_all() { None } else { Some(self.wanted(group)?) };
        if wanted.as_ref().is_some_and(|it| it.iter().all(|part| part.true_count() == 0)) {
            return Ok(());
        }
        let mut positions: Box<dyn Iterator<Item = u64>> = match &wanted {
            None => Box::new(rows),
            Some(wanted) => Box::new(set_in(wanted).map(|at| rows.start + at)),
        };
        let batch_rows = self.rows_of_batch(group, &self.pick);
        let batches = self.table.group_batches(group, &self.pick, wanted.as_deref(), batch_rows)?;
        for batch in batches {
            let batch = batch?;
            self.has_read(if wanted.is_none() { batch.num_rows() as u64 } else { 0 })?;
            let positions: Vec<u64> = positions.by_ref().take(batch.num_rows()).collect();
            if positions.len() != batch.num_rows() {
                return Err(other_rows());
            }
            if let Some(lap) = &mut lap {
                lap.passes_on(positions.len() as u64);
            }
            each(Found { batch, positions })?;
            if let Some((lap, making)) = lap.as_mut().zip(self.making.get()) {
                lap.counts_for(making);
            }
        }
        if positions.next().is_none() { Ok(()) } else { Err(other_rows()) }
    }

    /// Which rows of a group match.
    fn wanted(&self, group: usize) -> Result<Vec<BooleanArray>, QueryError> {
        let batch_rows = self.rows_of_batch(group, &self.tested);
        let mut wanted = Vec::new();
        let mut rest = self.table.group_rows(group);
        for batch in self.table.group_batches(group, &self.tested, None, batch_rows)? {
            let batch = batch?;
            let rows = batch.num_rows();
            self.has_read(rows as u64)?;
            rest.start = rest.start.saturating_add(rows as u64);
            let cells = cells(&self.tested, &batch, self.filter.columns.len())?;
            wanted.push(BooleanArray::new(self.filter.matching(&cells, rows), None));
        }
        if rest.start == rest.end { Ok(wanted) } else { Err(other_rows()) }
    }

    /// How many rows a batch of these columns of a group has.
    fn rows_of_batch(&self, group: usize, pick: &Pick) -> usize {
        rows_in(self.batch_bytes, self.table.row_bytes(group, pick))
    }

    /// The most rows that a batch of any groups has.
    pub(crate) fn rows_of_batches(&self) -> usize {
        let bytes = (0..self.groups()).map(|group| self.table.row_bytes(group, &self.pick));
        rows_in(self.batch_bytes, bytes.max().unwrap_or(0))
    }

    /// So many more rows were read.
    fn has_read(&self, rows: u64) -> Result<(), QueryError> {
        self.rows.fetch_add(rows, Ordering::Relaxed);
        self.look()
    }

    /// An error: the pass is to end. For work on a batch that takes long.
    pub(crate) fn look(&self) -> Result<(), QueryError> {
        match self.is_stopped.load(Ordering::Relaxed) {
            true => Err(QueryError::Stopped),
            false => Ok(()),
        }
    }
}

/// A pass, and its caller.
#[derive(Clone, Copy)]
pub(crate) struct Pass<'a> {
    pub(crate) scan: &'a Arc<Scan>,
    pub(crate) watch: Watch<'a>,
    /// Rows that passes before have read.
    pub(crate) before: u64,
    /// Rows of all passes.
    pub(crate) of: u64,
}

impl Pass<'_> {
    /// Reports how far the pass is; an error: it is to stop.
    pub(crate) fn look(&self) -> Result<(), QueryError> {
        let rows = self.before.saturating_add(self.scan.rows.load(Ordering::Relaxed));
        match (self.watch)(Progress { rows: rows.min(self.of), of: self.of }) {
            true => Err(QueryError::Stopped),
            false => Ok(()),
        }
    }
}

/// The columns that were picked, of which there are so many.
pub(crate) fn cells<'a>(
    pick: &Pick,
    batch: &'a RecordBatch,
    count: usize,
) -> Result<Vec<ColumnCells<'a>>, QueryError> {
    (0..count).map(|nth| Ok(pick.cells(batch, nth)?)).collect()
}

/// The places of the bits that are set, over all parts.
fn set_in(parts: &[BooleanArray]) -> impl Iterator<Item = u64> {
    let begins = parts.iter().scan(0_u64, |begin, part| {
        let this = *begin;
        *begin += part.len() as u64;
        Some((this, part))
    });
    begins.flat_map(|(begin, part)| part.values().set_indices().map(move |at| begin + at as u64))
}

fn rows_in(batch_bytes: u64, row_bytes: u64) -> usize {
    usize::try_from(batch_bytes / row_bytes.max(1)).unwrap_or(BATCH_ROWS).clamp(1, BATCH_ROWS)
}

fn other_rows() -> QueryError {
    let problem = "a row group has other rows than it states".to_owned();
    QueryError::Read(ReadError::Damaged { format: "Parquet", problem })
}
