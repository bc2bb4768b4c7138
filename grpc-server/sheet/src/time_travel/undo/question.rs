//! What a lookup of an undo, a redo or a restore is asked, and what it answers.
//!
//! Not here: which change is taken back (`seek`), and how its inverse is made (`lookup`). Invariant: the steps of a lookup
//! are counted also where it finds nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ot_engine::{Delta, Revision};
use tokio::sync::watch;

use super::bounds::PassesLeft;
use super::stack::{Part, Stack};
use crate::api::undo_target::UndoTarget;
use crate::ports::storage::StoreError;
use crate::refusal::Refusal;
use crate::shared::Shared;
use crate::state::SheetState;
use model::gesture::PassedOver;
use model::sizes::UNDO_STEP_BYTES;
use model::{AccountId, EditGroup, EditPlace, Origin, SheetId};

/// The lookup of an undo, a redo or a restore.
pub(crate) struct Question {
    pub(crate) shared: Arc<Shared>,
    pub(crate) sheet: SheetId,
    pub(crate) account: AccountId,
    pub(crate) place: Option<EditPlace>,
    pub(crate) target: UndoTarget,
    /// The gesture of which further edits are looked for.
    pub(crate) part: Option<Part>,
    /// The first edit of a call that was sent again.
    pub(crate) begun: Option<Revision>,
    /// The changes that the call has passed over.
    pub(crate) passed: Vec<Revision>,
    /// How many it may still pass over, and how many steps it may have taken before it passes over one.
    pub(crate) passes_left: PassesLeft,
    pub(crate) stack: Option<Stack>,
    /// The head when the lookup began, and the sheet there.
    pub(crate) now: Revision,
    pub(crate) state: SheetState,
    pub(crate) committed: watch::Receiver<Revision>,
    pub(crate) work: UndoWork,
}

/// The steps of a lookup, for which the account pays: cells, runs and values that were read and compared.
#[derive(Debug, Default)]
pub(crate) struct UndoWork(pub(super) AtomicUsize);

impl UndoWork {
    pub(super) fn add(&self, steps: usize) {
        // A counter of one task, which others do not see.
        self.0.fetch_add(steps, Ordering::Relaxed);
    }

    /// The steps that these bytes of values take.
    pub(super) fn add_bytes(&self, bytes: usize) {
        self.add(bytes / UNDO_STEP_BYTES);
    }

    pub(super) fn steps(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// The change that carries an undo out.
pub(crate) struct Plan {
    /// The origin of the change.
    pub(crate) origin: Origin,
    /// The change, on the sheet at the beginning of the lookup.
    pub(crate) inverse: Delta,
    /// What it takes back, and the group of that.
    pub(crate) target: Revision,
    pub(crate) group: EditGroup,
    /// The cells that it does not set.
    pub(crate) left_out: u32,
}

/// The answer to a [`Question`].
pub(crate) struct Answer {
    pub(crate) now: Revision,
    /// The stack as it was read.
    pub(crate) stack: Option<Stack>,
    /// The group of a call that was sent again, and how many edits of it were accepted.
    pub(crate) begun: Option<(EditGroup, usize)>,
    pub(crate) passed: Vec<PassedOver>,
    /// Whether it began at the top of the stack again, where the call before had ended further down.
    pub(crate) from_top: bool,
    pub(crate) plan: Result<Plan, Refusal>,
    /// The steps of the lookup, also of one that found nothing.
    pub(crate) steps: usize,
}

impl Answer {
    /// The answer of a lookup that did not begin.
    pub(crate) fn refused(now: Revision, refusal: Refusal) -> Self {
        Self {
            now,
            stack: None,
            begun: None,
            passed: Vec::new(),
            from_top: false,
            plan: Err(refusal),
            steps: 0,
        }
    }
}

impl Question {
    /// The oldest revision that is kept: older changes can't be undone.
    pub(super) async fn floor(&self) -> Result<Revision, Refusal> {
        let floor = self.shared.history.history_floor(self.sheet).await;
        floor.map(Option::unwrap_or_default).map_err(|error| self.away(&error))
    }

    pub(super) fn away(&self, error: &StoreError) -> Refusal {
        tracing::warn!(sheet = %self.sheet, %error, "an undo could not be looked up");
        Refusal::Unavailable("Postgres")
    }
}
