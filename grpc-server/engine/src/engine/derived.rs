//! The calls of derivations.
//!
//! Not what they make: see `derive`. Invariant: a derivation waits for its turn as each query does; a preview reads a few rows, and
//! waits for none.

use std::sync::Arc;

use ot_engine::Value;
use tables::{Bytes, OutColumn, Table};

use super::Engine;
use crate::derive::{self, Source};
use crate::error::caught;
use crate::scan::PASS;
use crate::{Derived, Formula, Operation, Progress, QueryError};

impl Engine {
    /// The columns of what an operation makes of these columns of a table. It reads footers alone.
    ///
    /// # Errors
    /// See [`QueryError`]; more columns than a table may have are [`QueryError::Limit`].
    pub fn derived_columns(
        &self,
        table: &Arc<dyn Bytes>,
        columns: &[usize],
        operation: &Operation,
    ) -> Result<Vec<OutColumn>, QueryError> {
        caught(|| {
            let table = Table::open(Arc::clone(table))?;
            derive::columns_of(&table, columns, operation)
        })
    }

    /// Passes on the rows that an operation makes of these columns of a table, in order and in parts of bounded cells and bytes. It
    /// blocks, and waits for its turn.
    ///
    /// # Errors
    /// See [`QueryError`]; those of `each` are passed on.
    pub fn derive(
        &self,
        table: Arc<dyn Bytes>,
        columns: &[usize],
        operation: &Operation,
        each: &mut dyn FnMut(Vec<Vec<Value>>) -> Result<(), QueryError>,
        watch: &(dyn Fn(Progress) -> bool + Sync),
    ) -> Result<Derived, QueryError> {
        caught(|| {
            let source = Source::open(&table, PASS, self.0.threads)?;
            let _turn = self.0.turn_of(derive::turns(operation), source.rows(), watch)?;
            derive::derive(&self.0, (&source, columns), operation, (each, watch), &self.1)
        })
    }

    /// The first rows with computed columns, and sentences about what could not be computed of them; fewer rows where their
    /// values take more than 4 MiB. It blocks, waits for no turn, and ends soon after `is_over`.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub fn preview(
        &self,
        table: Arc<dyn Bytes>,
        columns: &[usize],
        add: &[(Arc<str>, Formula)],
        rows: usize,
        is_over: &dyn Fn() -> bool,
    ) -> Result<(Vec<Vec<Value>>, Vec<String>), QueryError> {
        caught(|| derive::preview(&Table::open(table)?, columns, add, (rows, is_over)))
    }
}
