//! What a query needs of the rows of a table, as bytes that go to another process.
//!
//! Not the table. Invariant: what is read from the bytes is what was written, with each number bit by bit; both ends are of
//! one release, so the bytes have no versions.

mod text;

use model::RowFilter;

use crate::{QueryError, Question};

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

impl Ask {
    /// As bytes.
    ///
    /// # Errors
    /// It has a value that a table can't have.
    pub fn to_bytes(&self) -> Result<Vec<u8>, QueryError> {
        serde_json::to_vec(&text::Ask::from(self)).map_err(QueryError::failed)
    }

    /// Of such bytes.
    ///
    /// # Errors
    /// The bytes are not those of [`Self::to_bytes`] of this release.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, QueryError> {
        let ask: text::Ask = serde_json::from_slice(bytes).map_err(QueryError::failed)?;
        Ok(Self::from(ask))
    }
}
