//! Undo and redo of an account's own changes on the current sheet, and restore of an older revision.
//!
//! The inverse is made outside of the sheet's task, since that reads the log and may take a while. Then it is
//! ordered like any other edit, and transformed over the changes that came meanwhile. Each account has one undo
//! at a time; other accounts continue to edit.
//!
//! Not here: the order of edits (`ordering`). Invariant: a stack that is in memory follows from the account's
//! changes in the order of the log.

mod inverse;
mod stack;
mod texts;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ot_engine::{CellEdit, ColumnId, Delta, Revision, RowId};
use rustc_hash::FxHashMap;
use tokio::sync::watch;

use self::inverse::{AtTarget, GoingBack, Place};
use self::stack::{Stack, UNDO_CHANGES};
use self::texts::TextInverses;
use crate::api::message::Apply;
use crate::api::undo_target::UndoTarget;
use crate::ports::history::Logged;
use crate::ports::storage::StoreError;
use crate::refusal::Refusal;
use crate::shared::Shared;
use crate::state::{Misfit, SheetState};
use crate::time_travel::restore::Restore;
use crate::time_travel::snapshot::{Snapshot, SnapshotError};
use model::sizes::{UNDO_BYTES, UNDO_CHANGES_BYTES, UNDO_STEP_BYTES, UNDO_TEXT_WORK};
use model::{AccountId, Entry, Origin, RowBody, SheetId};

/// How long to wait until the target of an undo is in Postgres, which has its before images.
pub(crate) const COMMITTED_WITHIN: Duration = Duration::from_secs(5);
/// Structural changes since the target over which its inverse is carried; with more it can't be undone.
const CARRIED_CHANGES: u32 = 10_000;
/// Changes in one read: a change may have many cells.
const CARRIED_PAGE: u32 = 200;
/// Inverses of lines in one read.
const INVERSES_PAGE: u32 = 1_000;
/// With more columns than this, the before images are read with all of their cells.
const FILTERED_COLUMNS: usize = 64;
/// Lookups of one undo: the sheet may change too much during each.
pub(crate) const UNDO_LOOKUPS: u32 = 16;
/// Undos of one account that wait for the one before.
pub(crate) const WAITING_UNDOS: usize = 32;

/// The undos of one sheet, by account.
pub(crate) type Undos = FxHashMap<AccountId, Undoing>;

/// The undos of one account.
#[derive(Debug, Default)]
pub(crate) struct Undoing {
    /// `None` until it was read from the log.
    pub(crate) stack: Option<Stack>,
    pub(crate) waiting: VecDeque<Box<Apply>>,
    pub(crate) busy: bool,
    /// How often the running undo was looked up.
    pub(crate) lookups: u32,
}

impl Undoing {
    /// Adds a change of the account to its stack.
    pub(crate) fn follow(&mut self, entry: &Entry) {
        if let Some(stack) = &mut self.stack {
            stack.push(entry.revision, entry.origin);
        }
    }
}

/// The lookup of an undo, a redo or a restore.
pub(crate) struct Question {
    pub(crate) shared: Arc<Shared>,
    pub(crate) sheet: SheetId,
    pub(crate) account: AccountId,
    pub(crate) taken: UndoTarget,
    pub(crate) stack: Option<Stack>,
    /// The head when the lookup began, and the sheet there.
    pub(crate) now: Revision,
    pub(crate) state: SheetState,
    pub(crate) committed: watch::Receiver<Revision>,
    pub(crate) work: UndoWork,
}

/// The steps of a lookup, for which the account pays: cells, runs and values that were read and compared.
#[derive(Debug, Default)]
pub(crate) struct UndoWork(AtomicUsize);

impl UndoWork {
    fn add(&self, steps: usize) {
        // A counter of one task, which others do not see.
        self.0.fetch_add(steps, Ordering::Relaxed);
    }
}

/// The change that carries an undo out.
pub(crate) struct Plan {
    /// The origin of the change.
    pub(crate) origin: Origin,
    /// The change, on the sheet at the beginning of the lookup.
    pub(crate) inverse: Delta,
}

/// The answer to a [`Question`].
pub(crate) struct Answer {
    pub(crate) now: Revision,
    pub(crate) stack: Option<Stack>,
    pub(crate) plan: Result<Plan, Refusal>,
    /// The steps of the lookup, also of one that found nothing.
    pub(crate) steps: usize,
}

