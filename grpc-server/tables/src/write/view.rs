//! Writes a view: rows of a table in another order, in the form of a table, with the position that each row has there.
//!
//! Not which rows: the crate `engine` finds them. Invariant: a view has the columns of its table with their types, so that its
//! cells are the same.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};

use super::{Sink, Sizes, TableWriter, schema};
use crate::form::POSITIONS;
use crate::table::Pick;
use crate::{ReadError, Table};

/// Writes rows of a view.
pub struct ViewWriter<'a> {
    table: TableWriter<'a>,
    pick: Pick,
}

impl std::fmt::Debug for ViewWriter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ViewWriter").field("rows", &self.table.rows()).finish_non_exhaustive()
    }
}

impl<'a> ViewWriter<'a> {
    /// Begins a view of this table.
    ///
    /// # Errors
    /// The view could not be written.
    pub fn new(table: &Table, sink: Sink<'a>) -> Result<Self, ReadError> {
        let pick = table.pick_all();
        let types = table.types();
        let mut fields: Vec<_> =
            schema(table.columns(), &types).fields().iter().map(Arc::clone).collect();
        fields.push(Arc::new(Field::new(POSITIONS, DataType::Int64, false)));
        let schema = Schema::new(fields);
        let table = TableWriter::of_schema(sink, table.columns(), schema, Sizes::default())?;
        Ok(Self { table, pick })
    }

    /// Writes rows whose first arrays are those of [`Table::pick_all`], with the positions of these rows.
    ///
    /// # Errors
    /// The arrays are others, or could not be written.
    pub fn write(&mut self, batch: &RecordBatch, positions: Int64Array) -> Result<(), ReadError> {
        let mut arrays = self.pick.arrays(batch)?;
        arrays.push(Arc::new(positions) as ArrayRef);
        let batch = RecordBatch::try_new(Arc::clone(self.table.schema()), arrays)
            .map_err(|error| ReadError::Sink(error.to_string()))?;
        self.table.write(&batch)
    }

    /// Ends the view; how many rows it has.
    ///
    /// # Errors
    /// It could not be written.
    pub fn finish(self) -> Result<u64, ReadError> {
        Ok(self.table.finish()?.rows)
    }
}
