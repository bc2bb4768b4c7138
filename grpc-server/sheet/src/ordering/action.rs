//! The actions that the ordering core asks the actor for, and the sheet as the core sees it.
//!
//! Plain data. Invariant: the actor carries the actions out in their order, each before the next one.

use std::sync::Arc;

use ot_engine::{Revision, RowId};

use super::heavy::Heavy;
use super::parked::ParkedId;
use super::work::RequestId;
use crate::api::message::Applied;
use crate::fanout::published::{Item, SessionKey};
use crate::refusal::Refusal;
use crate::state::SheetState;
use crate::state::row_sizes::RowSizes;
use model::storage::AccountStorage;
use model::{AccountId, Entry, RowBody};

/// What the actor does next for the core.
#[derive(Debug)]
pub(crate) enum Action {
    /// Append these entries to the journal; [`on_appended`](super::Ordering::on_appended) answers.
    Append(Vec<Arc<Entry>>),
    /// Read the journal after this revision; [`on_followed`](super::Ordering::on_followed) answers.
    Follow(Revision),
    /// Wait for the entries of the node that appends now; [`on_event`](super::Ordering::on_event) or
    /// [`look`](super::Ordering::look) answers.
    AwaitEntries,
    /// Other nodes appended these entries; [`Action::Publish`] follows.
    Followed(Vec<Arc<Entry>>),
    /// Apply the changes to the sheet and send the items to all sessions.
    Publish(Vec<Item>),
    /// Answer the caller of a unary edit.
    Answer(RequestId, Result<Applied, Refusal>),
    /// A request that waited is next.
    Turn(RequestId),
    /// End this session: the sheet is sealed, and its author keeps what was not accepted.
    EndSession(SessionKey),
    /// Read rows that a parked edit needs; [`on_rows`](super::Ordering::on_rows) answers.
    FetchRows(ParkedId, AccountId, Vec<RowId>, RowsFor),
    /// Read older changes for a parked edit; [`on_history`](super::Ordering::on_history) answers.
    FetchHistory(ParkedId, Older),
    /// Do this work for a parked edit of the account, part by part; [`on_heavy`](super::Ordering::on_heavy) answers.
    RunHeavy(ParkedId, Option<AccountId>, Heavy),
    /// End the work of this edit, which is not parked any more. It has no answer.
    EndHeavy(ParkedId),
    /// Charge the account for the steps of an edit that was transformed at once.
    Charge(AccountId, usize),
    /// The sheet can't continue: its task ends.
    Stop(Stop),
}

/// A range of older changes: after `after`, up to and with `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Older {
    /// The author of the edit.
    pub(crate) account: AccountId,
    pub(crate) after: Revision,
    pub(crate) until: Revision,
}

/// Why a sheet can't continue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Its state in memory differs from the journal: it is loaded again.
    Reload,
    /// The journal is away. `unanswered`: it may hold entries that have no answer.
    JournalAway { unanswered: bool },
}

/// The sheet as it is published.
pub(crate) struct View<'a> {
    pub(crate) state: &'a SheetState,
    /// A row at the head, if it is in memory.
    pub(crate) row: &'a mut dyn FnMut(RowId) -> Option<Arc<RowBody>>,
    /// The sizes of the rows.
    pub(crate) sizes: &'a RowSizes,
    /// The bytes that the sheet's owner has stored.
    pub(crate) stored: &'a AccountStorage,
    /// Now, in microseconds since the Unix epoch.
    pub(crate) now_micros: i64,
}

/// What an edit needs rows for that are not in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowsFor {
    /// Its text edits.
    Texts,
    /// Their sizes, which may be near the limit of a row.
    Sizes,
}
