//! The lookups that run beside the actor: clients, older changes and rows in Postgres, and undos.
//!
//! Not here: what follows from an outcome (`joins`, `undo`, `ordering`). Invariant: the lookups of a sheet end
//! with it.

use std::ops::Range;
use std::sync::Arc;

use ot_engine::{ClientId, Revision, RowId};
use tokio::task::JoinSet;

use super::SheetActor;
use super::reads::ranges_of;
use super::requests::Waiting;
use crate::admission::{Found, Lookup};
use crate::api::message::Apply;
use crate::fanout::session::EndReason;
use crate::history::older_changes;
use crate::ordering::ParkedId;
use crate::ordering::action::Older;
use crate::ordering::clients::ClientState;
use crate::ports::journal::JournalError;
use crate::refusal::Refusal;
use crate::row_cache::ReadToken;
use crate::shared::Shared;
use crate::time_travel::undo::Answer;
use model::{Entry, RowBody, SheetId};

/// Running lookups.
pub(super) type Lookups = JoinSet<LookedUp>;

/// The outcome of a lookup.
pub(super) enum LookedUp {
    /// Of a session that asks to join.
    Session(Found),
    /// Of an undo, a redo or a restore.
    Undo { apply: Box<Apply>, answer: Answer },
    /// Of the name of a unary edit, which may be a retry.
    Apply { apply: Box<Apply>, client: Result<Option<ClientState>, EndReason> },
    /// Of rows that a parked edit needs.
    Rows(FetchedRows),
    /// Of older changes that a parked edit needs.
    History { parked: ParkedId, until: Revision, changes: Result<Vec<Arc<Entry>>, Refusal> },
}

/// Rows that were read for a parked edit.
pub(super) struct FetchedRows {
    parked: ParkedId,
    token: ReadToken,
    asked: Vec<Range<RowId>>,
    rows: Result<(Vec<(RowId, RowBody)>, Revision), Refusal>,
}

/// Looks up what a session needs to join.
pub(super) async fn session(shared: Arc<Shared>, sheet: SheetId, lookup: Lookup) -> LookedUp {
    let client = match lookup.client {
        Some(client) => client_state(&shared, sheet, client).await,
        None => Ok(None),
    };
    let missed = match lookup.after {
        Some(after) => older_changes(&shared, sheet, after, lookup.until).await,
        None => Ok(Vec::new()),
    };
    LookedUp::Session(Found { session: lookup.session, client, missed })
}

/// Looks up the name of a unary edit.
pub(super) async fn apply(shared: Arc<Shared>, sheet: SheetId, apply: Box<Apply>) -> LookedUp {
    let client = client_state(&shared, sheet, apply.client).await;
    LookedUp::Apply { apply, client }
}

/// Reads rows for a parked edit.
async fn rows(
    shared: Arc<Shared>,
    sheet: SheetId,
    (parked, token, asked): (ParkedId, ReadToken, Vec<Range<RowId>>),
) -> LookedUp {
    let rows = shared.storage.read_rows_at(sheet, &asked).await.map_err(|error| {
        tracing::warn!(%sheet, %error, "reading a row for a text edit failed");
        Refusal::Unavailable("Postgres")
    });
    LookedUp::Rows(FetchedRows { parked, token, asked, rows })
}

/// Reads older changes for a parked edit.
async fn history(
    shared: Arc<Shared>,
    sheet: SheetId,
    parked: ParkedId,
    Older { after, until }: Older,
) -> LookedUp {
    let changes = older_changes(&shared, sheet, after, until).await;
    LookedUp::History { parked, until, changes }
}

impl SheetActor {
    pub(super) fn fetch_rows(&mut self, parked: ParkedId, rows: &[RowId]) {
        let (token, asked) = (self.rows.begin_read(), ranges_of(rows));
        let shared = Arc::clone(&self.shared);
        self.lookups.spawn(self::rows(shared, self.id, (parked, token, asked)));
    }

    pub(super) fn fetch_history(&mut self, parked: ParkedId, older: Older) {
        self.lookups.spawn(history(Arc::clone(&self.shared), self.id, parked, older));
    }

    /// Continues the request whose lookup has ended.
    pub(super) fn on_looked_up(&mut self, outcome: LookedUp) {
        self.ordering.begin_turn();
        match outcome {
            LookedUp::Session(found) => self.alone(Waiting::JoinFound(found)),
            LookedUp::Undo { apply, answer } => self.alone(Waiting::UndoFound { apply, answer }),
            LookedUp::Apply { apply, client: Ok(state) } => {
                self.ordering.restore_client(apply.client, state);
                self.order_apply(apply);
            }
            LookedUp::Apply { apply, client: Err(_) } => {
                // A caller that has left needs no answer.
                drop(apply.reply.send(Err(Refusal::Unavailable("Postgres"))));
            }
            LookedUp::Rows(fetched) => match &fetched.rows {
                // Another node committed entries that this one has not received.
                Ok((_, revision)) if *revision > self.ordering.head() => {
                    self.alone(Waiting::FetchedRows(fetched));
                }
                _ => self.on_rows(fetched),
            },
            LookedUp::History { parked, until, changes } => {
                self.on_history(parked, until, changes);
            }
        }
    }

    /// The journal has been read since Postgres had these rows: its entries must reach their revision.
    pub(super) fn on_rows_at_turn(&mut self, fetched: FetchedRows) {
        match &fetched.rows {
            Ok((_, revision)) if *revision > self.ordering.head() => {
                self.rows.end_read(fetched.token);
                self.ordering.cut_off(&JournalError::Gap);
            }
            _ => self.on_rows(fetched),
        }
    }

    fn on_rows(&mut self, fetched: FetchedRows) {
        let FetchedRows { parked, token, asked, rows } = fetched;
        let bodies = rows.map(|(rows, _)| self.cache_fetched(asked, rows));
        self.rows.end_read(token);
        self.ordering.on_rows(parked, bodies);
    }

    /// Adds to the older changes those that left the ordering core's memory meanwhile.
    fn on_history(
        &mut self,
        parked: ParkedId,
        until: Revision,
        changes: Result<Vec<Arc<Entry>>, Refusal>,
    ) {
        let oldest = self.ordering.oldest();
        let changes = changes.map(|mut changes| {
            let later = self.log.after(until).map(|change| Arc::clone(&change.entry));
            changes.extend(later.take_while(|entry| entry.revision <= oldest));
            changes
        });
        let answer = changes.as_deref().map_err(Clone::clone);
        self.ordering.on_history(parked, answer);
        // A client that resumes from there is sent its changes from memory.
        self.log.put_back(changes.unwrap_or_default());
    }
}

/// Finds the last accepted edit of a client in the operation log.
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
