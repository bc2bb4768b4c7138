//! Makes the inverse of one committed change on the current sheet, from the log.
//!
//! Each read is bounded in bytes and in steps. Not here: which change that is (`question`), and the order of edits
//! (`ordering`). Invariant: an inverse changes the sheet, or it is a miss with its reason.

use std::sync::Arc;

use ot_engine::{CellEdit, ColumnId, Delta, Revision, RowId, Value, validate_value};
use rustc_hash::FxHashMap;

use super::inverse::{self, AtTarget, GoingBack, Place};
use super::question::Question;
use super::texts::TextInverses;
use super::unchanged::changes_sheet;
use crate::ports::history::Logged;
use crate::ports::storage::StoreError;
use crate::refusal::Refusal;
use crate::state::Misfit;
use model::RowBody;
use model::gesture::PassedOver;
use model::sizes::{UNDO_BYTES, UNDO_CHANGES_BYTES, UNDO_TEXT_WORK};

/// Structural changes since the target over which its inverse is carried; with more it can't be undone.
const CARRIED_CHANGES: u32 = 10_000;
/// Changes in one read: a change may have many cells.
const CARRIED_PAGE: u32 = 200;
/// Inverses of lines in one read.
const INVERSES_PAGE: u32 = 1_000;
/// With more columns than this, the before images are read with all of their cells.
const FILTERED_COLUMNS: usize = 64;

/// The inverse of a change on the current sheet.
pub(super) struct Inverse {
    pub(super) delta: Delta,
    /// The cells that it does not set.
    pub(super) left_out: u32,
}

/// Why a change has no inverse.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Miss {
    /// Its inverse would change nothing. `is_settled`: no deleted line of it can come back, so no later undo takes it back.
    Nothing { why: &'static str, is_settled: bool },
    /// There are too many changes since, or it is no longer kept. `of_all`: the same holds for every older change.
    TooLongAgo { of_all: bool },
    /// A record of the history can't be read. `of_all`: every older change needs it, too.
    Unreadable { of_all: bool },
    /// It reads too many bytes.
    TooLarge { most: usize },
    /// The lookup itself failed.
    Refused(Refusal),
}

impl From<Refusal> for Miss {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Miss {
    /// The reason, as a part of a sentence.
    pub(super) fn text(&self) -> Arc<str> {
        match self {
            Self::Nothing { why, .. } => (*why).into(),
            Self::TooLongAgo { .. } => {
                "its history is deleted, or too much has changed since".into()
            }
            Self::Unreadable { .. } => "a record of its history can't be read".into(),
            Self::TooLarge { most } => format!("it needs to read more than {most} bytes").into(),
            Self::Refused(refusal) => refusal.to_string().into(),
        }
    }

    /// The refusal of an undo of this change alone.
    pub(super) fn refusal(self, target: Revision, passed: &[PassedOver]) -> Refusal {
        match self {
            Self::Nothing { .. } => Refusal::NothingToUndo { passed: passed.to_vec(), more: false },
            Self::TooLongAgo { .. } => Refusal::TooLongAgo { target },
            Self::Unreadable { .. } => Refusal::HistoryUnreadable { target },
            Self::TooLarge { most } => Refusal::UndoTooLarge { most },
            Self::Refused(refusal) => refusal,
        }
    }
}

impl Question {
    pub(super) async fn inverse(&self, target: Revision) -> Result<Inverse, Miss> {
        let (history, sheet) = (&*self.shared.history, self.sheet);
        let miss = |error: StoreError| self.miss(target, error, false);
        let logged = history.logged_change(sheet, target).await.map_err(miss)?;
        let logged = logged.ok_or(Miss::TooLongAgo { of_all: true })?;
        let at_target = self.go_back(&logged).await?;
        let places = at_target.places(&logged);
        let held = self.before(target, &logged, &places).await?;
        let earlier = match inverse::earlier_count(&logged) {
            0 => Vec::new(),
            count => history.changes(sheet, logged.batch, count).await.map_err(miss)?,
        };
        let bytes = earlier.iter().chain([&logged.entry]).map(|it| it.delta.weight().bytes);
        self.work.add_bytes(bytes.sum());
        let before = AtTarget::values_before(&places, &earlier, &held);
        drop((held, earlier));
        let texts = TextInverses::new(&places, &before, at_target.state().clone());
        let texts = self.carry(texts, target).await?;
        let same = self.unchanged(&places, &before).await?;
        let returned = self.cells_returned(&logged, &at_target).await?;
        // Last: a pruning during the other reads may have removed a part of them.
        if self.floor().await? > logged.batch {
            return Err(Miss::TooLongAgo { of_all: true });
        }
        let sets = self.sets(&places, before, &same);
        let texts_made = texts.len();
        let (delta, sets_kept) = at_target.inverse(&logged, &places, &sets, returned, texts);
        let kept = sets_kept + texts_made + same.iter().filter(|same| **same).count();
        let left_out = u32::try_from(places.len().saturating_sub(kept)).unwrap_or(u32::MAX);
        self.work.add(self.state.row_order().chunk_count());
        if changes_sheet(&delta, &self.state) {
            return Ok(Inverse { delta, left_out });
        }
        let entry = &logged.entry.delta;
        // Without changes of lines, only attributes of deleted columns are missing.
        let has_columns = delta.columns.len() == inverse::former_attributes(&logged).len();
        let is_settled = left_out == 0 && entry.keeps_axes() && has_columns;
        let why = match (same.contains(&true), left_out) {
            (true, _) => "its cells have the values of before already",
            _ if is_settled && !entry.columns.is_empty() => "its columns are as before already",
            (false, 0) => "nothing of it is left to take back",
            (false, _) => "what it changed is deleted, or was replaced since",
        };
        Err(Miss::Nothing { why, is_settled })
    }

