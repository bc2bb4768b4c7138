//! The deletion of a sheet: what its owner asks for, or the end of the owner's account.
//!
//! Not the right to delete (`edge::rights::access`), and not the purge of deleted sheets (`retention`). Invariants: each
//! accepted edit of a deleted sheet is committed or parked, so that a sheet that is restored is whole; a sheet that is
//! given away meanwhile stays.

use tonic::Status;

use super::cells::Cells;
use crate::edge::errors::{self, ServiceError};
use crate::edge::rights::access::Access;
use crate::edge::rights::invalidation::{Invalidation, Invalidations};
use crate::edge::rights::role_check::RoleCheck;
use model::limits::Limits;
use model::{AccountId, SheetId};
use sheet::Registry;
use sheet::fanout::session::EndReason;
use store::{Store, StoreError};

/// Deletes sheets.
#[derive(Debug)]
pub(crate) struct Removal {
    store: Store,
    registry: Registry,
    access: Access,
    cells: Cells,
    invalidations: Invalidations,
}

impl Removal {
    pub(crate) fn new(roles: &RoleCheck, limits: Limits, invalidations: Invalidations) -> Self {
        let RoleCheck { store, registry, access, .. } = roles.clone();
        let cells = Cells::new(registry.clone(), limits);
        Self { store, registry, access, cells, invalidations }
    }

    /// Deletes a sheet of an account. False: it is not the account's any more, and stays.
    pub(crate) async fn remove(&self, sheet: SheetId, owner: AccountId) -> Result<bool, Status> {
        // An edit that was accepted from now on would stay in the journal as long as the sheet can be restored.
        let _sealed = self.registry.seal(sheet).await;
        // First every accepted edit is committed: a closed sheet commits no more, and a sheet that is
        // restored later must be whole.
        if let Err(status) = self.cells.flushed(sheet).await {
            // Entries that can't be committed are parked, so that a sheet that is set aside can be deleted.
            let parked = self.registry.park(sheet).await.map_err(errors::open)?;
            parked.ok_or(status)?;
        }
        match self.store.delete_sheet(sheet, Some(owner)).await {
            Err(StoreError::NotFound(_)) => return Ok(false),
            deleted => drop(deleted.map_err(ServiceError::from)?),
        }
        self.access.forget(sheet);
        self.registry.close(sheet, EndReason::NotFound);
        self.invalidations.send(Invalidation::Sheet(sheet));
        Ok(true)
    }
}
