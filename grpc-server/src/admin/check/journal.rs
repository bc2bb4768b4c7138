//! The journal beside the tables: the changes that it holds continue where the tables end.
//!
//! Not the journal's own files: the crate `journal` reads those.
//!
//! Invariant: a change that is both in the journal and in the tables is the same in both.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Findings;
use crate::admin::finding::Rule;
use journal::Inspection;
use model::{Entry, SheetId};
use sheet::durability::lineage;
use sheet::open_error::OpenError;
use store::{Store, StoreError};

/// The changes of a journal that may not be in the tables yet. Its lock keeps servers out meanwhile.
#[derive(Debug)]
pub struct JournalTail {
    sheets: FxHashMap<SheetId, Vec<Arc<Entry>>>,
    _inspection: Inspection,
}

impl JournalTail {
    /// Takes the changes out of what was read of the journal.
    #[must_use]
    pub fn new(mut inspection: Inspection) -> Self {
        let sheets = inspection.tails.drain(..).collect();
        Self { sheets, _inspection: inspection }
    }
}

/// Checks that the journal's changes of a sheet continue its history; returns how many are beyond its
/// head.
pub(super) async fn check(
    store: &Store,
    journal: &JournalTail,
    sheet: SheetId,
    findings: &mut Findings<'_>,
) -> Result<u64, StoreError> {
    let Some(tail) = journal.sheets.get(&sheet) else { return Ok(0) };
    let record = match store.load_sheet(sheet).await {
        Ok(Some(record)) => record,
        // The sheet has just been deleted, or it can't be read, which is a finding already.
        Ok(None) | Err(StoreError::Corrupt(_)) => return Ok(0),
        Err(error) => return Err(error),
    };
    match lineage::check(store, &record, tail).await {
        Ok(()) => {}
        Err(OpenError::Store(error)) if error.is_unavailable() => {
            return Err(StoreError::Unavailable(error.to_string()));
        }
        Err(OpenError::Split { journal, committed, difference }) => {
            let at = i64::try_from(journal.0).unwrap_or(i64::MAX);
            let what = format!(
                "the journal continues there, the tables end at {committed}, and {difference}"
            );
            findings.at(at, Rule::JournalJoins, what);
        }
        Err(error) => findings.add(Rule::JournalJoins, error.to_string()),
    }
    Ok(tail.iter().filter(|entry| entry.revision > record.head).count() as u64)
}

/// Finds sheets that only the journal holds.
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
            findings.add(Rule::JournalJoins, what);
        }
    }
    Ok(())
}
