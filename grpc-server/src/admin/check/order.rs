//! The order of rows and the columns in the tables, alone and compared with the log.
//!
//! Not the rows' cells: see `rows`.
//!
//! Invariant: ranges of ids are compared after joining those that follow each other, so that only the order
//! counts and not how it is cut.

use std::ops::Range;

use super::Findings;
use super::replayed::At;
use crate::admin::finding::Rule;
use model::ColumnRecord;
use sheet::state::SheetState;
use store::{Audit, AuditedColumn, AuditedSheet, StoreError};

/// The order and the columns of the tables.
pub(super) struct Stored {
    rows: Vec<Range<i64>>,
    columns: Vec<AuditedColumn>,
}

/// Reads the order and checks it alone.
pub(super) async fn stored(
    audit: &Audit,
    sheet: &AuditedSheet,
    findings: &mut Findings<'_>,
) -> Result<Stored, StoreError> {
    let spans = audit.spans().await?;
    let rows: Vec<_> =
        spans.iter().map(|(_, start, length)| *start..start.saturating_add(*length)).collect();
    let count: i64 = rows.iter().map(|ids| ids.end - ids.start).sum();
    if count != sheet.row_count {
        let what = format!("the sheet says {} rows, its spans hold {count}", sheet.row_count);
        findings.add(Rule::RowCountFits, what);
    }
    check_ids(&rows, sheet.next_row_id, findings);
    let columns = audit.columns().await?;
    check_columns(&columns, sheet.next_column_id, findings);
    Ok(Stored { rows, columns })
}

fn check_ids(rows: &[Range<i64>], next: i64, findings: &mut Findings<'_>) {
    let mut sorted: Vec<&Range<i64>> = rows.iter().collect();
    sorted.sort_unstable_by_key(|ids| ids.start);
    for pair in sorted.windows(2) {
        if pair[1].start < pair[0].end {
            let last = pair[0].end.min(pair[1].end) - 1;
            let what = format!("rows {} to {last} stand in the order twice", pair[1].start);
            findings.add(Rule::SpansDoNotOverlap, what);
        }
    }
    for ids in rows {
        if ids.is_empty() || ids.start < 1 {
            let what = format!("a span from row {} to {} is none", ids.start, ids.end - 1);
            findings.add(Rule::SpansDoNotOverlap, what);
        } else if ids.end > next {
            let what = format!(
                "row {} stands in the order, and the next new row would be {next}",
                ids.end - 1
            );
            findings.add(Rule::CountersPastIds, what);
        }
    }
}

fn check_columns(columns: &[AuditedColumn], next: i64, findings: &mut Findings<'_>) {
    for (place, column) in (0..).zip(columns) {
        if column.position != place {
            let what = format!("column {} stands at {}, not {place}", column.id, column.position);
            findings.add(Rule::ColumnsAreThoseOfTheLog, what);
        }
        if column.id < 1 || column.id >= next {
            let what = format!("column {} is there, and the next would be {next}", column.id);
            findings.add(Rule::CountersPastIds, what);
        }
    }
}

/// Compares it with where the log leads to.
pub(super) fn compare(
    stored: &Stored,
    sheet: &AuditedSheet,
    state: &At,
    findings: &mut Findings<'_>,
) {
    let log = rows_of(&state.order);
    let tables = joined(stored.rows.iter().cloned());
    if let Some(difference) = first_difference(&log, &tables) {
        let what = format!("the spans are not where the log leads to: {difference}");
        findings.add(Rule::RowOrderIsThatOfTheLog, what);
    }
    if !same_columns(&stored.columns, state.order.columns()) {
        let what = format!(
            "the columns are {}, the log leads to {}",
            listed(stored.columns.iter().map(|column| (column.id, &*column.name))),
            listed(state.order.columns().iter().map(|column| (column.id.0 as i64, &*column.name))),
        );
        findings.add(Rule::ColumnsAreThoseOfTheLog, what);
    }
    let counters = [
        ("row", sheet.next_row_id, state.next_row_id),
        ("column", sheet.next_column_id, state.next_column_id),
    ];
    for (line, next, given) in counters {
        if u64::try_from(next).is_ok_and(|next| next < given) {
            let what =
                format!("the next new {line} would be {next}; up to {} are given", given - 1);
            findings.add(Rule::CountersPastIds, what);
        }
    }
}

/// The ids of a sheet's rows in their order.
pub(super) fn rows_of(order: &SheetState) -> Vec<Range<i64>> {
    // Validated: ids that Postgres holds are no larger.
    joined(order.row_ids().into_iter().map(|ids| ids.start as i64..ids.end as i64))
}

/// Ranges that follow each other as one.
pub(super) fn joined(ranges: impl Iterator<Item = Range<i64>>) -> Vec<Range<i64>> {
    let mut joined: Vec<Range<i64>> = Vec::new();
    for ids in ranges {
        match joined.last_mut() {
            Some(last) if last.end == ids.start => last.end = ids.end,
            _ => joined.push(ids),
        }
    }
    joined
}

/// Where two orders part, in words.
pub(super) fn first_difference(log: &[Range<i64>], tables: &[Range<i64>]) -> Option<String> {
    let mut position = 0;
    for at in 0..log.len().max(tables.len()) {
        let (there, here) = (log.get(at), tables.get(at));
        if there == here {
            position += there.map_or(0, |ids| ids.end - ids.start);
            continue;
        }
        // Of two runs that begin alike, the shorter one does not yet decide the position after it.
        if let (Some(there), Some(here)) = (there, here)
            && there.start == here.start
        {
            position += (there.end - there.start).min(here.end - here.start);
        }
        let name = |ids: Option<&Range<i64>>| match ids {
            Some(ids) => format!("rows {} to {}", ids.start, ids.end - 1),
            None => "the end".to_owned(),
        };
        return Some(format!(
            "around position {position} the log has {}, the table {}",
            name(there),
            name(here)
        ));
    }
    None
}

fn same_columns(stored: &[AuditedColumn], log: &[ColumnRecord]) -> bool {
    stored.len() == log.len()
        && stored.iter().zip(log).all(|(stored, log)| {
            stored.id == log.id.0 as i64
                && *stored.name == *log.name
                && stored.kind == store::kind_name(log.kind)
                && stored.width == log.width.map(i64::from)
                && *stored.settings == *log.settings
        })
}

/// Not all of a wide sheet.
fn listed<'a>(columns: impl Iterator<Item = (i64, &'a str)>) -> String {
    const LISTED: usize = 12;
    let mut text: Vec<String> =
        columns.take(LISTED + 1).map(|(id, name)| format!("{id} {name:?}")).collect();
    if text.len() > LISTED {
        text[LISTED] = "...".to_owned();
    }
    format!("[{}]", text.join(", "))
}