    /// The values that the inverse sets: a former value that is not valid any more is not set again.
    fn sets(&self, places: &[Place], before: Vec<Value>, same: &[bool]) -> Vec<Option<Value>> {
        let set = |((place, before), same): ((&Place, Value), &bool)| {
            let is_set = place.edit.as_set().is_some() && !same;
            (is_set && validate_value(&before, &self.shared.edit_limits).is_ok()).then_some(before)
        };
        places.iter().zip(before).zip(same).map(set).collect()
    }

    /// The sheet right after a change: the inverses since are read page by page, each page is applied at once.
    async fn go_back(&self, logged: &Logged) -> Result<AtTarget, Miss> {
        let target = logged.entry.revision;
        let mut at_target = GoingBack::new(self.state.clone(), logged);
        let (mut until, mut count, mut bytes) = (self.now, 0, 0);
        while target < until {
            let page = self.shared.history.inverses(self.sheet, target, until, INVERSES_PAGE).await;
            let page = page.map_err(|error| self.miss(target, error, true))?;
            let Some((oldest, _)) = page.last() else { break };
            until = Revision(oldest.0.saturating_sub(1));
            count += page.len();
            bytes += page.iter().map(|(_, inverse)| inverse.weight().bytes).sum::<usize>();
            self.work.add(page.iter().map(|(_, inverse)| 1 + inverse.weight().work()).sum());
            if count > CARRIED_CHANGES as usize || bytes > UNDO_CHANGES_BYTES {
                return Err(Miss::TooLongAgo { of_all: true });
            }
            for (_, inverse) in &page {
                at_target.step(inverse).map_err(|error| self.misfit(target, error, true))?;
            }
        }
        Ok(at_target.arrived())
    }

    /// The rows of the places before the commit of the target, no further than their memory may grow.
    async fn before(
        &self,
        target: Revision,
        logged: &Logged,
        places: &[Place],
    ) -> Result<FxHashMap<RowId, RowBody>, Miss> {
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
            Ok(held) => {
                self.work.add_bytes(held.iter().map(|(_, body)| body.weight_bytes()).sum());
                Ok(held.into_iter().collect())
            }
            Err(StoreError::RowsTooLarge { most }) => {
                self.work.add_bytes(most);
                Err(Miss::TooLarge { most })
            }
            Err(error) => Err(self.miss(target, error, false)),
        }
    }

    /// Carries the inverses of text edits over all changes after `target`, up to the head of the lookup.
    async fn carry(
        &self,
        mut texts: TextInverses,
        target: Revision,
    ) -> Result<Vec<CellEdit>, Miss> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        if self.now.0.saturating_sub(target.0) > u64::from(CARRIED_CHANGES) {
            return Err(Miss::TooLongAgo { of_all: false });
        }
        let (mut at, mut bytes) = (target, 0);
        while at < self.now {
            let left = u32::try_from(self.now.0 - at.0).unwrap_or(CARRIED_PAGE);
            let page = self.shared.history.changes(self.sheet, at, left.min(CARRIED_PAGE)).await;
            let page = page.map_err(|error| self.miss(target, error, false))?;
            for entry in &page {
                let (before, read) = (texts.work(), entry.delta.weight().bytes);
                let passed = texts.pass(entry);
                self.work.add_bytes(texts.work().saturating_sub(before) + read);
                passed.map_err(|error| self.misfit(target, error, false))?;
                bytes += read;
                if texts.bytes() > UNDO_BYTES {
                    return Err(Miss::TooLarge { most: UNDO_BYTES });
                }
                if bytes > UNDO_CHANGES_BYTES || texts.work() > UNDO_TEXT_WORK {
                    return Err(Miss::TooLongAgo { of_all: false });
                }
            }
            // A missing change was pruned meanwhile.
            at = page.last().ok_or(Miss::TooLongAgo { of_all: false })?.revision;
        }
        Ok(texts.finish())
    }

    pub(super) fn misfit(&self, target: Revision, error: Misfit, of_all: bool) -> Miss {
        tracing::error!(sheet = %self.sheet, %target, %error, "the log does not fit the sheet");
        Miss::Unreadable { of_all }
    }

    /// Why a read of the log failed. A record that can't be read now can't be read later.
    pub(super) fn miss(&self, target: Revision, error: StoreError, of_all: bool) -> Miss {
        match error {
            StoreError::Corrupt(error) => {
                tracing::error!(sheet = %self.sheet, %target, error, "an undo can't read the log");
                Miss::Unreadable { of_all }
            }
            error => self.away(&error).into(),
        }
    }
}