impl Question {
    /// Reads the log and makes the inverse.
    pub(crate) async fn answer(mut self) -> Answer {
        let now = self.now;
        let (stack, plan) = match self.find().await {
            Ok((stack, plan)) => (Some(stack), plan),
            Err(refusal) => (None, Err(refusal)),
        };
        Answer { now, stack, plan, steps: self.work.0.into_inner() }
    }

    /// The account's stack, and the plan or its refusal. The outer error leaves the stack unknown.
    async fn find(&mut self) -> Result<(Stack, Result<Plan, Refusal>), Refusal> {
        let now = self.now;
        let landed = self.committed.wait_for(|at| *at >= now);
        match tokio::time::timeout(COMMITTED_WITHIN, landed).await {
            Ok(Ok(_)) => {}
            _ => return Err(Refusal::Unavailable("Postgres")),
        }
        // The memory of what is read, from here on.
        let shared = Arc::clone(&self.shared);
        let _turn = shared.memory.undos.turn(self.account).await;
        let stack = match self.stack.take() {
            Some(stack) => stack,
            None => self.read_stack().await?,
        };
        let plan = match stack.target(self.taken) {
            Ok((target, origin)) => {
                let change = match origin {
                    Origin::Restore => self.restore(target).await,
                    _ => self.inverse(target).await,
                };
                change.map(|inverse| Plan { origin, inverse })
            }
            Err(refusal) => Err(self.too_long_ago(refusal).await?),
        };
        Ok((stack, plan))
    }

    async fn read_stack(&self) -> Result<Stack, Refusal> {
        let (history, limit) = (&*self.shared.history, UNDO_CHANGES as u32);
        let own = history.own_changes(self.sheet, self.account, self.now, limit).await;
        let mut stack = Stack::default();
        for (revision, origin) in own.map_err(|error| self.away(&error))? {
            stack.push(revision, origin);
        }
        Ok(stack)
    }

    async fn inverse(&self, target: Revision) -> Result<Delta, Refusal> {
        let (history, sheet) = (&*self.shared.history, self.sheet);
        let away = |error: StoreError| self.away(&error);
        let logged = history.logged_change(sheet, target).await.map_err(away)?;
        let logged = logged.ok_or(Refusal::TooLongAgo { target })?;
        let at_target = self.go_back(target).await?;
        let places = at_target.places(&logged);
        let held = self.before(&logged, &places).await?;
        let earlier = match inverse::earlier_count(&logged) {
            0 => Vec::new(),
            count => history.changes(sheet, logged.batch, count).await.map_err(away)?,
        };
        let before = AtTarget::values_before(&places, &earlier, &held);
        drop((held, earlier));
        let texts = TextInverses::new(&places, &before, at_target.state().clone());
        let texts = self.carry(texts, target).await?;
        // Last: a pruning during the other reads may have removed a part of them.
        if self.floor().await? > logged.batch {
            return Err(Refusal::TooLongAgo { target });
        }
        Ok(at_target.inverse(&logged, &places, &before, texts))
    }

    /// The sheet right after `target`: the inverses since are read page by page, each page is applied at once.
    async fn go_back(&self, target: Revision) -> Result<AtTarget, Refusal> {
        let mut at_target = GoingBack::new(self.state.clone());
        let (mut until, mut count, mut bytes) = (self.now, 0, 0);
        while target < until {
            let page = self.shared.history.inverses(self.sheet, target, until, INVERSES_PAGE).await;
            let page = page.map_err(|error| self.away(&error))?;
            let Some((oldest, _)) = page.last() else { break };
            until = Revision(oldest.0.saturating_sub(1));
            count += page.len();
            bytes += page.iter().map(|(_, inverse)| inverse.weight().bytes).sum::<usize>();
            self.work.add(page.iter().map(|(_, inverse)| 1 + inverse.weight().work()).sum());
            if count > CARRIED_CHANGES as usize || bytes > UNDO_CHANGES_BYTES {
                return Err(Refusal::TooLongAgo { target });
            }
            for (_, inverse) in &page {
                at_target.step(inverse).map_err(|error| self.misfit(target, error))?;
            }
        }
        Ok(at_target.arrived())
    }

