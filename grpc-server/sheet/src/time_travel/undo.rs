//! Undo and redo: each person's own changes taken back, on the sheet as it stands. Restore: all
//! changes since a revision.
//!
//! What was done is looked up in the log outside of the sheet's task, since that may take a while; the
//! change that takes it back then goes the way of any other edit, over what came meanwhile. One at a
//! time for each person; the others edit on. Invariant: a person's stack, once it is known here, follows
//! from their changes in the order of the log.

mod inverse;
mod stack;
mod texts;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use ot_engine::{CellEdit, Delta, Revision, RowId};
use rustc_hash::FxHashMap;
use tokio::sync::watch;

use self::inverse::Then;
use self::stack::{Stack, UNDO_CHANGES};
use self::texts::TextInverses;
use crate::api::message::Apply;
use crate::api::undo_target::UndoTarget;
use crate::ports::storage::StoreError;
use crate::refusal::Refusal;
use crate::shared::Shared;
use crate::state::{Misfit, SheetState};
use crate::time_travel::restore::Restore;
use crate::time_travel::state::{Past, PastError};
use model::{AccountId, Entry, Origin, SheetId};

/// How long to wait until a change that is to be undone is in Postgres, where what it overwrote is.
pub(crate) const COMMITTED_WITHIN: Duration = Duration::from_secs(5);
/// Changes of lines since the one to be undone, over which its inverse is carried; beyond, it stays.
const CARRIED_CHANGES: u32 = 10_000;
/// Changes read at one go for that: one may hold many cells.
const CARRIED_PAGE: u32 = 200;
/// Undos of one person that wait for the one before.
pub(crate) const WAITING_UNDOS: usize = 32;

/// The undos of one sheet, by person.
pub(crate) type Undos = FxHashMap<AccountId, Undoing>;

/// One person's.
#[derive(Debug, Default)]
pub(crate) struct Undoing {
    /// `None` until it was read from the log.
    pub(crate) stack: Option<Stack>,
    pub(crate) waiting: VecDeque<Box<Apply>>,
    pub(crate) busy: bool,
}

impl Undoing {
    /// Takes in a change of this person's.
    pub(crate) fn follow(&mut self, entry: &Entry) {
        if let Some(stack) = &mut self.stack {
            stack.push(entry.revision, entry.origin);
        }
    }
}

/// An undo that is being looked up.
pub(crate) struct Question {
    pub(crate) shared: Arc<Shared>,
    pub(crate) sheet: SheetId,
    pub(crate) account: AccountId,
    pub(crate) taken: UndoTarget,
    pub(crate) stack: Option<Stack>,
    /// The head when it was asked, and the sheet there.
    pub(crate) now: Revision,
    pub(crate) state: SheetState,
    pub(crate) committed: watch::Receiver<Revision>,
}

/// What was found.
pub(crate) struct Plan {
    /// What the change is that takes another one back.
    pub(crate) origin: Origin,
    /// The change, on the sheet as it was when it was asked.
    pub(crate) inverse: Delta,
}

/// The answer to a [`Question`].
pub(crate) struct Answer {
    pub(crate) now: Revision,
    pub(crate) stack: Option<Stack>,
    pub(crate) plan: Result<Plan, Refusal>,
}

impl Question {
    /// Looks the undo up in the log.
    pub(crate) async fn answer(mut self) -> Answer {
        let now = self.now;
        match self.find().await {
            Ok((stack, plan)) => Answer { now, stack: Some(stack), plan },
            Err(refusal) => Answer { now, stack: None, plan: Err(refusal) },
        }
    }

    /// The person's stack, and what is to be done; the outer error leaves both open.
    async fn find(&mut self) -> Result<(Stack, Result<Plan, Refusal>), Refusal> {
        let now = self.now;
        let landed = self.committed.wait_for(|at| *at >= now);
        match tokio::time::timeout(COMMITTED_WITHIN, landed).await {
            Ok(Ok(_)) => {}
            _ => return Err(Refusal::Unavailable("Postgres")),
        }
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
        let (store, limit) = (&*self.shared.history, UNDO_CHANGES as u32);
        let own = store.own_changes(self.sheet, self.account, self.now, limit).await;
        let mut stack = Stack::default();
        for (revision, origin) in own.map_err(|error| self.away(&error))? {
            stack.push(revision, origin);
        }
        Ok(stack)
    }

