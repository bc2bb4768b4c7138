//! The parameters of a statement.
//!
//! Not its text. Invariant: each value of a caller is one of them.

use ot_engine::ColumnId;
use tokio_postgres::types::ToSql;

/// The parameters so far.
#[derive(Default)]
pub(super) struct Parameters(Vec<Box<dyn ToSql + Sync + Send>>);

impl Parameters {
    /// Adds a parameter and gives its name.
    pub(super) fn add(&mut self, value: impl ToSql + Sync + Send + 'static) -> String {
        self.0.push(Box::new(value));
        format!("${}", self.0.len())
    }

    /// The key of a column's cells.
    pub(super) fn column(&mut self, column: ColumnId) -> String {
        format!("{}::text", self.add(column.0.to_string()))
    }

    /// The value of a cell: null where there is none.
    pub(super) fn cell(&mut self, column: ColumnId) -> String {
        format!("(body.cells -> {})", self.column(column))
    }

    /// All of them, as the connection takes them.
    pub(super) fn list(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.0.iter().map(|it| it.as_ref() as &(dyn ToSql + Sync)).collect()
    }
}
