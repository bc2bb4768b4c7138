//! Parks what the journal holds of a sheet that can't go on, so that nobody else is held up.
//!
//! Two kinds of sheets can't go on: one that is set aside, because Postgres refuses a change that was
//! accepted, and one whose journal and Postgres hold different histories. The first is parked when
//! anybody tries to open it; the second when its owner deletes it or the operator says so.
//!
//! Invariant: a change leaves the journal only when it is parked in Postgres.

use std::sync::Arc;

use ot_engine::Revision;

use crate::open_error::OpenError;
use crate::shared::Shared;
use journal::{self, JournalError, TakenUp};
use model::{Entry, Parked, SheetId};
use store::StoreError;

/// How often it is begun anew because other nodes append to the sheet.
const ATTEMPTS: u32 = 100;

/// Parks what the journal holds after revision `after` of a sheet that Postgres has at `head`; answers how
/// many changes that were. What it holds up to there is in Postgres and is forgotten.
///
/// # Errors
/// [`OpenError::Store`] and [`OpenError::Journal`], when one of them is away; what is parked by then is
/// parked once more by the next attempt, which changes nothing.
pub async fn park(
    shared: &Shared,
    sheet: SheetId,
    head: Revision,
    after: Revision,
) -> Result<usize, OpenError> {
    for _ in 0..ATTEMPTS {
        let noted = shared.journal.tail(sheet);
        let tail = match shared.journal.take_up(sheet, head, noted).await? {
            TakenUp::At(_, tail) => tail,
            TakenUp::Begun(seed) => {
                shared.journal.take_back(sheet, head, seed).await?;
                return Ok(0);
            }
            TakenUp::Again => continue,
        };
        let Some(last) = tail.last() else { return Ok(0) };
        let parked = &tail[tail.partition_point(|entry| entry.revision <= after)..];
        park_entries(shared, sheet, parked).await?;
        if shared.journal.discard_until(sheet, last.revision).await? {
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
    shared: &Shared,
    sheet: SheetId,
    entries: &[Arc<Entry>],
) -> Result<(), StoreError> {
    let mut some = Vec::new();
    let mut bytes = 0;
    for entry in entries {
        let mut body = Vec::new();
        journal::encode_entry(entry, &mut body);
        bytes += body.len();
        let Entry { revision, account, at_micros, .. } = **entry;
        some.push(Parked { revision, account, at_micros, entry: body });
        if bytes >= journal::BATCH_BYTES {
            shared.records.park(sheet, &std::mem::take(&mut some)).await?;
            bytes = 0;
        }
    }
    shared.records.park(sheet, &some).await
}
