//! Computed columns behind those of a table.
//!
//! Not the formulas: see `formula`. The threads of the pass compute them, and the rows come in the order of the table. Invariant: a
//! value that can't be computed is empty, and a note counts it.

use std::sync::Arc;

use ot_engine::Value;
use tables::Table;

use super::cells::BatchRows;
use super::formula::{Formula, Trouble};
use super::operation::Derived;
use super::out::{Each, Out, Part};
use crate::order::collation::Collation;
use crate::ordered::Ordered;
use crate::scan::workers::Give;
use crate::scan::{Found, Pass, Scan};
use crate::shared::Shared;
use crate::steps::{Making, Meter};
use crate::{QueryError, Watch};

/// Bytes of the values of a preview; one more row may be beyond it.
const PREVIEW_BYTES: usize = 4 * 1024 * 1024;

/// Computed columns with their names.
type Formulas = [(Arc<str>, Formula)];

/// Passes the rows on with their computed columns.
pub(super) fn add(
    shared: &Shared,
    scan: &Arc<Scan>,
    width: usize,
    formulas: &Formulas,
    each: Each<'_>,
    watch: Watch<'_>,
) -> Result<Derived, QueryError> {
    let pass = Pass { scan, watch, before: 0, of: scan.table_rows() };
    let computer = Computer { width, formulas: formulas.to_vec(), collation: Collation::new()? };
    let compute = Meter::new("compute", shared.threads);
    scan.measure_making(&compute);
    let mut out = Out::new(each, Making::new(&scan.steps(), compute));
    out.begin();
    let mut pieces =
        Ordered::begin(shared, scan, move |scan, found, give| computer.pieces(scan, &found, give))?;
    let mut missing = vec![Missing::default(); formulas.len()];
    while let Some(Piece { rows, missing: further }) = pieces.next(&pass)? {
        missing.iter_mut().zip(further).for_each(|(all, later)| all.join(later));
        out.pass(rows)?;
    }
    Ok(Derived { rows: out.finish()?, notes: notes(formulas, &missing) })
}

/// The first rows with their computed columns, and what could not be computed of them.
pub(crate) fn preview(
    table: &Table,
    columns: &[usize],
    formulas: &Formulas,
    (rows, is_over): (usize, &dyn Fn() -> bool),
) -> Result<(Vec<Vec<Value>>, Vec<String>), QueryError> {
    let collation = Collation::new()?;
    let mut missing = vec![Missing::default(); formulas.len()];
    let (mut made, mut bytes) = (Vec::new(), 0_usize);
    let mut source = table.scan(0, columns)?;
    while made.len() < rows && bytes < PREVIEW_BYTES {
        let some = source.next_rows(rows - made.len(), PREVIEW_BYTES - bytes)?;
        if some.is_empty() {
            break;
        }
        for mut row in some {
            if is_over() {
                return Err(QueryError::Stopped);
            }
            compute(&mut row, made.len() as u64, formulas, &collation, &mut missing);
            bytes += row.iter().map(size_of_value).sum::<usize>();
            made.push(row);
        }
    }
    Ok((made, notes(formulas, &missing)))
}

fn size_of_value(value: &Value) -> usize {
    size_of::<Value>() + if let Value::Text(text) = value { text.len() } else { 0 }
}

/// Rows that were computed, and what could not be.
struct Piece {
    rows: Vec<Vec<Value>>,
    missing: Vec<Missing>,
}

/// Computes columns on the threads of a pass.
struct Computer {
    /// Columns that are picked.
    width: usize,
    formulas: Vec<(Arc<str>, Formula)>,
    collation: Collation,
}

impl Computer {
    fn pieces(&self, scan: &Scan, found: &Found, give: Give<'_, Piece>) -> Result<(), QueryError> {
        let cells = BatchRows::new(scan.pick(), &found.batch, self.width)?;
        let none = || vec![Missing::default(); self.formulas.len()];
        let (mut part, mut missing) = (Part::default(), none());
        for (at, position) in found.positions.iter().enumerate() {
            // The formulas of one row may take long.
            scan.look()?;
            let mut row = cells.row(at, self.formulas.len());
            compute(&mut row, *position, &self.formulas, &self.collation, &mut missing);
            if let Some(rows) = part.push(row, *position)? {
                give(Piece { rows, missing: std::mem::replace(&mut missing, none()) })?;
            }
        }
        let rows = part.take();
        if rows.is_empty() { Ok(()) } else { give(Piece { rows, missing }) }
    }
}

/// Appends the computed values to a row.
fn compute(
    row: &mut Vec<Value>,
    position: u64,
    formulas: &Formulas,
    collation: &Collation,
    missing: &mut [Missing],
) {
    for ((_, formula), missing) in formulas.iter().zip(missing) {
        let value = formula.value(row, collation).unwrap_or_else(|trouble| {
            missing.add(position, trouble);
            Value::Empty
        });
        row.push(value);
    }
}

/// How many values of a column could not be computed, and why the first one could not.
#[derive(Clone, Copy, Debug, Default)]
struct Missing {
    rows: u64,
    first: Option<(u64, Trouble)>,
}

impl Missing {
    fn add(&mut self, position: u64, trouble: Trouble) {
        self.rows += 1;
        self.first.get_or_insert((position, trouble));
    }

    /// Adds what later rows lack.
    fn join(&mut self, later: Self) {
        self.rows = self.rows.saturating_add(later.rows);
        self.first = self.first.or(later.first);
    }
}

/// A sentence for each column that has values which could not be computed.
fn notes(formulas: &Formulas, missing: &[Missing]) -> Vec<String> {
    let note = |((name, formula), missing): (&(Arc<str>, Formula), &Missing)| {
        let (position, trouble) = missing.first?;
        // Of a view it is another one than that of the table.
        let (row, reason) = (position.saturating_add(1), formula.reason(trouble));
        Some(match missing.rows {
            1 => {
                format!(
                    "1 row of \"{name}\" could not be computed and is empty: row {row} of the result, where {reason}"
                )
            }
            rows => {
                format!(
                    "{rows} rows of \"{name}\" could not be computed and are empty: the first is row {row} of the result, where {reason}"
                )
            }
        })
    };
    formulas.iter().zip(missing).filter_map(note).collect()
}
