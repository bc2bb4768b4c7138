//! Opens a sheet: what Postgres has committed, and after it what the journal still holds.
//!
//! The same path serves the first visitor, the recovery after a crash, and the reload after a
//! fault; there is no other way for a sheet to come into memory.

use std::sync::Arc;

use ot_engine::Revision;

use crate::durability::aside;
use crate::durability::lineage;
use crate::history;
use crate::open_error::OpenError;
use crate::ports::journal::{JournalError, Listener, StreamId, TakenUp};
use crate::shared::Shared;
use model::{Entry, SheetId, SheetRecord};

/// Committed changes loaded with a sheet, so that clients that were away for a moment go on.
/// Older ones are read when somebody needs them.
const HISTORY_CHANGES: u64 = 256;

/// How often a sheet is read anew because other nodes were faster.
const ATTEMPTS: u32 = 10;

/// A sheet as Postgres and the journal have it.
pub(crate) struct Loaded {
    pub(crate) record: SheetRecord,
    /// The newest committed changes, oldest first.
    pub(crate) recent: Vec<Arc<Entry>>,
    /// The changes that are in the journal and not in Postgres, oldest first.
    pub(crate) tail: Vec<Arc<Entry>>,
    /// The stream of entries that the sheet appends to.
    pub(crate) stream: StreamId,
    /// What other nodes do with the sheet, from here on.
    pub(crate) listener: Listener,
}

/// Loads a sheet.
///
/// # Errors
/// See [`OpenError`].
pub(crate) async fn load(shared: &Shared, id: SheetId) -> Result<Loaded, OpenError> {
    let (record, stream, mut tail) = take_up(shared, id).await?;
    // The change that made the floor is still there.
    let floor = shared.storage.history_floor(id).await?.unwrap_or_default();
    let after = record.head.0.saturating_sub(HISTORY_CHANGES).max(floor.0.saturating_sub(1));
    let after = Revision(after);
    // A log that is pruned in this moment is no obstacle: then no client can resume from back there.
    let recent = history::older_changes(shared, id, after, record.head).await.unwrap_or_default();
    shared.journal.committed(id, record.head).await;
    let listener = shared.journal.listen(id).await;
    tail.retain(|entry| entry.revision > record.head);
    Ok(Loaded { record, recent, tail, stream, listener })
}

/// What Postgres has of a sheet, and what the journal has beyond it.
async fn take_up(
    shared: &Shared,
    id: SheetId,
) -> Result<(SheetRecord, StreamId, Vec<Arc<Entry>>), OpenError> {
    for _ in 0..ATTEMPTS {
        // Before the record: a former task's committer may still get further, and then forgets what
        // it has committed. This way no entry is missed, only some are seen twice.
        let noted = shared.journal.tail(id);
        let record = shared.storage.load_sheet(id).await?.ok_or(OpenError::NotFound)?;
        if record.deleted_micros.is_some() {
            return Err(OpenError::NotFound);
        }
        if let Some(reason) = record.set_aside {
            aside::park(&*shared.storage, &shared.journal, id, record.head, record.head).await?;
            return Err(OpenError::SetAside(reason));
        }
        let (seed, tail) = match shared.journal.take_up(id, record.head, noted).await? {
            TakenUp::At(seed, tail) => (seed, tail),
            TakenUp::Begun(seed) if shared.storage.head(id).await? == record.head => {
                (seed, Vec::new())
            }
            TakenUp::Begun(seed) => {
                shared.journal.take_back(id, record.head, seed).await?;
                continue;
            }
            TakenUp::Again => continue,
        };
        if lineage::fits(&*shared.storage, &record, &tail).await? {
            return Ok((record, seed, tail));
        }
    }
    Err(JournalError::Gap.into())
}
