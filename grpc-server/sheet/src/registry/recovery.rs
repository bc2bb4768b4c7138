//! Recovery: opens the sheets whose entries are in the journal alone, so that the entries are committed.
//!
//! A server with a journal of its own does so at its start, and one of several servers at intervals. A sheet may be one
//! that can't be opened before its row in Postgres changes: it is deleted, set aside, or holds another history. It is
//! opened once, and then left until its stamp is another one. A sheet that is too large for the memory of this server is
//! committed in parts.
//!
//! Not here: the opening itself (`registry`). Invariant: of a sheet that is left nothing but its stamp is read.

use rustc_hash::FxHashMap;

use super::Registry;
use crate::durability::flush_tail;
use crate::open_error::OpenError;
use crate::ports::storage::SheetStamp;
use model::SheetId;

/// Sheets that are opened at one time.
const OPENED_AT_ONCE: usize = 8;

impl Registry {
    /// Opens every sheet with entries that are in the journal alone, so that they are committed. Returns the number of
    /// sheets that it has tried to open.
    ///
    /// A sheet that can't be opened is logged, and opened again by its next caller.
    pub async fn recover(&self) -> usize {
        let mut waiting = match self.inner.shared.journal.waiting_sheets().await {
            Ok(waiting) => waiting,
            Err(error) => {
                tracing::debug!(%error, "the journal did not list its uncommitted sheets");
                return 0;
            }
        };
        waiting.retain(|id| self.get(*id).is_none());
        // Before the sheets are opened: a change that comes meanwhile shows in the next round.
        let stamps = self.stamps(&waiting).await;
        let left = &self.inner.left;
        left.keep(&waiting.iter().copied().collect(), stamps.as_ref());
        waiting.retain(|id| !left.contains(*id));
        let total = waiting.len();
        while !waiting.is_empty() {
            let some = waiting.split_off(waiting.len().saturating_sub(OPENED_AT_ONCE));
            let opened = some.into_iter().map(|id| async move { (id, self.open(id).await) });
            for (id, result) in futures_util::future::join_all(opened).await {
                if let Err(error) = result {
                    self.not_opened(id, &error, stamps.as_ref()).await;
                }
            }
        }
        total
    }

    /// The stamps of sheets; `None` while Postgres is away.
    async fn stamps(&self, sheets: &[SheetId]) -> Option<FxHashMap<SheetId, SheetStamp>> {
        if sheets.is_empty() {
            return Some(FxHashMap::default());
        }
        let stamps = self.inner.shared.storage.stamps(sheets).await;
        let stamps = stamps
            .inspect_err(|error| tracing::debug!(%error, "the stamps of sheets were not read"));
        Some(stamps.ok()?.into_iter().collect())
    }

    async fn not_opened(
        &self,
        id: SheetId,
        error: &OpenError,
        stamps: Option<&FxHashMap<SheetId, SheetStamp>>,
    ) {
        if error.is_without_memory() {
            return self.commit_in_parts(id).await;
        }
        if error.lasts()
            && let Some(stamps) = stamps
        {
            self.inner.left.insert(id, stamps.get(&id).copied());
        }
        // The entries of a deleted sheet wait until it is restored or purged. Those of one that needs its operator are
        // logged where it was found.
        if !error.needs_operator() && !matches!(error, OpenError::NotFound) {
            tracing::error!(sheet = %id, %error, "sheet not opened; its entries stay in the journal");
        }
    }

    /// Commits the entries of a sheet for which this server has no memory, as many at a time as one read of the journal
    /// returns.
    async fn commit_in_parts(&self, id: SheetId) {
        let shared = &*self.inner.shared;
        let (storage, committers) = (&*shared.storage, shared.committers());
        let parts = async {
            loop {
                let head = storage.head(id).await?;
                let entries = shared.journal.first_entries(id, head).await?;
                if entries.last().is_none_or(|last| last.revision <= head) {
                    return Ok::<_, OpenError>(head);
                }
                flush_tail::flush(storage, &committers, id, &entries).await?;
            }
        };
        match parts.await {
            Ok(head) => {
                tracing::info!(sheet = %id, %head, "sheet too large to be opened here, committed in parts")
            }
            Err(error) => {
                tracing::warn!(sheet = %id, %error, "sheet too large to be opened here, not committed yet")
            }
        }
    }
}

#[cfg(test)]
mod tests;
