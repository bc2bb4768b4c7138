//! The lookups that run beside the actor: clients, older changes and rows in Postgres, and undos.
//!
//! Not here: what follows from an outcome (`looked_up`). Invariant: the lookups of a sheet end
//! with it.

use std::ops::Range;
use std::sync::Arc;

use heavy_work::{Caller, drive, run};
use ot_engine::{ClientId, Revision, RowId};
use rustc_hash::FxHashMap;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

use crate::admission::{Found, Lookup};
use crate::api::message::{Apply, ApplyChange};
use crate::api::undo_target::UndoTarget;
use crate::fanout::published::command_client;
use crate::fanout::session::EndReason;
use crate::ordering::ParkedId;
use crate::ordering::action::{Older, RowsFor};
use crate::ordering::clients::ClientState;
use crate::ordering::heavy::{Done, Heavy, Progress};
use crate::ports::storage::{self, StoreError};
use crate::reading::history::older_changes;
use crate::refusal::Refusal;
use crate::shared::Shared;
use crate::state::row_cache::ReadToken;
use crate::time_travel::undo::bounds::COMMITTED_WITHIN;
use crate::time_travel::undo::call::UndoCall;
use crate::time_travel::undo::question::{Answer, Question};
use model::gesture::client_at;
use model::sizes::TEXT_ROWS_BYTES;
use model::{AccountId, EditPlace, Entry, RowBody, SheetId};

/// Revisions by which another server may be ahead of this one.
const AHEAD_MOST: u64 = 10_000;

/// Running lookups.
pub(super) type Lookups = JoinSet<LookedUp>;

/// The tasks that work on heavy edits.
pub(super) type HeavyTasks = FxHashMap<ParkedId, AbortHandle>;

/// The outcome of a lookup.
pub(super) enum LookedUp {
    /// Of a session that asks to join.
    Session(Found),
    /// Of an undo, a redo or a restore.
    Undo { call: Box<UndoCall>, answer: Answer },
    /// Of the name of a unary edit, which may be a retry.
    Apply { apply: Box<Apply>, client: Result<Option<ClientState>, EndReason> },
    /// Of rows that a parked edit needs.
    Rows(FetchedRows),
    /// Of heavy work for a parked edit.
    Heavy { parked: ParkedId, done: Result<Done, Refusal> },
    /// Of the bound of the rows' sizes; `None` when it was not read.
    LargestRow(Option<u64>),
    /// Of older changes that a parked edit needs.
    History { parked: ParkedId, until: Revision, changes: Result<Vec<Arc<Entry>>, Refusal> },
}

/// Rows that were read for a parked edit.
pub(super) struct FetchedRows {
    pub(super) parked: ParkedId,
    pub(super) token: ReadToken,
    pub(super) asked: Vec<Range<RowId>>,
    pub(super) rows: Result<(Vec<(RowId, RowBody)>, Revision), Refusal>,
}

/// Looks up what a session needs to join.
pub(super) async fn session(shared: Arc<Shared>, sheet: SheetId, lookup: Lookup) -> LookedUp {
    let clients = match lookup.client {
        Some(client) => client_states(&shared, sheet, client).await,
        None => Ok(Vec::new()),
    };
    let missed = match lookup.after {
        Some(after) => missed(shared, sheet, (lookup.account, after, lookup.until)).await,
        None => Ok(Vec::new()),
    };
    LookedUp::Session(Found { session: lookup.session, clients, missed })
}

/// Reads and decodes older changes, at the turn of the account.
pub(super) async fn missed(
    shared: Arc<Shared>,
    sheet: SheetId,
    (account, after, until): (AccountId, Revision, Revision),
) -> Result<Vec<Arc<Entry>>, Refusal> {
    let _turn = shared.memory.replays.turn(account).await;
    let most = shared.memory.replays.bytes_each();
    let read = {
        let shared = Arc::clone(&shared);
        async move { older_changes(&shared, sheet, after, until, most).await }
    };
    drive(Caller::Account(account), read).await.map_err(|_| Refusal::Unavailable("the sheet"))?
}

/// Looks up an undo, and makes its change.
pub(super) async fn undo(question: Question, call: Box<UndoCall>) -> LookedUp {
    let now = question.now;
    let answer = drive(Caller::Account(question.account), question.answer()).await;
    let ended = |_| Answer::refused(now, Refusal::Unavailable("the sheet"));
    LookedUp::Undo { call, answer: answer.unwrap_or_else(ended) }
}

