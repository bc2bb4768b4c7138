//! The end of the roles that links gave to one person.
//!
//! Not the end of a link (`links`), which ends the roles of all. Invariant: the owner stays.

use tonic::Status;

use super::Sharing;
use crate::edge::auth::Identity;
use crate::edge::errors::{ServiceError, SharingRefusal};
use model::{AccountId, SheetId};

impl Sharing {
    pub(super) async fn end_member(
        &self,
        identity: &Identity,
        sheet: SheetId,
        account: &str,
    ) -> Result<(), Status> {
        let unknown = || ServiceError::NotFound("account among those that came by a link");
        let account: AccountId = account.parse().map_err(|_| unknown())?;
        if account == identity.account {
            return Err(SharingRefusal::OwnerStays("account_id").into());
        }
        let ended = self.roles.store.end_member(sheet, account, identity.account).await;
        if !ended.map_err(ServiceError::from)? {
            self.roles.access.owned(identity, sheet).await?;
            return Err(unknown().into());
        }
        self.changed_role(sheet, account).await;
        Ok(())
    }
}
