//! A sheet that is given to another account.
//!
//! Not the right to give it away (`edge::rights::access`). Invariants: the new owner has opened the sheet, and has room
//! for its bytes; no answer shows the numbers of another account.

use super::Sharing;
use crate::edge::errors::{ServiceError, SharingRefusal};
use crate::edge::rights::invalidation::Invalidation;
use model::{AccountId, SheetId};

const NOT_OPENED: SharingRefusal = SharingRefusal::Unmet {
    reason: "NOT_OPENED",
    message: "no person with this e-mail address, and an account that can sign in, has opened the sheet; \
              share it with them first, and transfer it when they have opened it",
};

impl Sharing {
    /// The account of an address that a sheet can be given to.
    async fn recipient(&self, sheet: SheetId, email: &str) -> Result<AccountId, ServiceError> {
        Ok(self.roles.store.has_opened(sheet, email).await?.ok_or(NOT_OPENED)?)
    }

    /// Refuses an address that not all sheets of an account can be given to: as far as that is seen before the first is.
    pub(crate) async fn recipient_of_all(
        &self,
        from: AccountId,
        email: &str,
    ) -> Result<(), ServiceError> {
        let store = &self.roles.store;
        if !store.has_opened_all(from, email).await? {
            return Err(NOT_OPENED.into());
        }
        let to = store.account_by_email(email).await?.ok_or(NOT_OPENED)?;
        let all = store.owned_bytes(from).await?;
        self.quotas.check_transfer(to.id, all).await.map_err(full)
    }

    /// Gives a sheet of an account to the account of an address (in lower case).
    pub(crate) async fn give(
        &self,
        from: AccountId,
        sheet: SheetId,
        email: &str,
    ) -> Result<(), ServiceError> {
        let (store, to) = (&self.roles.store, self.recipient(sheet, email).await?);
        let place = self.quotas.transferred_sheet(to, store.sheet_bytes(sheet).await?).await;
        let _place = place.map_err(full)?;
        if !store.transfer(sheet, from, to).await? {
            return Err(ServiceError::NotFound("sheet"));
        }
        let checked = self.roles.check_owner(sheet).await;
        self.announce(checked, Invalidation::Owner(sheet));
        Ok(())
    }
}

/// The numbers of another account are not the caller's business.
fn full(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Quota { .. } | ServiceError::Stored(_) => SharingRefusal::Unmet {
            reason: "RECIPIENT_FULL",
            message: "the new owner has no room for what it is given; it can delete other sheets first",
        }
        .into(),
        other => other,
    }
}
