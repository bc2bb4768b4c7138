//! What a query needs of the rows of a table, as bytes that go to another process.
//!
//! Not the table, and not the form of the bytes (`text`). Invariant: what is read from the bytes is what was written.

mod text;

use model::RowFilter;

use crate::Question;

/// What a query needs of the rows of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// All columns of the rows that match, in an order.
    Sort(Question),
    /// How many of the rows that match have each value of a column.
    Count {
        /// Its position.
        column: usize,
        /// Which rows.
        filter: RowFilter,
    },
}
