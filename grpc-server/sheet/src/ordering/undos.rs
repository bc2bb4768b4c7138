//! Undos, redos and restores in the core: they are staged from the revision for which they were looked up.
//!
//! The changes since that revision may have left the sequencer's memory: then the undo waits for them as an edit on an
//! old base does. Where they are too many to be read, or where one of them has placed the same lines, the undo is
//! looked up again, for the newest revision.
//!
//! Not here: how an undo is looked up (`time_travel`), and how often (`actor::undo`). Invariant: no undo places a line
//! that is on the sheet.

use ot_engine::{ClientId, Delta, Submitter};

use super::action::{Action, View};
use super::core::Ordering;
use super::work::{Queued, RequestId, Restoring, Work};
use crate::ports::journal::JournalError;
use crate::refusal::Refusal;

/// Changes that are accepted while an undo is looked up, and that are read to carry it over them.
const UNDO_BASE_CHANGES: u64 = 100_000;

impl Ordering {
    /// Stages the change of an undo before all other work. The actor calls it at the turn of the undo.
    pub(crate) fn restore(&mut self, restoring: Restoring) {
        let unanswered = self.unanswered_undos.remove(&restoring.author.client);
        let work = Work::Restoring(Box::new(restoring));
        self.queue.push_front(Queued {
            unanswered,
            passed: unanswered,
            ..Queued::new(work, self.turn)
        });
    }

    /// How many changes are read for an edit whose base has left the memory.
    pub(super) fn changes_read(submitter: Submitter) -> u64 {
        match submitter {
            Submitter::Restoring => UNDO_BASE_CHANGES,
            Submitter::Client | Submitter::Yielding => super::stage::OLD_BASE_CHANGES,
        }
    }

    /// Whether an undo places lines that another one has placed since its lookup. In an order of many spans that is
    /// not looked up: the undo is, then.
    pub(super) fn places_again(&mut self, restoring: &Restoring, view: &View<'_>) -> bool {
        let places_lines = |delta: &Delta| delta.rows.has_inserts() || delta.cols.has_inserts();
        if restoring.base >= self.restored || !places_lines(&restoring.delta) {
            return false;
        }
        let steps = view.state.row_order().span_count() + view.state.columns().len();
        if steps > self.limits.light_steps {
            return true;
        }
        self.actions.push_back(Action::Charge(restoring.author.account, steps));
        view.state.has_line_of(&restoring.delta)
    }

    /// The undo whose delta is refused, if a lookup for the newest revision may find one that is not.
    pub(super) fn outdated(queued: &Queued, refusal: &Refusal) -> Option<(RequestId, ClientId)> {
        match (&queued.work, refusal) {
            (Work::Restoring(restoring), Refusal::Compacted { .. }) => {
                Some((restoring.request, restoring.author.client))
            }
            _ => None,
        }
    }

    /// Gives an undo another turn, at which it is looked up.
    pub(super) fn look_up_undo(
        &mut self,
        mut queued: Queued,
        (request, client): (RequestId, ClientId),
    ) {
        self.release(&mut queued);
        if queued.unanswered {
            self.unanswered_undos.insert(client);
        }
        self.actions.push_back(Action::Turn(request));
    }

    /// The lookup of an undo is refused. One whose former change may have landed can't be refused: the sheet
    /// closes.
    pub(crate) fn undo_refused(&mut self, client: ClientId) {
        if self.unanswered_undos.remove(&client) {
            self.cut_off(&JournalError::Unknown("an append has no answer".into()));
        }
    }
}
