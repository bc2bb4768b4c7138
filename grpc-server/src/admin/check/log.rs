//! The operation log: each change alone, and the sheet that all of them make from the floor on.
//!
//! A change that can't be read or does not fit ends the replay, since the changes after it can't be judged;
//! those are still checked one by one.
//!
//! Not what a single change must satisfy: see `replay`. Invariant: one pass over the log, page by page.

mod replay;

use std::sync::Arc;

use ot_engine::Revision;

use super::Findings;
use super::order;
use super::overwritten::Overwritten;
use super::replayed::{At, Replayed};
use crate::admin::finding::{Rule, SheetReport};
use model::{ColumnRecord, Order};
use replay::Replay;
use sheet::state::SheetState;
use store::{Audit, AuditedSheet, StoreError};

/// Findings of one query.
const ASKED: u32 = 100;

/// Reads the log from the floor to the head.
pub(super) async fn replay(
    audit: &Audit,
    sheet: &AuditedSheet,
    report: &mut SheetReport,
    findings: &mut Findings<'_>,
) -> Result<Replayed, StoreError> {
    let checkpoints = audit.checkpoints().await?;
    let floor = floor(audit, sheet, &checkpoints, findings).await?;
    report.floor = floor;
    let state = match checkpoints.first() {
        Some(first) => begin(audit, *first, findings).await?,
        None => None,
    };
    let mut replay = Replay::new(sheet, floor, state);
    let mut overwritten = Overwritten::new(floor);
    let mut noted = checkpoints.iter().skip(1).peekable();
    // The log also keeps the change that made the floor.
    let mut after = floor.saturating_sub(1).max(0);
    loop {
        let page = audit.changes(after).await?;
        let Some(last) = page.last() else { break };
        after = last.revision;
        for change in &page {
            if let Some(commit) = replay.take(change, findings) {
                overwritten.compare(audit, sheet, commit, findings).await?;
            }
            while noted.peek().is_some_and(|at| **at < change.revision) {
                noted.next();
            }
            if let (Some(at), Some(state)) =
                (noted.next_if_eq(&&change.revision), replay.state.as_ref())
            {
                compare_checkpoint(audit, *at, state, findings).await?;
                report.checkpoints += 1;
            }
        }
    }
    if let Some(commit) = replay.finish(findings) {
        overwritten.compare(audit, sheet, commit, findings).await?;
    }
    overwritten.rest(audit, sheet, findings).await?;
    (report.changes, report.overwritten) = (replay.changes, overwritten.count);
    report.checkpoints += u64::from(!checkpoints.is_empty());
    Ok(Replayed { state: replay.state, written: replay.written })
}

/// The oldest revision that the history still holds.
async fn floor(
    audit: &Audit,
    sheet: &AuditedSheet,
    checkpoints: &[i64],
    findings: &mut Findings<'_>,
) -> Result<i64, StoreError> {
    let pruned = audit.pruned().await?;
    let Some(floor) = checkpoints.first().copied() else {
        findings.add(Rule::FloorIsNoted, "no order is noted, so the history has no beginning");
        return Ok(pruned.map_or(0, |pruned| pruned.floor));
    };
    if let Some(pruned) = pruned {
        if pruned.floor != floor {
            let what = format!(
                "history was pruned up to {}, and the oldest noted order is that of {floor}",
                pruned.floor
            );
            findings.at(floor, Rule::FloorIsNoted, what);
        }
        if pruned.bodies_floor > pruned.floor || pruned.bodies_floor < 0 {
            let what = format!(
                "bodies of deleted rows are gone up to {}, beyond the floor",
                pruned.bodies_floor
            );
            findings.at(floor, Rule::FloorIsNoted, what);
        }
    }
    for at in checkpoints.iter().filter(|at| !(0..=sheet.head).contains(*at)) {
        let what = format!("an order is noted there, and the head is {}", sheet.head);
        findings.at(*at, Rule::CheckpointsFit, what);
    }
    Ok(floor)
}

