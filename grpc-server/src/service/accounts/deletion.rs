//! The end of an account by its owner, and what becomes of its sheets.
//!
//! Not the purge of what is left (`housekeeping`). Invariants: an account with a sheet ends only where the request has an
//! answer for its sheets; one call deletes or gives away a bounded number of them, the latter after a look whether the
//! new owner has room for all; the account ends last, so that its owner can finish what was left or refused in the middle.

use std::net::IpAddr;

use gridloom::v1;
use tonic::Status;

use super::{Accounts, known_email};
use crate::edge::auth::Identity;
use crate::edge::errors::{AccountRefusal, ServiceError, StatusBuilder, given_in_part};
use model::limits::edge::SHEETS_AT_ONCE;
use model::{AccountId, AccountRecord, SheetId};

impl Accounts {
    pub(super) async fn delete(
        &self,
        identity: &Identity,
        request: v1::DeleteAccountRequest,
        peer: Option<IpAddr>,
    ) -> Result<(), Status> {
        let v1::DeleteAccountRequest { password, delete_sheets, transfer_to } = request;
        if delete_sheets && !transfer_to.is_empty() {
            let rule = "must be empty where the sheets are to be deleted";
            return Err(ServiceError::malformed("transfer_to", rule).into());
        }
        let account = self.owner(identity, password, peer).await?;
        let sheets = self.store.owned_sheets(account.id).await.map_err(ServiceError::from)?;
        let (now, later) = sheets.split_at(sheets.len().min(SHEETS_AT_ONCE));
        match now.is_empty() {
            true => {}
            false if delete_sheets => {
                for sheet in now {
                    // One that was given away since is another account's.
                    self.removal.remove(*sheet, account.id).await?;
                }
            }
            false if !transfer_to.is_empty() => {
                let to = known_email(&transfer_to).map_err(|_| {
                    ServiceError::malformed("transfer_to", "must be an e-mail address")
                })?;
                if *to == *account.email {
                    let rule = "must be the address of another account";
                    return Err(ServiceError::malformed("transfer_to", rule).into());
                }
                // Each of them, before the first is given away.
                self.sharing.recipient_of_all(account.id, &to).await?;
                self.give_all(account.id, now, &to).await?;
            }
            false => return Err(owns(sheets.len()).into()),
        }
        if !later.is_empty() {
            return Err(ServiceError::from(AccountRefusal::SheetsLeft(count(later.len()))).into());
        }
        let ended = self.store.end_account(account.id, &account.password_hash).await;
        // A sheet was made, or the password changed, since this call has looked.
        let ended = ended.map_err(ServiceError::from)?.ok_or_else(|| owns(1))?;
        self.ends.tokens(account.id, &ended);
        Ok(())
    }

    /// Gives sheets to the account of an address. A refusal in the middle says how many are given.
    async fn give_all(
        &self,
        from: AccountId,
        sheets: &[SheetId],
        to: &str,
    ) -> Result<(), StatusBuilder> {
        let mut given = 0;
        for sheet in sheets {
            match self.sharing.give(from, *sheet, to).await {
                Ok(()) => given += 1,
                // It is another account's, or deleted, since this call has looked.
                Err(ServiceError::NotFound(_)) => {}
                Err(why) => return Err(given_in_part(given, why)),
            }
        }
        Ok(())
    }

    /// The account of a call whose password is right. A guest has none; the owner of another account without one has to
    /// sign in again.
    async fn owner(
        &self,
        identity: &Identity,
        password: String,
        peer: Option<IpAddr>,
    ) -> Result<AccountRecord, ServiceError> {
        let account = self.auth.account(identity).await?;
        if identity.is_guest {
            return Ok(account);
        }
        if account.password_hash.is_empty() {
            self.check_signed_in_again(&identity.token_hash).await?;
            return Ok(account);
        }
        let owner = self.attempt(&account.email, password, peer).await?;
        owner.ok_or_else(|| {
            ServiceError::malformed("password", "is not the password of your account")
        })
    }
}

fn owns(sheets: usize) -> ServiceError {
    AccountRefusal::OwnsSheets(count(sheets)).into()
}

fn count(sheets: usize) -> u64 {
    u64::try_from(sheets).unwrap_or(u64::MAX)
}
