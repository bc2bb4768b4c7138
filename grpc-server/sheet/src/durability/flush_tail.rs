//! Brings to Postgres what is known of a sheet beyond it, without opening it: what a node holds in
//! memory when the journal is lost, and what a former journal has left.
//!
//! Several nodes do this with the same entries at the same time, and it is done once: batches are
//! conditional, and whoever comes too late finds them there. Invariant: nothing is written that does not
//! go on from what Postgres has.

use std::sync::Arc;

use crate::durability::lineage;
use crate::open_error::OpenError;
use crate::shared::Shared;
use crate::state::{Misfit, SheetState};
use model::{Entry, SheetId};

/// How often it is begun anew because others were faster.
const ATTEMPTS: u32 = 100;

/// Commits entries of a sheet, oldest first, as far as Postgres lacks them.
///
/// # Errors
/// [`OpenError::Store`] when Postgres is away; [`OpenError::SetAside`] when it refuses one of them;
/// [`OpenError::Split`] and [`OpenError::Misfit`] when they do not go on from what it has.
pub async fn drain(
    shared: &Shared,
    sheet: SheetId,
    entries: &[Arc<Entry>],
) -> Result<(), OpenError> {
    for _ in 0..ATTEMPTS {
        let Some(record) = shared.records.load_sheet(sheet).await? else { return Ok(()) };
        if let Some(reason) = record.set_aside {
            return Err(OpenError::SetAside(reason));
        }
        let known = entries.partition_point(|entry| entry.revision <= record.head);
        // The last one that Postgres has shows whether it is the same history.
        let tail = &entries[known.saturating_sub(1)..];
        if !lineage::fits(&*shared.records, &record, tail).await? {
            continue;
        }
        let rest = &entries[known..];
        let Some(last) = rest.last() else { return Ok(()) };
        let mut state = SheetState::new(&record).map_err(Misfit::from)?;
        let committer = shared.committer(sheet, record.head);
        for entry in rest {
            committer.push(entry.clone(), state.apply(entry)?);
        }
        let mut committed = committer.watch_committed();
        // Ends without having got there when somebody else was faster.
        if committed.wait_for(|committed| *committed >= last.revision).await.is_ok() {
            return Ok(());
        }
    }
    Err(journal::JournalError::Gap.into())
}
