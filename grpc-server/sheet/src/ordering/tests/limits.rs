//! Limits that fall, or that others use up, between two stagings of one edit.
//!
//! Not here: which edit is above a limit (`row_limit`, `model::storage`). Invariant: an edit that may have landed is not
//! refused, and the bytes of one that is refused do not count.

use ot_engine::{
    AxisDelta, ClientId, DEFAULT_HISTORY, Delta, Limits, NextIds, Revision, Sequence, Sequencer,
    Size, Submission,
};

use super::super::action::{Action, View};
use super::super::core::{Ordering, OrderingLimits};
use super::super::work::{Author, Work};
use crate::fanout::published::{Item, SessionKey};
use crate::ports::journal::JournalError;
use crate::refusal::Refusal;
use crate::sample::{ACCOUNT, SHEET, record};
use crate::state::SheetState;
use crate::state::row_sizes::RowSizes;
use model::SheetRecord;
use model::sizes::{LIGHT_ITEMS, LIGHT_STEPS};
use model::storage::{AccountStorage, Disk};

const QUOTA: u64 = 1 << 20;

/// A core with one edit, and the bytes of its account.
struct Core {
    core: Ordering,
    state: SheetState,
    stored: AccountStorage,
}

impl Core {
    fn new() -> Self {
        let mut core = Self::of(&record(4, 2));
        core.push(1, Delta::set_cell(0, 0, "text"));
        core
    }

    /// A core without edits.
    fn of(record: &SheetRecord) -> Self {
        let next = NextIds { row: record.next_row_id.0, col: record.next_column_id.0 };
        let size = Size { rows: 4, cols: 2 };
        let sequencer = Sequencer::new(Revision(0), size, next, Limits::DEFAULT, DEFAULT_HISTORY);
        let limits = OrderingLimits {
            edit: Limits::DEFAULT,
            batch_bytes: 1 << 20,
            light_items: LIGHT_ITEMS,
            light_steps: LIGHT_STEPS,
            spans: 100,
        };
        let core = Ordering::new(SHEET, sequencer, limits);
        let state = SheetState::new(record).expect("a sheet");
        Self { core, state, stored: AccountStorage::new(QUOTA) }
    }

    /// Adds the first edit of a client.
    fn push(&mut self, client: u64, delta: Delta) {
        let session = SessionKey(client);
        let client = ClientId(client.into());
        let author = Author { account: ACCOUNT, client, group: Default::default() };
        let (sequence, base) = (Sequence(1), Revision(0));
        let submission = Submission { client, sequence, base, delta: delta.into() };
        self.core.push(Work::Live { author, session, submission });
    }

    fn next(&mut self) -> Option<Action> {
        let Self { core, state, stored } = self;
        let sizes = &RowSizes::new(32 << 20, 64 << 10, 0);
        let row = &mut |_| None;
        core.next(&mut View { state, row, sizes, stored, now_micros: 0 })
    }
}

#[test]
fn an_edit_that_may_have_landed_is_not_refused_when_the_account_is_full_meanwhile() {
    let mut core = Core::new();
    assert!(matches!(core.next(), Some(Action::Append(_))));
    let counted = core.stored.used();
    assert!(counted > 0);
    core.core.on_appended(Err(JournalError::Unknown("no answer".into())));
    assert!(matches!(core.next(), Some(Action::Follow(_))));
    core.stored.set(2 * QUOTA, QUOTA, Disk::Roomy);
    core.core.on_followed(Ok(Vec::new()));
    let again = core.next();
    assert!(matches!(again, Some(Action::Append(_))), "{again:?}");
    assert_eq!(core.stored.used(), 2 * QUOTA, "it counts once");
    core.core.on_appended(Ok(()));
    let published = core.next();
    assert!(matches!(published, Some(Action::Publish(_))), "{published:?}");
}

#[test]
fn an_edit_that_the_journal_refuses_counts_no_more() {
    let mut core = Core::new();
    assert!(matches!(core.next(), Some(Action::Append(_))));
    core.core.on_appended(Err(JournalError::Full));
    let Some(Action::Publish(items)) = core.next() else { panic!("no answer") };
    assert!(matches!(&items[..], [Item::Refused { refusal: Refusal::JournalFull, .. }]));
    assert_eq!(core.stored.used(), 0);
}

/// Where a column refuses values, an edit waits for those that move or change columns, and for no others.
#[test]
fn a_value_that_may_be_refused_waits_for_columns_and_not_for_rows() {
    let mut record = record(4, 2);
    record.columns[1].settings = "refuse".into();
    let lines = AxisDelta::insert(0, 1);
    for (first, together) in [(Delta::rows(lines.clone()), 2), (Delta::cols(lines), 1)] {
        let mut core = Core::of(&record);
        core.push(1, first);
        core.push(2, Delta::set_cell(0, 1, "text"));
        let Some(Action::Append(entries)) = core.next() else { panic!("nothing is appended") };
        assert_eq!(entries.len(), together);
    }
}
