//! Flushes the tail of a sheet to Postgres without opening the sheet: the entries that a node holds in memory when
//! the journal is lost, and those that a former journal has left.
//!
//! Several nodes flush the same entries at the same time, and each entry is committed once: batches are
//! conditional, and a node that comes later finds them committed.
//!
//! Not here: which entries these are (the nodes' epochs). Invariant: only entries that continue the history in
//! Postgres are written.

use std::sync::Arc;

use super::committer::Committers;
use super::lineage;
use crate::open_error::OpenError;
use crate::ports::journal::JournalError;
use crate::ports::storage::Storage;
use crate::state::{Misfit, SheetState};
use model::{Entry, SheetId};

/// Attempts to read the sheet while other nodes commit it.
const ATTEMPTS: u32 = 100;

/// Commits entries of a sheet, oldest first, as far as Postgres lacks them.
///
/// # Errors
/// [`OpenError::Store`] when Postgres is away; [`OpenError::SetAside`] when it refuses one of them;
/// [`OpenError::Split`] and [`OpenError::Misfit`] when they do not continue its history.
pub async fn flush(
    storage: &dyn Storage,
    committers: &Committers,
    sheet: SheetId,
    entries: &[Arc<Entry>],
) -> Result<(), OpenError> {
    for _ in 0..ATTEMPTS {
        let Some(record) = storage.load_sheet(sheet).await? else { return Ok(()) };
        if let Some(reason) = record.set_aside {
            return Err(OpenError::SetAside(reason));
        }
        let known = entries.partition_point(|entry| entry.revision <= record.head);
        // The last entry that Postgres has shows whether it is the same history.
        let tail = &entries[known.saturating_sub(1)..];
        if !lineage::fits(storage, &record, tail).await? {
            continue;
        }
        let rest = &entries[known..];
        let Some(last) = rest.last() else { return Ok(()) };
        let mut state = SheetState::new(&record).map_err(Misfit::from)?;
        let committer = committers.start(sheet, record.head);
        for entry in rest {
            committer.push(entry.clone(), state.apply(entry)?);
        }
        let mut committed = committer.watch_committed();
        // An error when another node has committed a part of them: then they are compared again.
        if committed.wait_for(|committed| *committed >= last.revision).await.is_ok() {
            return Ok(());
        }
    }
    Err(JournalError::Gap.into())
}
