//! Changes that are no longer in the sequencer's memory: from the journal while they are not committed, and from
//! the operation log in Postgres.
//!
//! Read only. Not here: the order of new changes (`ordering`). Invariant: the changes are revisions without
//! gaps.

use std::sync::Arc;

use ot_engine::{AxisDelta, Entry as HistoryEntry, Revision, Size};

use crate::refusal::Refusal;
use crate::shared::Shared;
use model::{Entry, SheetId};

/// Changes in one read of the operation log.
const PAGE_CHANGES: u32 = 5_000;

/// The changes after `after`, up to and with `until`.
///
/// # Errors
/// [`Refusal::Unavailable`] when Postgres is needed and away, [`Refusal::Compacted`] when the log no longer has
/// all of them, or when they take more than `bytes_most` in memory.
pub(crate) async fn older_changes(
    shared: &Shared,
    sheet: SheetId,
    after: Revision,
    until: Revision,
    bytes_most: usize,
) -> Result<Vec<Arc<Entry>>, Refusal> {
    let journaled = shared.journal.tail(sheet);
    let committed_until = journaled.first().map_or(until, |first| Revision(first.revision.0 - 1));
    let mut changes: Vec<Arc<Entry>> = Vec::new();
    let (mut at, mut bytes) = (after, 0);
    while at < until.min(committed_until) {
        let page = shared.storage.changes(sheet, at, PAGE_CHANGES).await.map_err(|error| {
            tracing::warn!(%sheet, %error, "older changes not read");
            Refusal::Unavailable("Postgres")
        })?;
        let Some(last) = page.last() else { break };
        at = last.revision;
        bytes += page.iter().map(Entry::bytes).sum::<usize>();
        if bytes > bytes_most {
            return Err(Refusal::Compacted { oldest: until });
        }
        changes.extend(page.into_iter().filter(|entry| entry.revision <= until).map(Arc::new));
    }
    let last = changes.last().map_or(after, |entry| entry.revision);
    changes.extend(journaled.into_iter().filter(|e| e.revision > last && e.revision <= until));
    let complete = changes.iter().zip(after.0 + 1..).all(|(entry, at)| entry.revision.0 == at)
        && changes.len() as u64 == until.0.saturating_sub(after.0);
    if complete { Ok(changes) } else { Err(Refusal::Compacted { oldest: until }) }
}

/// Entries of the log in the sequencer's form; `size_after` is the sheet's size after the last.
pub(crate) fn entries(log: &[Arc<Entry>], size_after: Size) -> Vec<Arc<HistoryEntry>> {
    let mut size = size_after;
    let mut entries: Vec<Arc<HistoryEntry>> = Vec::with_capacity(log.len());
    for entry in log.iter().rev() {
        size = Size {
            rows: length_before(&entry.delta.rows, size.rows),
            cols: length_before(&entry.delta.cols, size.cols),
        };
        entries.push(entry_after(entry, size));
    }
    entries.reverse();
    entries
}

/// The length of an axis before a delta that made it `after` lines long.
fn length_before(delta: &AxisDelta, after: u32) -> u32 {
    delta.inverse().len_after(after)
}

/// An entry of the log in the sequencer's form, given the sheet's size before it.
pub(crate) fn entry_after(entry: &Entry, size_before: Size) -> Arc<HistoryEntry> {
    Arc::new(HistoryEntry {
        revision: entry.revision,
        client: entry.client,
        sequence: entry.sequence,
        delta: entry.delta.clone(),
        conflicts: entry.conflicts.clone(),
        size_before,
    })
}

#[cfg(test)]
mod tests;
