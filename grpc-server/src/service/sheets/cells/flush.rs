//! The wait for edits that a sheet has accepted, until Postgres has them.
//!
//! Not the commit itself (the sheet's task). Invariant: edits that any node has accepted before the call are in Postgres after
//! it.

use std::time::Duration;

use ot_engine::Revision;
use tonic::Status;

use crate::edge::errors::{self, ServiceError};
use model::SheetId;
use sheet::Registry;
use sheet::api::message::SheetHandle;

/// How long a call waits for the commit before it answers that the edit is only in the journal.
const COMMIT_WITHIN: Duration = Duration::from_secs(30);

/// Waits until what a sheet has accepted so far is in Postgres.
pub(in crate::service) async fn flushed(registry: &Registry, id: SheetId) -> Result<(), Status> {
    let away = |_| ServiceError::Unavailable("the journal");
    // Accepted on any node, or by a former server.
    let journaled = registry.shared().journal.uncommitted(id).await.map_err(away)?;
    let open = match (registry.get(id), journaled) {
        (None, Some(_)) => Some(registry.open(id).await.map_err(errors::open)?),
        (open, _) => open,
    };
    match open {
        Some(handle) => {
            let accepted = journaled.unwrap_or_default().max(handle.head());
            Ok(committed(&handle, accepted).await?)
        }
        None => Ok(()),
    }
}

/// Waits until a revision of an open sheet is in Postgres.
pub(super) async fn committed(
    handle: &SheetHandle,
    revision: Revision,
) -> Result<(), ServiceError> {
    match tokio::time::timeout(COMMIT_WITHIN, handle.committed(revision)).await {
        Ok(Ok(())) => Ok(()),
        _ => Err(ServiceError::NotCommitted { revision: revision.0 }),
    }
}
