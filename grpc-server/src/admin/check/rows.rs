//! The rows: stored under ids that were given, with valid values, and with those that the log wrote last.
//!
//! Not their order: see `order`. Invariant: rows are read page by page, so memory does not grow with them.

use ot_engine::{CellEdit, Delta, Edit, RowId, Size, Value, validate};

use super::Findings;
use super::replayed::ANYTHING;
use super::written::Written;
use crate::admin::finding::{Rule, SheetReport};
use model::RowPatch;
use store::{Audit, AuditedRow, AuditedSheet, StoreError};

pub(super) async fn check(
    audit: &Audit,
    sheet: &AuditedSheet,
    mut written: Written,
    report: &mut SheetReport,
    findings: &mut Findings<'_>,
) -> Result<(), StoreError> {
    let mut after = i64::MIN;
    loop {
        let rows = audit.rows(after).await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        report.bodies += rows.len() as u64;
        for row in &rows {
            if row.id < 1 || row.id >= sheet.next_row_id {
                let what =
                    format!("row {} is kept; the next new row is {}", row.id, sheet.next_row_id);
                findings.add(Rule::RowsHaveGivenIds, what);
            }
            let Some(cells) = cells(row, "row", sheet, findings) else { continue };
            let id = RowId(u64::try_from(row.id).unwrap_or_default());
            if let Some(found) = written.take(id, cells) {
                let what = format!("row {id}, column {} holds something else", found.column);
                findings.at(found.revision, Rule::CellsAreThoseOfTheLog, what);
            }
        }
    }
    for (row, found) in written.rest() {
        let what = format!("row {row} has no body, or lacks column {}", found.column);
        findings.at(found.revision, Rule::CellsAreThoseOfTheLog, what);
    }
    Ok(())
}

/// The cells of a row, if they are valid.
pub(super) fn cells<'a>(
    row: &'a AuditedRow,
    what: &str,
    sheet: &AuditedSheet,
    findings: &mut Findings<'_>,
) -> Option<&'a RowPatch> {
    let cells = match &row.cells {
        Ok(cells) => cells,
        Err(error) => {
            findings.add(Rule::ValuesAreValid, format!("{what} {}: {error}", row.id));
            return None;
        }
    };
    let next = u64::try_from(sheet.next_column_id).unwrap_or_default();
    let unknown = |id: u64| id < 1 || id >= next;
    if let Some((column, _)) = cells.cells().iter().find(|(column, _)| unknown(column.0)) {
        let text = format!("{what} {}: column {column} was never made", row.id);
        findings.add(Rule::ValuesAreValid, text);
    }
    if let Some(broken) = invalid(cells) {
        findings.add(Rule::ValuesAreValid, format!("{what} {}: {broken}", row.id));
    }
    Some(cells)
}

/// Validates the values as the engine does.
fn invalid(cells: &RowPatch) -> Option<String> {
    // JSON holds no infinite number and Postgres no NUL: what is left are times.
    let is_time = |value: &Value| {
        matches!(value, Value::Instant(_) | Value::LocalDateTime(_) | Value::Date(_))
    };
    let times = cells.cells().iter().filter(|(_, value)| is_time(value));
    let edits = (0..).zip(times).map(|(col, (_, value))| CellEdit {
        row: 0,
        col,
        edit: Edit::Set(value.clone()),
    });
    let delta = Delta { cells: edits.collect(), ..Delta::identity() };
    let size = Size { rows: 1, cols: u32::MAX };
    validate(&delta, size, &ANYTHING).err().map(|broken| broken.rule.to_string())
}