    async fn inverse(&self, target: Revision) -> Result<Delta, Refusal> {
        let (store, sheet) = (&*self.shared.history, self.sheet);
        let away = |error: StoreError| self.away(&error);
        let logged = store.logged_change(sheet, target).await.map_err(away)?;
        let logged = logged.ok_or(Refusal::TooLongAgo { target })?;
        let inverses = store.inverses(sheet, target, self.now, CARRIED_CHANGES + 1).await;
        let inverses = inverses.map_err(away)?;
        if inverses.len() > CARRIED_CHANGES as usize {
            return Err(Refusal::TooLongAgo { target });
        }
        let then = Then::new(self.state.clone(), &inverses);
        let then = then.map_err(|error| self.misfit(target, error))?;
        let places = then.places(&logged);
        let mut rows: Vec<RowId> = places.iter().map(|place| place.id.0).collect();
        rows.dedup();
        let held = store.before_images(sheet, logged.batch, &rows).await.map_err(away)?;
        let earlier = match inverse::earlier_count(&logged) {
            0 => Vec::new(),
            count => store.changes(sheet, logged.batch, count).await.map_err(away)?,
        };
        let before = Then::held_before(&places, &earlier, &held.into_iter().collect());
        let texts = TextInverses::new(&places, &before, then.state().clone());
        let texts = self.carry(texts, target).await?;
        // Last: what was pruned while the rest was read may be missing there.
        if self.floor().await? > logged.batch {
            return Err(Refusal::TooLongAgo { target });
        }
        Ok(then.inverse(&logged, &places, &before, texts))
    }

    /// Carries the inverses of text edits over all changes after `target`, up to now.
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
        let mut at = target;
        while at < self.now {
            let left = u32::try_from(self.now.0 - at.0).unwrap_or(CARRIED_PAGE);
            let page = self.shared.history.changes(self.sheet, at, left.min(CARRIED_PAGE)).await;
            let page = page.map_err(|error| self.away(&error))?;
            for entry in &page {
                texts.pass(entry).map_err(|error| self.misfit(target, error))?;
            }
            // What is missing was pruned meanwhile.
            at = page.last().ok_or(Refusal::TooLongAgo { target })?.revision;
        }
        Ok(texts.finish())
    }

    fn misfit(&self, target: Revision, error: Misfit) -> Refusal {
        tracing::error!(sheet = %self.sheet, %target, %error, "the log does not fit the sheet");
        Refusal::TooLongAgo { target }
    }

    /// The change that brings the sheet of a revision back.
    async fn restore(&self, target: Revision) -> Result<Delta, Refusal> {
        let (store, sheet) = (&*self.shared.history, self.sheet);
        let most = self.shared.limits.edit_cells;
        let restore = async {
            let past = Past::at(store, sheet, target).await?;
            past.restore(store, sheet, &self.state, most).await
        };
        match restore.await {
            Ok(Restore::Change(delta)) => Ok(delta),
            Ok(Restore::TooMany { cells, bytes }) => {
                Err(Refusal::TooManyCells { cells, bytes, most })
            }
            Err(PastError::Future { head }) => Err(Refusal::OutOfRange {
                field: "revision".into(),
                rule: format!("must be at most {head}, the newest"),
            }),
            Err(PastError::Compacted { oldest }) => Err(Refusal::RevisionGone { oldest }),
            Err(PastError::Store(error)) => Err(self.away(&error)),
            Err(PastError::Misfit(error)) => {
                tracing::error!(%sheet, %target, %error, "the log does not fit the sheet");
                Err(Refusal::TooLongAgo { target })
            }
        }
    }

    /// The oldest revision that is kept: what was changed before can't be taken back.
    async fn floor(&self) -> Result<Revision, Refusal> {
        let floor = self.shared.history.history_floor(self.sheet).await;
        floor.map(Option::unwrap_or_default).map_err(|error| self.away(&error))
    }

    /// A change that was named and is not found among the person's own may have been pruned.
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
