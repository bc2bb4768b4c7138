//! The mark of a deleted sheet: set and taken away.
//!
//! Not the purge of what is marked: see `purge`. Invariants: a sheet that is another account's by now stays; an account
//! that has ended gets no sheet back.

use model::{AccountId, SheetId, SheetSummary, now_micros};

use crate::sql::Micros;
use crate::{Store, StoreError};

const DELETE: &str = concat!(
    "update sheets set deleted_at = $2, version = version + 1
    where id = $1 and deleted_at is null and ($3::uuid is null or owner = $3)
    returning ",
    summary!()
);

/// The owner is locked, so that the end of its account waits for the sheet or keeps it deleted.
const UNDELETE: &str = concat!(
    "with able as (
        select accounts.id as account from accounts join sheets on sheets.owner = accounts.id
        where sheets.id = $1 and accounts.ended_at is null for share of accounts
    )
    update sheets set deleted_at = null, version = version + 1 from able
    where id = $1 and owner = able.account and deleted_at is not null
    returning ",
    summary!()
);

impl Store {
    /// Marks a sheet as deleted, of any owner or while it is this account's; everything of it stays. Deleting it again
    /// changes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such sheet, or it is another account's; [`StoreError::Unavailable`].
    pub async fn delete_sheet(
        &self,
        id: SheetId,
        owner: Option<AccountId>,
    ) -> Result<SheetSummary, StoreError> {
        let (now, of) = (Micros(now_micros()), owner.map(|owner| owner.0));
        if let Some(summary) = self.summary(DELETE, &[&id.0, &now, &of]).await? {
            return Ok(summary);
        }
        let found = self.sheet_summary(id).await?;
        let found = found.filter(|sheet| owner.is_none_or(|owner| sheet.owner == owner));
        found.ok_or(StoreError::NotFound("sheet"))
    }

    /// Takes the mark away. Restoring one that is not deleted changes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such sheet, or its owner's account has ended;
    /// [`StoreError::Unavailable`].
    pub async fn undelete_sheet(&self, id: SheetId) -> Result<SheetSummary, StoreError> {
        if let Some(summary) = self.summary(UNDELETE, &[&id.0]).await? {
            return Ok(summary);
        }
        let found = self.sheet_summary(id).await?;
        let found = found.filter(|sheet| sheet.deleted_micros.is_none());
        found.ok_or(StoreError::NotFound("sheet"))
    }
}
