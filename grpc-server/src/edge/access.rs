//! The rights of an account on a sheet.
//!
//! Not the identity of a caller: see `auth`. Invariant: an account's role on a sheet is read here alone. The
//! services and the sheet's task compare that role with what a call needs. A sheet belongs to its owner; for any
//! other account it does not exist.

use std::sync::Arc;

use gridloom::v1::Role;
use tonic::Status;

use super::auth::Identity;
use super::errors::ServiceError;
use super::lookup_cache::LookupCache;
use model::{AccountId, SheetId, SheetSummary};
use store::Store;

/// Decides what callers may do. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Access {
    store: Store,
    /// Sheets that are not deleted, and whose they are.
    owners: Arc<LookupCache<SheetId, AccountId>>,
}

impl Access {
    /// Rights as the store has them.
    pub fn new(store: Store) -> Self {
        Self { store, owners: Arc::default() }
    }

    /// The caller's role on a sheet that is not deleted.
    ///
    /// # Errors
    /// NOT_FOUND when there is no such sheet or the caller may not know of it; UNAVAILABLE.
    pub async fn role(&self, identity: &Identity, sheet: SheetId) -> Result<Role, Status> {
        if self.owner(sheet).await? == Some(identity.account) {
            Ok(Role::Owner)
        } else {
            Err(ServiceError::NotFound("sheet").into())
        }
    }

    /// A sheet that the caller may know of, deleted or not, as it is in Postgres now.
    pub(crate) async fn summary(
        &self,
        identity: &Identity,
        sheet: SheetId,
    ) -> Result<SheetSummary, ServiceError> {
        let summary = self.store.sheet_summary(sheet).await?;
        summary
            .filter(|summary| summary.owner == identity.account)
            .ok_or(ServiceError::NotFound("sheet"))
    }

    /// Asks again at the next call: the sheet was deleted or restored.
    pub(crate) fn forget(&self, sheet: SheetId) {
        self.owners.forget(&sheet);
    }

    async fn owner(&self, sheet: SheetId) -> Result<Option<AccountId>, ServiceError> {
        let question = || {
            let store = self.store.clone();
            async move {
                let summary = store.sheet_summary(sheet).await?;
                Ok(summary.filter(|it| it.deleted_micros.is_none()).map(|it| it.owner))
            }
        };
        // With Postgres away, known owners may still open their sheets.
        Ok(self.owners.look_up(sheet, question).await?)
    }
}
