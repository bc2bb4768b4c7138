//! The journal beside the tables: what it holds goes on where they end.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Findings;
use crate::admin::finding::Rule;
use journal::Inspection;
use model::{Entry, SheetId};
use sheet::durability::lineage;
use sheet::open_error::OpenError;
use store::{Store, StoreError};

/// What a journal holds that may not be in the tables yet. No server opens it while this lives.
#[derive(Debug)]
pub struct JournalTail {
    sheets: FxHashMap<SheetId, Vec<Arc<Entry>>>,
    _inspection: Inspection,
}

impl JournalTail {
    /// From what was read of it.
    #[must_use]
    pub fn new(mut inspection: Inspection) -> Self {
        let sheets = inspection.tails.drain(..).collect();
        Self { sheets, _inspection: inspection }
    }
}

/// Whether what the journal has of a sheet belongs to it; gives the number of changes beyond its head.
pub(super) async fn joins(
    store: &Store,
    journal: &JournalTail,
    sheet: SheetId,
    findings: &mut Findings<'_>,
) -> Result<u64, StoreError> {
    let Some(tail) = journal.sheets.get(&sheet) else { return Ok(0) };
    let record = match store.load_sheet(sheet).await {
        Ok(Some(record)) => record,
        // It was deleted in this moment, or can't be read, which was told.
        Ok(None) | Err(StoreError::Corrupt(_)) => return Ok(0),
        Err(error) => return Err(error),
    };
    match lineage::check(store, &record, tail).await {
        Ok(()) => {}
        Err(OpenError::Store(error)) if error.is_unavailable() => return Err(error),
        Err(OpenError::Split { journal, committed, difference }) => {
            let at = i64::try_from(journal.0).unwrap_or(i64::MAX);
            let what = format!(
                "the journal goes on there, the tables end at {committed}, and {difference}"
            );
            findings.at(at, Rule::JournalJoins, what);
        }
        Err(error) => findings.tell(Rule::JournalJoins, error.to_string()),
    }
    Ok(tail.iter().filter(|entry| entry.revision > record.head).count() as u64)
}

/// Sheets that only the journal knows.
pub(super) async fn strangers(
    store: &Store,
    journal: &JournalTail,
    findings: &mut Findings<'_>,
) -> Result<(), StoreError> {
    for (sheet, tail) in &journal.sheets {
        if store.sheet_summary(*sheet).await?.is_none() && !store.is_purged(*sheet).await? {
            let what = format!(
                "the journal has {} changes of {sheet}, which the database does not know",
                tail.len()
            );
            findings.tell(Rule::JournalJoins, what);
        }
    }
    Ok(())
}