    /// The rows of the places before the commit of the target, no further than their memory may grow.
    async fn before(
        &self,
        logged: &Logged,
        places: &[Place],
    ) -> Result<FxHashMap<RowId, RowBody>, Refusal> {
        let mut rows: Vec<RowId> = places.iter().map(|place| place.id.0).collect();
        let mut columns: Vec<ColumnId> = places.iter().map(|place| place.id.1).collect();
        rows.sort_unstable();
        rows.dedup();
        columns.sort_unstable();
        columns.dedup();
        let columns = (columns.len() <= FILTERED_COLUMNS).then_some(&columns[..]);
        let history = &*self.shared.history;
        let held = history.before_images(self.sheet, logged.batch, (&rows, columns), UNDO_BYTES);
        match held.await {
            Ok(held) => Ok(held.into_iter().collect()),
            Err(StoreError::RowsTooLarge { most }) => Err(Refusal::UndoTooLarge { most }),
            Err(error) => Err(self.away(&error)),
        }
    }

    /// Carries the inverses of text edits over all changes after `target`, up to the head of the lookup.
    async fn carry(
        &self,
        mut texts: TextInverses,
        target: Revision,
    ) -> Result<Vec<CellEdit>, Refusal> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        if self.now.0.saturating_sub(target.0) > u64::from(CARRIED_CHANGES) {
            return Err(Refusal::TooLongAgo { target });
        }
        let (mut at, mut bytes) = (target, 0);
        while at < self.now {
            let before = texts.work();
            let left = u32::try_from(self.now.0 - at.0).unwrap_or(CARRIED_PAGE);
            let page = self.shared.history.changes(self.sheet, at, left.min(CARRIED_PAGE)).await;
            let page = page.map_err(|error| self.away(&error))?;
            for entry in &page {
                texts.pass(entry).map_err(|error| self.misfit(target, error))?;
                bytes += entry.delta.weight().bytes;
                if texts.bytes() > UNDO_BYTES {
                    return Err(Refusal::UndoTooLarge { most: UNDO_BYTES });
                }
                if bytes > UNDO_CHANGES_BYTES || texts.work() > UNDO_TEXT_WORK {
                    return Err(Refusal::TooLongAgo { target });
                }
            }
            self.work.add((texts.work() - before) / UNDO_STEP_BYTES);
            // A missing change was pruned meanwhile.
            at = page.last().ok_or(Refusal::TooLongAgo { target })?.revision;
        }
        Ok(texts.finish())
    }

    fn misfit(&self, target: Revision, error: Misfit) -> Refusal {
        tracing::error!(sheet = %self.sheet, %target, %error, "the log does not fit the sheet");
        Refusal::TooLongAgo { target }
    }

    /// The change that restores the sheet of a revision.
    async fn restore(&self, target: Revision) -> Result<Delta, Refusal> {
        let (history, sheet) = (&*self.shared.history, self.sheet);
        let most = self.shared.limits.edit_cells;
        let mut steps = 0;
        let restore = async {
            let snapshot = Snapshot::at(history, sheet, target).await?;
            snapshot.restore(history, sheet, &self.state, most, &mut steps).await
        };
        let restored = restore.await;
        self.work.add(steps);
        match restored {
            Ok(Restore::Change(delta)) => Ok(delta),
            Ok(Restore::TooMany { cells, bytes }) => {
                Err(Refusal::TooManyCells { cells, bytes, most })
            }
            Err(SnapshotError::Future { head }) => Err(Refusal::OutOfRange {
                field: "revision".into(),
                rule: format!("must be at most {head}, the newest"),
            }),
            Err(SnapshotError::Compacted { oldest }) => Err(Refusal::RevisionGone { oldest }),
            Err(SnapshotError::Store(StoreError::RowsTooLarge { most })) => {
                Err(Refusal::UndoTooLarge { most })
            }
            Err(SnapshotError::Store(error)) => Err(self.away(&error)),
            Err(SnapshotError::Misfit(error)) => {
                tracing::error!(%sheet, %target, %error, "the log does not fit the sheet");
                Err(Refusal::TooLongAgo { target })
            }
        }
    }

    /// The oldest revision that is kept: older changes can't be undone.
    async fn floor(&self) -> Result<Revision, Refusal> {
        let floor = self.shared.history.history_floor(self.sheet).await;
        floor.map(Option::unwrap_or_default).map_err(|error| self.away(&error))
    }

    /// The refusal of a named target that is not on the stack: it may have been pruned.
    async fn too_long_ago(&self, refusal: Refusal) -> Result<Refusal, Refusal> {
        match self.taken {
            UndoTarget::Undo(Some(target)) if target <= self.floor().await? => {
                Ok(Refusal::TooLongAgo { target })
            }
            _ => Ok(refusal),
        }
    }

    fn away(&self, error: &StoreError) -> Refusal {
        tracing::warn!(sheet = %self.sheet, %error, "an undo could not be looked up");
        Refusal::Unavailable("Postgres")
    }
}