/// Looks up the name of a unary edit. The undo of one revision is named at the place of its target, whose stack it
/// changes.
pub(super) async fn apply(
    shared: Arc<Shared>,
    sheet: SheetId,
    mut apply: Box<Apply>,
    (head, mut committed): (Revision, watch::Receiver<Revision>),
) -> LookedUp {
    if let ApplyChange::TakeBack(UndoTarget::Undo(Some(target))) = apply.change {
        // A change that is not committed in time is not found, and the undo is refused. Another server may be ahead.
        if target.0 <= head.0.saturating_add(AHEAD_MOST) {
            let landed = committed.wait_for(|at| *at >= target);
            let _ = tokio::time::timeout(COMMITTED_WITHIN, landed).await;
        }
        match shared.history.logged_change(sheet, target).await {
            Ok(Some(logged)) if logged.entry.account == apply.account => {
                let place = EditPlace::of(logged.entry.client);
                apply.client = client_at(place, apply.client.0);
            }
            // The lookup of its change says that it can't be read.
            Ok(_) | Err(StoreError::Corrupt(_)) => {}
            Err(error) => {
                tracing::warn!(%sheet, %error, "the target of an undo could not be looked up");
                return LookedUp::Apply { apply, client: Err(EndReason::Unavailable) };
            }
        }
    }
    let client = match apply.change {
        ApplyChange::TakeBack(target) if target.is_undo() => {
            client_state(&shared, sheet, apply.client).await
        }
        _ => named_edit(&shared, sheet, &mut apply).await,
    };
    LookedUp::Apply { apply, client }
}

/// Finds the edit of a request in the operation log. One that was made at another place, as by an earlier run of the program,
/// is the same edit: it keeps its name.
async fn named_edit(
    shared: &Shared,
    sheet: SheetId,
    apply: &mut Apply,
) -> Result<Option<ClientState>, EndReason> {
    let found = shared.storage.named_edit(sheet, apply.client).await;
    let state = found.map_err(|error| {
        tracing::warn!(%sheet, %error, "the name of an edit could not be looked up");
        EndReason::Unavailable
    })?;
    if let Some(state) = &state {
        apply.client = state.client;
    }
    let known = |state: storage::ClientState| ClientState {
        account: state.account,
        sequence: state.sequence,
        revision: state.revision,
    };
    Ok(state.map(known))
}

/// Reads rows for a parked edit, at the turn of its account and no further than its memory allows.
pub(super) async fn rows(
    shared: Arc<Shared>,
    sheet: SheetId,
    (account, needed): (AccountId, RowsFor),
    (parked, token, asked): (ParkedId, ReadToken, Vec<Range<RowId>>),
) -> LookedUp {
    let rows = {
        let _turn = shared.memory.rows.turn(account).await;
        shared.storage.read_rows_at(sheet, &asked, TEXT_ROWS_BYTES).await
    };
    let rows = rows.map_err(|error| match error {
        StoreError::RowsTooLarge { most } => match needed {
            RowsFor::Texts => Refusal::TextRowsTooLarge { most },
            RowsFor::Sizes => Refusal::SizedRowsTooLarge { most },
        },
        error => {
            tracing::warn!(%sheet, %error, "reading a row for an edit failed");
            Refusal::Unavailable("Postgres")
        }
    });
    LookedUp::Rows(FetchedRows { parked, token, asked, rows })
}

/// Reads the bound of the rows' sizes.
pub(super) async fn largest_row(shared: Arc<Shared>, sheet: SheetId) -> LookedUp {
    let largest = shared.storage.largest_row(sheet).await;
    LookedUp::LargestRow(
        largest
            .inspect_err(|error| tracing::debug!(%sheet, %error, "the largest row was not read"))
            .ok(),
    )
}

/// Reads older changes for a parked edit.
pub(super) async fn history(
    shared: Arc<Shared>,
    sheet: SheetId,
    parked: ParkedId,
    Older { account, after, until }: Older,
) -> LookedUp {
    let changes = missed(shared, sheet, (account, after, until)).await;
    LookedUp::History { parked, until, changes }
}

/// Does the heavy work of a parked edit, part by part. It waits for no read of Postgres.
pub(super) async fn heavy(
    shared: Arc<Shared>,
    caller: Caller,
    parked: ParkedId,
    mut heavy: Heavy,
) -> LookedUp {
    // A carry holds changes and conflicts in memory.
    let _turn = match (caller, &heavy) {
        (Caller::Account(account), Heavy::Carry { .. }) => {
            Some(shared.memory.carries.turn(account).await)
        }
        _ => None,
    };
    let done = loop {
        match run(caller, move || heavy.part()).await {
            Ok(Progress::Next(next)) => heavy = next,
            Ok(Progress::Done(done)) => break done,
            Err(_) => break Err(Refusal::Unavailable("the sheet")),
        }
    };
    LookedUp::Heavy { parked, done }
}

/// Finds the last accepted edit and the last accepted commands of a live client in the operation log.
async fn client_states(
    shared: &Shared,
    sheet: SheetId,
    client: ClientId,
) -> Result<Vec<(ClientId, ClientState)>, EndReason> {
    let mut states = Vec::new();
    for id in [client, command_client(client)] {
        states.extend(client_state(shared, sheet, id).await?.map(|state| (id, state)));
    }
    Ok(states)
}

/// Finds the last accepted edit under an id in the operation log.
async fn client_state(
    shared: &Shared,
    sheet: SheetId,
    client: ClientId,
) -> Result<Option<ClientState>, EndReason> {
    match shared.storage.client_state(sheet, client).await {
        Ok(state) => Ok(state.map(|state| ClientState {
            account: state.account,
            sequence: state.sequence,
            revision: state.revision,
        })),
        Err(error) => {
            tracing::warn!(%sheet, %error, "a client could not be looked up");
            Err(EndReason::Unavailable)
        }
    }
}
