//! Checks a database: whether the records of each sheet fit together, and whether the journal continues them.
//!
//! Each sheet is read in one snapshot, so a server may keep writing meanwhile. Read only. The check does not find a
//! value that was replaced by another valid one, where the log no longer holds the change that wrote it.
//!
//! Cost: one pass over each table; memory for the spans and columns of one sheet, the cells of one commit, and a
//! bounded number of cells that were written last.
//!
//! Invariant: a database that only this server has written to, whole at one moment, gives no finding.

mod journal;
mod log;
mod order;
mod overwritten;
mod replayed;
mod rows;
mod written;

use uuid::Uuid;

use super::finding::{Event, Findings, Rule, SheetReport};
pub use journal::JournalTail;
use model::SheetId;
use store::{Audit, AuditedSheet, Store, StoreError};

/// Sheets of one query.
const PAGE_SHEETS: u32 = 100;

/// The totals of a check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// Sheets, deleted ones among them.
    pub sheets: u64,
    /// Changes.
    pub changes: u64,
    /// Bodies of rows.
    pub bodies: u64,
    /// Changes in the journal that the tables do not have yet.
    pub journaled: u64,
    /// Findings.
    pub findings: u64,
}

/// Checks all sheets, or `only` one, and the journal where there is one; reports each finding at once.
///
/// # Errors
/// [`StoreError::Unavailable`]: Postgres did not answer.
pub async fn run(
    store: &Store,
    journal: Option<&JournalTail>,
    only: Option<SheetId>,
    report: &mut (dyn FnMut(Event) + Send),
) -> Result<Summary, StoreError> {
    let mut summary = Summary::default();
    if let Some(sheet) = only {
        check_sheet(store, journal, sheet, &mut summary, report).await?;
        return Ok(summary);
    }
    let mut after = SheetId(Uuid::nil());
    loop {
        let sheets = store.sheet_ids(after, PAGE_SHEETS).await?;
        let Some(last) = sheets.last() else { break };
        after = *last;
        for sheet in sheets {
            check_sheet(store, journal, sheet, &mut summary, report).await?;
        }
    }
    let mut findings = Findings::new(None, report);
    for (table, sheet) in store.strangers().await? {
        let what = format!("the table {table} holds something of {sheet}, which is no sheet");
        findings.add(Rule::NothingIsStray, what);
    }
    if let Some(journal) = journal {
        journal::strangers(store, journal, &mut findings).await?;
    }
    summary.findings += findings.finish();
    Ok(summary)
}

async fn check_sheet(
    store: &Store,
    journal: Option<&JournalTail>,
    id: SheetId,
    summary: &mut Summary,
    report: &mut (dyn FnMut(Event) + Send),
) -> Result<(), StoreError> {
    let mut findings = Findings::new(Some(id), report);
    let audit = store.audit(id).await?;
    let Some(sheet) = audit.sheet().await? else {
        findings.add(Rule::SheetExists, "there is no such sheet");
        summary.findings += findings.finish();
        return Ok(());
    };
    let mut checked = tables(&audit, id, sheet, &mut findings).await?;
    drop(audit);
    if let Some(journal) = journal {
        checked.journaled = journal::check(store, journal, id, &mut findings).await?;
    }
    checked.findings = findings.finish();
    summary.sheets += 1;
    summary.changes += checked.changes;
    summary.bodies += checked.bodies;
    summary.journaled += checked.journaled;
    summary.findings += checked.findings;
    report(Event::Sheet(checked));
    Ok(())
}

async fn tables(
    audit: &Audit,
    id: SheetId,
    sheet: AuditedSheet,
    findings: &mut Findings<'_>,
) -> Result<SheetReport, StoreError> {
    let mut report = SheetReport {
        sheet: id.to_string(),
        name: sheet.name.clone(),
        floor: 0,
        head: sheet.head,
        changes: 0,
        checkpoints: 0,
        rows: sheet.row_count,
        bodies: 0,
        overwritten: 0,
        journaled: 0,
        findings: 0,
    };
    let stored = order::stored(audit, &sheet, findings).await?;
    let replayed = log::replay(audit, &sheet, &mut report, findings).await?;
    if let Some(state) = &replayed.state {
        order::compare(&stored, &sheet, state, findings);
    }
    rows::check(audit, &sheet, replayed.written, &mut report, findings).await?;
    log::names(audit, &sheet, findings).await?;
    Ok(report)
}
