//! How long history is kept, and the run that deletes the older part, sheet by sheet. A recurring job starts it.
//!
//! A sheet's *floor* is the oldest revision that can be read. A run raises it to what is to be kept and
//! deletes the changes below it. Once no accepted edit can still restore them, it deletes the bodies of
//! rows that were deleted before. Sheets that were deleted long ago are deleted whole.
//!
//! Not a part of any open sheet: what a sheet holds in memory stays there, so connected clients notice
//! nothing. Invariants: the floor rises before anything is deleted, so a read of an older revision
//! beside it is complete or refused as compacted; the next run completes one that stops anywhere.

use std::time::Duration;

use ot_engine::Revision;
use uuid::Uuid;

use model::SheetId;
use sheet::Registry;
use sheet::fanout::session::EndReason;
use sheet::time_travel::floor::{dead_rows, order_at};
use sheet::time_travel::snapshot::SnapshotError;
use store::{DueSheet, Kept, Store, StoreError};

/// How long a floor stands before bodies below it are deleted. An undo or a restore that was looked up when they
/// could still be restored has been accepted, or refused, long before.
const FLOOR_STANDS: Duration = Duration::from_secs(5 * 60);
/// How long a run waits until the accepted edits of an open sheet are committed; else the next run deletes.
const COMMITTED_WITHIN: Duration = Duration::from_secs(10);
/// How long the client and number of an edit stay known at least, so that the edit can be sent again. Each unary
/// edit has a client of its own, so this bounds the rows of `past_clients` of a busy sheet.
const NAMES_KEPT: Duration = Duration::from_secs(DAY_SECONDS);
/// How long a deleted sheet can be restored.
const DELETED_KEPT: Duration = Duration::from_secs(30 * DAY_SECONDS);
const DAY_SECONDS: u64 = 24 * 60 * 60;
/// Sheets whose pruning Postgres may fail before a run gives up.
const FAILURES_MOST: u32 = 3;
/// Sheets that one query returns.
const PAGE_SHEETS: u32 = 100;

/// The kept history of each sheet: the changes that both limits keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Changes that are no older than this many days; 0: of any age.
    pub days: u32,
    /// This many of the newest changes; 0: any number.
    pub changes: u32,
    /// Sessions that ended no longer ago than this many days; 0: at any time.
    pub session_days: u32,
}

impl Retention {
    fn kept(self, now_micros: i64) -> Kept {
        let age = Duration::from_secs(u64::from(self.days) * DAY_SECONDS);
        Kept {
            from_micros: (self.days > 0).then(|| before(now_micros, age)),
            changes: (self.changes > 0).then_some(u64::from(self.changes)),
        }
    }
}

/// The deletions of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Changes.
    pub changes: u64,
    /// Bodies of deleted rows.
    pub bodies: u64,
    /// Sheets.
    pub sheets: u64,
    /// Entries of sessions that have ended.
    pub sessions: u64,
}

impl std::ops::Add for Pruned {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self {
            changes: self.changes + more.changes,
            bodies: self.bodies + more.bodies,
            sheets: self.sheets + more.sheets,
            sessions: self.sessions + more.sessions,
        }
    }
}

/// Deletes old history.
#[derive(Clone, Debug)]
pub struct Pruner {
    store: Store,
    registry: Registry,
    retention: Retention,
}

impl Pruner {
    /// One for the sheets of this server.
    #[must_use]
    pub const fn new(store: Store, registry: Registry, retention: Retention) -> Self {
        Self { store, registry, retention }
    }

    /// Deletes history that is too old at a time, in microseconds since the Unix epoch.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; what was not done is done by a later run.
    pub async fn run(&self, now_micros: i64) -> Result<Pruned, StoreError> {
        let mut pruned = Pruned::default();
        self.purge(now_micros, &mut pruned).await?;
        let (kept, stood) = (self.retention.kept(now_micros), before(now_micros, FLOOR_STANDS));
        let (mut after, mut failed) = (SheetId(Uuid::nil()), 0);
        loop {
            let due = self.store.due_sheets(after, kept, stood, PAGE_SHEETS).await?;
            let Some(last) = due.last() else { break };
            after = last.sheet;
            for due in due {
                match self.prune(due, now_micros).await {
                    Ok(more) => pruned = pruned + more,
                    // Slow for this sheet, or away for all of them.
                    Err(SnapshotError::Store(error)) if error.is_unavailable() => {
                        failed += 1;
                        if failed >= FAILURES_MOST {
                            return Err(error);
                        }
                    }
                    // Another server prunes it, or the sheet has just been deleted.
                    Err(
                        SnapshotError::Compacted { .. }
                        | SnapshotError::Store(StoreError::NotFound(_)),
                    ) => {}
                    Err(error) => {
                        tracing::error!(sheet = %due.sheet, %error, "history of a sheet not pruned; check the sheet with gridloom admin check");
                    }
                }
            }
        }
        self.store.forget_past_clients(before(now_micros, NAMES_KEPT)).await?;
        self.forget_sessions(now_micros, &mut pruned).await?;
        Ok(pruned)
    }