/// The sheet at the floor.
async fn begin(
    audit: &Audit,
    floor: i64,
    findings: &mut Findings<'_>,
) -> Result<Option<At>, StoreError> {
    let Some(order) = noted(audit, floor, findings).await? else { return Ok(None) };
    let (next_row_id, next_column_id) = (order.next_row_id.0, order.next_column_id.0);
    let beyond = order.spans.iter().any(|span| {
        span.start.0 < 1 || span.start.0.saturating_add(u64::from(span.length)) > next_row_id
    });
    let columns = order.columns.iter().any(|column| column.id.0 >= next_column_id);
    if beyond || columns {
        findings.at(floor, Rule::CheckpointsFit, "the noted order has ids that were never given");
    }
    match SheetState::at(order) {
        Ok(order) => Ok(Some(At { order, next_row_id, next_column_id })),
        Err(error) => {
            findings.at(floor, Rule::CheckpointsFit, format!("the noted order: {error}"));
            Ok(None)
        }
    }
}

async fn noted(
    audit: &Audit,
    at: i64,
    findings: &mut Findings<'_>,
) -> Result<Option<Order>, StoreError> {
    match audit.checkpoint(at).await? {
        Some(Ok(order)) => Ok(Some(order)),
        Some(Err(error)) => {
            findings.at(
                at,
                Rule::CheckpointsFit,
                format!("the noted order can't be read: {error}"),
            );
            Ok(None)
        }
        None => Ok(None),
    }
}

/// Whether columns are those of a noted order, as far as it knows their settings.
fn are_noted(noted: &Order, columns: &[ColumnRecord]) -> bool {
    let is_noted = |(of_order, column): (&ColumnRecord, &ColumnRecord)| {
        let is_unknown = !noted.knows_settings && of_order.settings.is_empty();
        let settings = if is_unknown { &column.settings } else { &of_order.settings };
        ColumnRecord { settings: Arc::clone(settings), ..of_order.clone() } == *column
    };
    noted.columns.len() == columns.len() && noted.columns.iter().zip(columns).all(is_noted)
}

/// Compares a noted order with the replayed one at the same revision.
async fn compare_checkpoint(
    audit: &Audit,
    at: i64,
    state: &At,
    findings: &mut Findings<'_>,
) -> Result<(), StoreError> {
    let Some(noted) = noted(audit, at, findings).await? else { return Ok(()) };
    let noted_rows = noted.spans.iter().map(|span| {
        let start = i64::try_from(span.start.0).unwrap_or(i64::MAX);
        start..start.saturating_add(i64::from(span.length))
    });
    let (log, noted_rows) = (order::rows_of(&state.order), order::joined(noted_rows));
    if let Some(difference) = order::first_difference(&log, &noted_rows) {
        let what = format!("the noted order is not the one that the log makes: {difference}");
        findings.at(at, Rule::CheckpointsFit, what);
    }
    if !are_noted(&noted, state.order.columns()) {
        findings.at(at, Rule::CheckpointsFit, "the noted columns are not those of the log");
    }
    if noted.next_row_id.0 < state.next_row_id || noted.next_column_id.0 < state.next_column_id {
        findings.at(at, Rule::CheckpointsFit, "the noted counters are not past all ids");
    }
    Ok(())
}

/// Checks that no two edits of a client have the same number.
pub(super) async fn names(
    audit: &Audit,
    sheet: &AuditedSheet,
    findings: &mut Findings<'_>,
) -> Result<(), StoreError> {
    let head = Revision(u64::try_from(sheet.head).unwrap_or_default());
    let in_log = audit.repeated_names(ASKED).await?;
    let past = audit.past_names(head, ASKED).await?;
    for name in in_log.iter().chain(&past) {
        let what = format!(
            "edit {} of client {:032x}, which had made edit {} at revision {}",
            name.sequence, name.client.0, name.earlier, name.earlier_revision
        );
        findings.at(name.revision, Rule::EditNamesUnique, what);
    }
    Ok(())
}
