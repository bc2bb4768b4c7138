//! Rows of a batch as values.
//!
//! Not the cells themselves, which the crate `tables` reads. Invariant: a row has a value for each column that is picked.

use arrow_array::RecordBatch;
use ot_engine::Value;
use tables::{ColumnCells, Pick};

use crate::QueryError;
use crate::scan::cells;

/// The rows of a batch of so many columns.
pub(super) struct BatchRows<'a> {
    columns: Vec<ColumnCells<'a>>,
}

impl<'a> BatchRows<'a> {
    pub(super) fn new(
        pick: &Pick,
        batch: &'a RecordBatch,
        width: usize,
    ) -> Result<Self, QueryError> {
        Ok(Self { columns: cells(pick, batch, width)? })
    }

    /// The cells of the columns.
    pub(super) fn columns(&self) -> &[ColumnCells<'a>] {
        &self.columns
    }

    /// The values of the row at a place of the batch, with room for more of them.
    pub(super) fn row(&self, at: usize, more: usize) -> Vec<Value> {
        let mut row = Vec::with_capacity(self.columns.len() + more);
        row.extend(self.columns.iter().map(|column| Value::from(column.cell(at))));
        row
    }
}
