//! Tests of whole queries: views, summaries and derivations are those that an oracle makes row by row.

mod clusters;
mod derived_limits;
mod foreign;
mod formulas;
mod groups;
mod joins;
mod limits;
mod oracle;
mod refused_formulas;
mod steps;
mod summaries;
mod tables_of;
mod views;

use std::sync::Arc;

use ot_engine::{ColumnId, Value};
use tables::{Bytes, Table};
use tempfile::TempDir;

use crate::{Derived, Engine, Operation, Progress, QueryError, QueryLimits, Question};

/// More than any answer of a test.
const ALL: usize = 1 << 30;
const MIB: usize = 1024 * 1024;

/// An engine, and its folder.
pub(crate) fn engine_of(memory_bytes: usize, disk_bytes: u64) -> (Engine, TempDir) {
    let dir = tempfile::tempdir().expect("a folder");
    let limits = QueryLimits { memory_bytes, disk_bytes, dir: dir.path().join("q"), threads: 2 };
    (Engine::new(limits).expect("an engine"), dir)
}

fn engine() -> (Engine, TempDir) {
    engine_of(64 * MIB, 1 << 30)
}

fn never(_: Progress) -> bool {
    false
}

/// The column at a position.
fn id(at: usize) -> ColumnId {
    ColumnId(at as u64 + 1)
}

fn view_of(
    engine: &Engine,
    table: &Arc<dyn Bytes>,
    question: &Question,
) -> Result<Table, QueryError> {
    let mut out = Vec::new();
    let rows = engine.view(Arc::clone(table), question, &mut out, &never)?;
    let view = Table::open(Arc::new(out)).expect("a view");
    assert_eq!(view.rows(), rows);
    Ok(view)
}

/// All rows that an operation makes, and what else it has found.
fn derived_of(
    engine: &Engine,
    table: &Arc<dyn Bytes>,
    columns: &[usize],
    operation: &Operation,
) -> Result<(Vec<Vec<Value>>, Derived), QueryError> {
    let mut rows = Vec::new();
    let each = &mut |part: Vec<Vec<Value>>| -> Result<(), QueryError> {
        assert!(!part.is_empty());
        rows.extend(part);
        Ok(())
    };
    let derived = engine.derive(Arc::clone(table), columns, operation, each, &never)?;
    assert_eq!(derived.rows, rows.len() as u64);
    let width = engine.derived_columns(table, columns, operation).expect("columns").len();
    assert!(rows.iter().all(|row| row.len() == width));
    Ok((rows, derived))
}

/// All rows of a table.
fn rows_of(table: &Table) -> Vec<Vec<Value>> {
    let columns: Vec<usize> = (0..table.columns().len()).collect();
    let count = u32::try_from(table.rows()).expect("a small table");
    table.rows_at(0, count, &columns, ALL).expect("rows")
}

fn positions_of(view: &Table) -> Vec<usize> {
    let count = u32::try_from(view.rows()).expect("a small view");
    let positions = view.positions_at(0, count).expect("positions");
    positions.into_iter().map(|at| usize::try_from(at).expect("small")).collect()
}
