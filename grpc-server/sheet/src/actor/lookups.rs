//! What the actor looks up outside of its own task: clients and missed changes in the log, and undos.
//!
//! Not here: what an answer leads to (`joins`, `undo`). Invariant: the lookups of a sheet end with it.

use std::sync::Arc;

use ot_engine::ClientId;
use tokio::task::JoinSet;

use crate::admission::{Found, Lookup};
use crate::api::message::Apply;
use crate::fanout::session::EndReason;
use crate::history::older_changes;
use crate::ordering::clients::ClientState;
use crate::shared::Shared;
use crate::time_travel::undo::Answer;
use model::SheetId;

/// Lookups under way.
pub(crate) type Lookups = JoinSet<LookedUp>;

/// The outcome of a lookup.
pub(crate) enum LookedUp {
    /// Of a session that asks to join.
    Session(Found),
    /// Of an undo, a redo or a restore.
    Undo { apply: Box<Apply>, answer: Answer },
    /// Of the name of a unary edit, which may be a retry.
    Apply { apply: Box<Apply>, client: Result<Option<ClientState>, EndReason> },
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
