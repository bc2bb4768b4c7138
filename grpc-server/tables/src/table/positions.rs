//! The positions that rows of a view have in its table.
//!
//! Not the rows: see the parent. Invariant: a position is never negative.

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use arrow_schema::DataType;

use super::{FORMAT, Picked, Table};
use crate::ReadError;
use crate::guard::guarded;

/// Bytes of positions that are decoded at once.
const MOST_BYTES: usize = 1024 * 1024;

impl Table {
    /// The positions in its table that `count` rows of a view from `first` on have; fewer at its end.
    ///
    /// # Errors
    /// The table is no view, or its bytes are damaged or could not be read.
    pub fn positions_at(&self, first: u64, count: u32) -> Result<Vec<u64>, ReadError> {
        guarded(FORMAT, || self.positions_checked(first, count))
    }

    fn positions_checked(&self, first: u64, count: u32) -> Result<Vec<u64>, ReadError> {
        let damaged = |problem: &str| ReadError::damaged(FORMAT, problem);
        let leaf = self.positions.ok_or_else(|| damaged("the column of positions is missing"))?;
        let end = first.saturating_add(count.into()).min(self.rows());
        if first >= end {
            return Ok(Vec::new());
        }
        let picked =
            Picked { leaves: vec![leaf], places: Vec::new(), columns: Vec::new(), marks: 0 };
        let mut positions = Vec::new();
        for batch in self.batches(first..end, &picked, MOST_BYTES)? {
            let batch = batch.map_err(|error| self.chunks.error(error))?;
            let column = batch.columns().first().filter(|it| *it.data_type() == DataType::Int64);
            let column = column.ok_or_else(|| damaged("the positions are no whole numbers"))?;
            for position in column.as_primitive::<Int64Type>() {
                let position = position.and_then(|position| u64::try_from(position).ok());
                positions.push(position.ok_or_else(|| damaged("a position is missing"))?);
            }
        }
        match positions.len() as u64 == end - first {
            true => Ok(positions),
            false => Err(damaged("a row group has fewer rows than it states")),
        }
    }
}
