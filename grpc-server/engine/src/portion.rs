//! The rows of some groups of a table, as a process of a cluster reads them for a plan.
//!
//! Not the sorting and the counting of them: a cluster has plans of its own. Invariant: over all groups the batches are those
//! that the same query reads in one process.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use tables::{Bytes, Table};

use crate::error::caught;
use crate::filter::Filter;
use crate::order::Order;
use crate::scan::Scan;
use crate::sorted::Rows;
use crate::summary::keys;
use crate::view::with_keys;
use crate::{Ask, QueryError};

/// A pass over groups of a table. Each thread has one of its own.
pub struct Portion {
    scan: Arc<Scan>,
    schema: SchemaRef,
    rows: Rows,
}

impl std::fmt::Debug for Portion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Portion").field("schema", &self.schema).finish_non_exhaustive()
    }
}

impl Portion {
    /// Reads the footer of the table. Batches have about so many bytes.
    ///
    /// # Errors
    /// The table can't be read, or has not the columns that are asked for.
    pub fn new(table: Arc<dyn Bytes>, ask: &Ask, batch_bytes: u64) -> Result<Self, QueryError> {
        caught(|| {
            let table = Arc::new(Table::open(table)?);
            let (filter, pick, order) = match ask {
                Ask::Sort(question) => {
                    let order = Order::new(&table, &question.order)?;
                    (&question.filter, table.pick_all(), Some(order))
                }
                Ask::Count { column, filter } => (filter, table.pick(&[*column])?, None),
            };
            let filter = Filter::new(&table, filter)?;
            let (schema, rows) = match order {
                Some(order) => with_keys(&pick, order),
                None => keys(&pick),
            };
            let scan = Scan::new(table, filter, pick, batch_bytes)?;
            Ok(Self { scan, schema, rows })
        })
    }

    /// The form of the rows.
    #[must_use]
    pub const fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Visits the rows of these groups that match. It blocks.
    ///
    /// # Errors
    /// See [`QueryError`], and what the visitor returns.
    pub fn read(
        &self,
        groups: Range<usize>,
        each: &mut dyn FnMut(RecordBatch) -> Result<(), QueryError>,
    ) -> Result<(), QueryError> {
        let end = groups.end.min(self.scan.groups());
        (groups.start..end).try_for_each(|group| {
            caught(|| self.scan.group(group, &mut |found| each((self.rows)(found)?)))
        })
    }
}
