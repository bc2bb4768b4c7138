//! The columns that a question names.
//!
//! Invariant: the column with id N is the one at position N - 1.

use ot_engine::ColumnId;
use tables::Table;

use crate::QueryError;

/// The position of a column.
pub(crate) fn column_of(table: &Table, ColumnId(id): ColumnId) -> Result<usize, QueryError> {
    let at = id.checked_sub(1).and_then(|at| usize::try_from(at).ok());
    let at = at.filter(|at| *at < table.columns().len());
    at.ok_or_else(|| {
        let count = table.columns().len();
        QueryError::failed(format!("the column {id} is none of the {count} of the table"))
    })
}
