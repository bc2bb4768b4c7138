//! The columns that a sheet lacks for the rows of a source: inserted at its end in one edit.
//!
//! Not which columns it lacks (`columns`). Invariant: attempts insert them once, since the edit has the name of number 0.

use jobs::Failure;
use ot_engine::{AxisDelta, Delta, Revision};

use super::columns::SourceColumn;
use super::failures::failure;
use super::names::Names;
use super::notes::quoted;
use crate::service::sheets::JobSheet;
use sheet::api::message::{ApplyChange, WindowRead};

/// Names of columns in a sentence.
const NAMED: usize = 20;

/// Inserts columns at the end of a sheet, once. Gives the revision.
pub(super) async fn insert(
    sheet: &JobSheet,
    names: Names,
    missing: &[&SourceColumn],
    head: &WindowRead,
) -> Result<Revision, Failure> {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let (at, count) = (number(head.columns.len()), number(missing.len()));
    let columns = (at..).zip(missing).map(|(col, column)| column.inserted(col)).collect();
    let delta = Delta { cols: AxisDelta::insert(at, count), columns, ..Delta::identity() };
    let change = ApplyChange::Delta { base: head.revision, delta: delta.into(), yields: true };
    let applied = sheet.apply((names.of(0), true), change).await.map_err(failure)?;
    Ok(applied.revision)
}

/// The sentence about them.
pub(super) fn inserted(columns: &[&SourceColumn]) -> String {
    let names = columns.iter().take(NAMED).map(|column| quoted(&column.name));
    let names = names.collect::<Vec<_>>().join(", ");
    match columns.len().checked_sub(NAMED) {
        None | Some(0) => format!("Columns that the sheet lacked are inserted: {names}."),
        Some(more) => {
            format!("Columns that the sheet lacked are inserted: {names} and {more} others.")
        }
    }
}

#[cfg(test)]
mod tests {
    use ot_engine::ColumnKind;

    use super::*;

    #[test]
    fn a_sentence_names_some_of_the_inserted_columns() {
        let columns: Vec<SourceColumn> = (0..NAMED + 2)
            .map(|at| SourceColumn { name: format!("c{at}").into(), kind: ColumnKind::Any })
            .collect();
        let columns: Vec<&SourceColumn> = columns.iter().collect();
        assert!(inserted(&columns).ends_with("\"c19\" and 2 others."));
        assert!(inserted(&columns[..1]).ends_with(": \"c0\"."));
    }
}
