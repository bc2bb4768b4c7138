//! Parks the journal's entries of a sheet that can't be committed, so that they delay no other sheet.
//!
//! Two kinds of sheets can't be committed: one that is set aside, because Postgres refuses an accepted change,
//! and one whose journal and Postgres hold different histories. The first is parked by the next attempt to
//! open it; the second when its owner deletes it, or by the operator's command.
//!
//! Not here: which sheets these are (`core`, `lineage`). Invariant: an entry leaves the journal only when it is
//! parked in Postgres.

use std::sync::Arc;

use ot_engine::Revision;

use crate::open_error::OpenError;
use crate::ports::journal::{BATCH_BYTES, Journal, JournalError, OpenedStream, encode_entry};
use crate::ports::storage::{Storage, StoreError};
use model::{Entry, Parked, SheetId};

/// Attempts to read the journal while other nodes append to the sheet.
const ATTEMPTS: u32 = 100;

/// Parks the journal's entries after revision `after` of a sheet that Postgres has at `head`, and returns
/// their number. Entries up to `after` are in Postgres, so the journal forgets them.
///
/// # Errors
/// [`OpenError::Store`] and [`OpenError::Journal`], when one of them is away. The next attempt parks the same
/// entries again, which changes nothing.
pub async fn park(
    storage: &dyn Storage,
    journal: &Journal,
    sheet: SheetId,
    head: Revision,
    after: Revision,
) -> Result<usize, OpenError> {
    for _ in 0..ATTEMPTS {
        let noted = journal.tail(sheet);
        let tail = match journal.open_stream(sheet, head, noted).await? {
            OpenedStream::At(_, tail) => tail,
            OpenedStream::Begun(stream) => {
                journal.withdraw_stream(sheet, head, stream).await?;
                return Ok(0);
            }
            OpenedStream::Again => continue,
        };
        let Some(last) = tail.last() else { return Ok(0) };
        let parked = &tail[tail.partition_point(|entry| entry.revision <= after)..];
        park_entries(storage, sheet, parked).await?;
        if journal.discard_until(sheet, last.revision).await? {
            let changes = parked.len();
            if changes > 0 {
                tracing::warn!(%sheet, changes, last = %last.revision, "changes are parked");
            }
            return Ok(changes);
        }
    }
    Err(JournalError::Gap.into())
}

/// Parks entries of a sheet, as many to a statement as one append may hold.
///
/// # Errors
/// [`StoreError`]
pub async fn park_entries(
    storage: &dyn Storage,
    sheet: SheetId,
    entries: &[Arc<Entry>],
) -> Result<(), StoreError> {
    let mut parked = Vec::new();
    let mut bytes = 0;
    for entry in entries {
        let mut body = Vec::new();
        encode_entry(entry, &mut body);
        bytes += body.len();
        let Entry { revision, account, at_micros, .. } = **entry;
        parked.push(Parked { revision, account, at_micros, entry: body });
        if bytes >= BATCH_BYTES {
            storage.park(sheet, &std::mem::take(&mut parked)).await?;
            bytes = 0;
        }
    }
    storage.park(sheet, &parked).await
}
