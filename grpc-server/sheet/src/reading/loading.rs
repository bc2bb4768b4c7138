//! Loads a sheet: its record in Postgres, and the journal's entries beyond the head of that record.
//!
//! The first open, the recovery after a crash and the reload after a fault use this path; there is no other.
//! Not here: the task (`actor`), and the comparison of journal and Postgres (`durability::lineage`).
//!
//! Invariant: the entries of the tail continue the record's head without a gap.

use std::sync::Arc;

use ot_engine::Revision;

use crate::durability::aside;
use crate::durability::lineage;
use crate::open_error::OpenError;
use crate::ports::journal::{JournalError, Listener, OpenedStream, StreamId};
use crate::reading::history;
use crate::shared::Shared;
use model::sizes::HISTORY_BYTES;
use model::{Entry, SheetId, SheetRecord};

/// Committed changes that are loaded with a sheet, so that clients that were away for a moment resume from
/// memory. Older ones are read when a client needs them.
const HISTORY_CHANGES: u64 = 256;

/// Attempts to load a sheet while other nodes commit it or append to it.
const ATTEMPTS: u32 = 10;

/// A sheet from Postgres and the journal.
pub(crate) struct Loaded {
    pub(crate) record: SheetRecord,
    /// The newest committed changes, oldest first.
    pub(crate) recent: Vec<Arc<Entry>>,
    /// The entries that are in the journal and not in Postgres, oldest first.
    pub(crate) tail: Vec<Arc<Entry>>,
    /// The stream of entries that the sheet appends to.
    pub(crate) stream: StreamId,
    /// The events of other nodes from now on.
    pub(crate) listener: Listener,
}

/// Loads a sheet.
///
/// # Errors
/// [`OpenError`]
pub(crate) async fn load(shared: &Shared, id: SheetId) -> Result<Loaded, OpenError> {
    let (record, stream, mut tail) = read(shared, id).await?;
    // The log still has the change of the floor itself.
    let floor = shared.storage.history_floor(id).await?.unwrap_or_default();
    let after = record.head.0.saturating_sub(HISTORY_CHANGES).max(floor.0.saturating_sub(1));
    let after = Revision(after);
    // Where the log is pruned meanwhile, no client can resume from those revisions, so an error is harmless.
    let recent = history::older_changes(shared, id, after, record.head, HISTORY_BYTES)
        .await
        .unwrap_or_default();
    shared.journal.committed(id, record.head).await;
    let listener = shared.journal.listen(id).await;
    tail.retain(|entry| entry.revision > record.head);
    Ok(Loaded { record, recent, tail, stream, listener })
}

/// The record of a sheet, its stream in the journal, and the entries beyond the record.
async fn read(
    shared: &Shared,
    id: SheetId,
) -> Result<(SheetRecord, StreamId, Vec<Arc<Entry>>), OpenError> {
    for _ in 0..ATTEMPTS {
        // Before the record: the committer of a former task may still commit entries, and then the journal
        // forgets them. In this order no entry is missed, and some are read twice.
        let noted = shared.journal.tail(id);
        let record = shared.storage.load_sheet(id).await?.ok_or(OpenError::NotFound)?;
        if record.deleted_micros.is_some() {
            return Err(OpenError::NotFound);
        }
        if let Some(reason) = record.set_aside {
            aside::park(&*shared.storage, &shared.journal, id, record.head, record.head).await?;
            return Err(OpenError::SetAside(reason));
        }
        let (stream, tail) = match shared.journal.open_stream(id, record.head, noted).await? {
            OpenedStream::At(stream, tail) => (stream, tail),
            OpenedStream::Begun(stream) if shared.storage.head(id).await? == record.head => {
                (stream, Vec::new())
            }
            OpenedStream::Begun(stream) => {
                shared.journal.withdraw_stream(id, record.head, stream).await?;
                continue;
            }
            OpenedStream::Again => continue,
        };
        if lineage::fits(&*shared.storage, &record, &tail).await? {
            return Ok((record, stream, tail));
        }
    }
    Err(JournalError::Gap.into())
}
