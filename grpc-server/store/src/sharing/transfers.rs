//! A sheet that is given to another account.
//!
//! Not the room that the new owner has for it. Invariant: the new owner has opened the sheet and can sign in; the former one
//! becomes an editor.

use crate::sql::{Micros, check_text};
use crate::{Store, StoreError};
use model::{AccountId, SheetId, now_micros};

/// The account of an address that has opened a sheet, and can sign in.
macro_rules! has_opened {
    ($sheet:literal) => {
        concat!(
            "select accounts.id from accounts
            where accounts.email = $2 and disabled_at is null and not unconfirmed and (
                exists (select from shares
                    where shares.sheet = ",
            $sheet,
            " and shares.email = $2 and opened_at is not null)
                or exists (select from link_members join links on links.id = link_members.link
                    where links.sheet = ",
            $sheet,
            " and link_members.account = accounts.id))"
        )
    };
}

const HAS_OPENED: &str = has_opened!("$1");

const HAS_OPENED_ALL: &str = concat!(
    "select not exists (
        select from sheets where owner = $1 and deleted_at is null and not exists (",
    has_opened!("sheets.id"),
    "))"
);

/// The new owner is locked, so that the end of its account waits for the sheet or keeps it away. The former owner becomes
/// an editor who has opened it.
const TRANSFER: &str = "
    with able as (
        select accounts.id as account from accounts
        where accounts.id = $3 and ended_at is null and disabled_at is null and not unconfirmed
        for share
    ), given as (
        update sheets set owner = able.account, version = version + 1 from able
        where sheets.id = $1 and sheets.owner = $2 and sheets.deleted_at is null
        returning sheets.id
    ), raised as (
        delete from shares using given, accounts
        where accounts.id = $3 and shares.sheet = given.id and shares.email = accounts.email
        returning shares.sheet
    ), kept as (
        insert into shares (sheet, email, role, given_at, opened_at)
        select given.id, accounts.email, 'editor', $4, $4 from given, accounts where accounts.id = $2
        on conflict (sheet, email) do update set role = excluded.role, opened_at = excluded.opened_at
        returning sheet
    ), noted as (
        select notify_role($3::uuid, 'role', $2::uuid, kept.sheet, jsonb_build_object(
            'role', 'owner', 'sheet', (select name from sheets where id = kept.sheet))) as account
        from kept
        -- The share before the notice, as a message of the new owner locks them.
        where (select count(*) from raised) >= 0
    )
    select (select count(*) from kept), array(select account from noted)";

impl Store {
    /// The account of an e-mail address, if it can sign in and has opened a sheet.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Unavailable`].
    pub async fn has_opened(
        &self,
        sheet: SheetId,
        email: &str,
    ) -> Result<Option<AccountId>, StoreError> {
        check_text(email)?;
        let row = self.query_opt(HAS_OPENED, &[&sheet.0, &email]).await?;
        row.map(|row| Ok(AccountId(row.try_get(0)?))).transpose()
    }

    /// Whether the account of an e-mail address can sign in and has opened each sheet of an owner.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Unavailable`].
    pub async fn has_opened_all(&self, owner: AccountId, email: &str) -> Result<bool, StoreError> {
        check_text(email)?;
        Ok(self.query_one(HAS_OPENED_ALL, &[&owner.0, &email]).await?.try_get(0)?)
    }

    /// Gives a sheet to another account; its owner becomes an editor. False when it is not the owner's any more, or the
    /// other account can't sign in.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn transfer(
        &self,
        sheet: SheetId,
        from: AccountId,
        to: AccountId,
    ) -> Result<bool, StoreError> {
        let now = Micros(now_micros());
        self.give(TRANSFER, &[&sheet.0, &from.0, &to.0, &now]).await
    }
}
