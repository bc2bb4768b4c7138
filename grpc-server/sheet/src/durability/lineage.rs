//! Lineage: whether a sheet's journal and Postgres hold one history. They differ when the operator restores an
//! older database, or starts the server on the data directory of another one.
//!
//! Read only, and checked before the sheet is loaded, committed or forgotten. Not here: a repair. The operator
//! decides which of the two is right, so both stay unchanged.
//!
//! Invariant: where both fit, the entries beyond the head can be applied one by one.

use std::sync::Arc;

use ot_engine::Revision;

use crate::open_error::{Difference, OpenError};
use crate::ports::storage::{Storage, StoreError};
use crate::state::SheetState;
use model::{Entry, SheetRecord};

/// Whether the tail in the journal continues the record. False when another node has written to Postgres since
/// the record was read: then the record must be read again.
///
/// # Errors
/// [`OpenError::Split`]; [`OpenError::Store`] when Postgres does not answer.
pub async fn fits(
    storage: &dyn Storage,
    record: &SheetRecord,
    tail: &[Arc<Entry>],
) -> Result<bool, OpenError> {
    match check(storage, record, tail).await {
        Ok(()) => Ok(true),
        Err(OpenError::Split { .. }) if storage.head(record.id).await? != record.head => Ok(false),
        Err(error) => Err(error),
    }
}

/// Compares the tail of a sheet in the journal with Postgres.
///
/// # Errors
/// As [`fits`].
pub async fn check(
    storage: &dyn Storage,
    record: &SheetRecord,
    tail: &[Arc<Entry>],
) -> Result<(), OpenError> {
    let split = |journal: Revision, difference: Difference| {
        Err(OpenError::Split { journal, committed: record.head, difference })
    };
    let (committed, ahead) =
        tail.split_at(tail.partition_point(|entry| entry.revision <= record.head));
    if let Some(newest) = committed.last()
        && !is_logged(storage, newest).await?
        && !is_pruned(storage, newest).await?
    {
        return split(newest.revision, Difference::OtherChange);
    }
    let Some(next) = ahead.first() else { return Ok(()) };
    if next.revision != record.head.next() {
        return split(next.revision, Difference::Gap);
    }
    // Postgres may have the entry under its own revision by now: a commit of a former server, or of the sheet's
    // former task, may land at any time, also after the record was read.
    let logged = storage.edit(record.id, next.client, next.sequence).await?;
    if logged.is_some_and(|logged| logged.revision != next.revision) {
        return split(next.revision, Difference::OtherPlace);
    }
    match first_unfit(record, ahead)? {
        Some(revision) => split(revision, Difference::Unfit),
        None => Ok(()),
    }
}

/// Whether the operation log holds this entry under its revision.
async fn is_logged(storage: &dyn Storage, entry: &Entry) -> Result<bool, StoreError> {
    let before = Revision(entry.revision.0.saturating_sub(1));
    let logged = storage.changes(entry.sheet, before, 1).await?;
    // No two changes have the same client, sequence, base, account and time in microseconds, so the deltas need
    // no comparison.
    let name = |entry: &Entry| {
        let Entry { revision, client, sequence, base, account, at_micros, .. } = *entry;
        (revision, client, sequence, base, account, at_micros)
    };
    Ok(logged.first().is_some_and(|logged| name(logged) == name(entry)))
}

/// Whether the entry is below the floor of the operation log: then it can't be compared.
async fn is_pruned(storage: &dyn Storage, entry: &Entry) -> Result<bool, StoreError> {
    let floor = storage.history_floor(entry.sheet).await?;
    Ok(floor.is_some_and(|floor| entry.revision < floor))
}

/// The first entry that can't be applied after those before it.
fn first_unfit(record: &SheetRecord, ahead: &[Arc<Entry>]) -> Result<Option<Revision>, OpenError> {
    let mut state = SheetState::new(record).map_err(crate::state::Misfit::from)?;
    let unfit = ahead.iter().find(|entry| state.apply(entry).is_err());
    Ok(unfit.map(|entry| entry.revision))
}
