//! The operator's actions on a running server: prune, park and delete a sheet.
//!
//! Not the command line (`admin`), and no rpc. Invariant: an action is refused once the server is about to stop,
//! so none keeps the server's parts alive.

use crate::retention::{Pruned, Pruner};
use model::SheetId;
use sheet::Registry;
use sheet::fanout::session::EndReason;
use sheet::open_error::OpenError;
use store::{Store, StoreError};

/// Does what the operator asks.
#[derive(Debug)]
pub(super) struct Operator {
    pub(super) store: Store,
    pub(super) registry: Registry,
    pub(super) pruner: Pruner,
}

/// Why a sheet could not be parked or deleted.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// It can't be opened, or its journal can't be asked.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Postgres is away, or has no such sheet.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server is about to stop.
    #[error("the server is about to stop")]
    Stopping,
}

impl Operator {
    pub(super) async fn prune(&self, now_micros: i64) -> Result<Pruned, StoreError> {
        self.pruner.run(now_micros).await
    }

    pub(super) async fn park(&self, sheet: SheetId) -> Result<Option<usize>, OperatorError> {
        Ok(self.registry.park(sheet).await?)
    }

    pub(super) async fn delete(&self, sheet: SheetId) -> Result<(), OperatorError> {
        // A sheet that can be opened is committed first: what is restored later must be whole.
        if self.registry.park(sheet).await?.is_none() {
            let handle = self.registry.open(sheet).await?;
            // A sheet that closes meanwhile keeps the rest in the journal.
            let _ = handle.committed(handle.head()).await;
        }
        self.store.delete_sheet(sheet, None).await?;
        self.registry.close(sheet, EndReason::NotFound);
        Ok(())
    }
}