    /// Deletes the part of one sheet's history that [`Retention`] does not keep.
    ///
    /// # Errors
    /// [`SnapshotError`]; [`SnapshotError::Compacted`] when another server prunes it.
    pub async fn prune(&self, due: DueSheet, now_micros: i64) -> Result<Pruned, SnapshotError> {
        let (store, sheet) = (&self.store, due.sheet);
        let kept = self.retention.kept(now_micros);
        let mut pruned = Pruned::default();
        // Before the floor rises: this one has stood long enough.
        if due.bodies && self.is_flushed(&due).await {
            let dead = dead_rows(store, sheet, due.floor).await?;
            pruned.bodies += store.delete_bodies(sheet, &dead).await?;
            store.bodies_deleted(sheet, due.floor).await?;
        }
        // First what an earlier run has left, then what is too old now.
        let mut below = due.raised;
        let mut floor = due.floor;
        loop {
            if let Some(below) = below {
                let named = before(now_micros, NAMES_KEPT);
                pruned.changes += store.delete_below(sheet, below, named).await?;
            }
            let Some(target) = store.floor_target(sheet, floor, kept).await? else { break };
            let Some(raised) = self.raise(sheet, (floor, target), now_micros).await? else { break };
            (floor, below) = (raised, Some(raised));
        }
        // What is pruned stays pruned: the count is too high until the next measurement.
        if pruned != Pruned::default()
            && let Err(error) = store.measure_sheet(sheet).await
        {
            tracing::warn!(%sheet, %error, "the bytes of a pruned sheet were not measured");
        }
        Ok(pruned)
    }

    /// Moves a floor; `None` when another server has.
    async fn raise(
        &self,
        sheet: SheetId,
        (from, to): (Revision, Revision),
        now_micros: i64,
    ) -> Result<Option<Revision>, SnapshotError> {
        let order = order_at(&self.store, sheet, to).await?;
        let raised = self.store.raise_floor(sheet, (from, to), &order, now_micros).await?;
        Ok(raised.then_some(to))
    }

    /// Whether everything is committed that was accepted until the floor had stood long enough. From then on no
    /// edit restores what lies below the floor.
    async fn is_flushed(&self, due: &DueSheet) -> bool {
        match self.registry.get(due.sheet) {
            Some(open) => {
                let committed = open.committed(open.head());
                matches!(tokio::time::timeout(COMMITTED_WITHIN, committed).await, Ok(Ok(())))
            }
            None => {
                let uncommitted = self.registry.shared().journal.uncommitted(due.sheet).await;
                uncommitted.is_ok_and(|last| last.is_none_or(|last| last <= due.head))
            }
        }
    }

    /// Sessions, and the servers that had them.
    async fn forget_sessions(
        &self,
        now_micros: i64,
        pruned: &mut Pruned,
    ) -> Result<(), StoreError> {
        let days = u64::from(self.retention.session_days);
        if days > 0 {
            let age = Duration::from_secs(days * DAY_SECONDS);
            pruned.sessions += self.store.forget_sessions(before(now_micros, age)).await?;
            self.store.forget_nodes(age).await?;
        }
        Ok(())
    }

    /// Purges sheets that were deleted long ago, and the rest of those that other servers began to delete.
    async fn purge(&self, now_micros: i64, pruned: &mut Pruned) -> Result<(), StoreError> {
        let store = &self.store;
        let long_ago = before(now_micros, DELETED_KEPT);
        loop {
            let sheets = store.deleted_before(long_ago, PAGE_SHEETS).await?;
            if sheets.is_empty() {
                break;
            }
            for sheet in sheets {
                self.registry.close(sheet, EndReason::NotFound);
                pruned.sheets += u64::from(store.purge(sheet, long_ago).await?);
            }
        }
        loop {
            let sheets = store.unfinished_purges(PAGE_SHEETS).await?;
            if sheets.is_empty() {
                return Ok(());
            }
            for sheet in sheets {
                // Nothing of it will ever be committed.
                self.registry.shared().journal.discard(sheet).await;
                store.finish_purge(sheet).await?;
            }
        }
    }
}

fn before(now_micros: i64, age: Duration) -> i64 {
    now_micros.saturating_sub(i64::try_from(age.as_micros()).unwrap_or(i64::MAX))
}
