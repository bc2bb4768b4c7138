//! Sharing: roles of persons, links, transfer.
//!
//! It keeps no roles. Invariant: each call changes one role, or one link with its roles.

use gridloom::v1;

use crate::net::client::Client;
use crate::net::error::Error;

impl Client {
    /// The roles on a sheet, and its links.
    ///
    /// # Errors
    /// See `ListShares` in `sharing.proto`.
    pub async fn shares(&self, sheet_id: &str) -> Result<v1::ListSharesResponse, Error> {
        let request = v1::ListSharesRequest { sheet_id: sheet_id.to_owned() };
        Ok(self.sharing().list_shares(request).await?.into_inner())
    }

    /// Gives a role to an e-mail address, or changes it.
    ///
    /// # Errors
    /// See `Share` in `sharing.proto`.
    pub async fn share(
        &self,
        sheet_id: &str,
        email: &str,
        role: v1::Role,
    ) -> Result<v1::Share, Error> {
        Ok(self.share_with(sheet_id, email, role).await?.share.unwrap_or_default())
    }

    /// The same, with whether a letter invites an address without an account.
    ///
    /// # Errors
    /// See `Share` in `sharing.proto`.
    pub async fn share_with(
        &self,
        sheet_id: &str,
        email: &str,
        role: v1::Role,
    ) -> Result<v1::ShareResponse, Error> {
        let (sheet_id, email) = (sheet_id.to_owned(), email.to_owned());
        let request = v1::ShareRequest { sheet_id, email, role: role.into() };
        Ok(self.sharing().share(request).await?.into_inner())
    }

    /// Ends the role of an e-mail address.
    ///
    /// # Errors
    /// See `Unshare` in `sharing.proto`.
    pub async fn unshare(&self, sheet_id: &str, email: &str) -> Result<(), Error> {
        let (sheet_id, email) = (sheet_id.to_owned(), email.to_owned());
        let request = v1::UnshareRequest { sheet_id, email, account_id: String::new() };
        self.sharing().unshare(request).await?;
        Ok(())
    }

    /// Ends the roles that links gave to an account. It can open them again.
    ///
    /// # Errors
    /// See `Unshare` in `sharing.proto`.
    pub async fn unshare_account(&self, sheet_id: &str, account_id: &str) -> Result<(), Error> {
        let (sheet_id, account_id) = (sheet_id.to_owned(), account_id.to_owned());
        let request = v1::UnshareRequest { sheet_id, email: String::new(), account_id };
        self.sharing().unshare(request).await?;
        Ok(())
    }

    /// Makes a link that gives a role to each account that opens it. `expires_micros`: the time at which it ends, in
    /// microseconds since the Unix epoch; 0: none.
    ///
    /// # Errors
    /// See `CreateLink` in `sharing.proto`.
    pub async fn create_link(
        &self,
        sheet_id: &str,
        role: v1::Role,
        guests: bool,
        expires_micros: i64,
    ) -> Result<v1::Link, Error> {
        let (sheet_id, role) = (sheet_id.to_owned(), role.into());
        let request = v1::CreateLinkRequest { sheet_id, role, guests, expires_micros };
        Ok(self.sharing().create_link(request).await?.into_inner().link.unwrap_or_default())
    }

    /// Deletes a link, by its id or its token, and ends the roles that it gave.
    ///
    /// # Errors
    /// See `DeleteLink` in `sharing.proto`.
    pub async fn delete_link(&self, sheet_id: &str, link: &str) -> Result<(), Error> {
        let (sheet_id, link) = (sheet_id.to_owned(), link.to_owned());
        self.sharing().delete_link(v1::DeleteLinkRequest { sheet_id, link }).await?;
        Ok(())
    }

    /// Opens a link, by its token. Returns the id of the sheet, and the role on it.
    ///
    /// # Errors
    /// See `OpenLink` in `sharing.proto`.
    pub async fn open_link(&self, token: &str) -> Result<(String, v1::Role), Error> {
        let request = v1::OpenLinkRequest { token: token.to_owned() };
        let answer = self.sharing().open_link(request).await?.into_inner();
        let role = answer.role();
        Ok((answer.sheet_id, role))
    }

    /// Makes a guest of a link. Returns a client with the token of the guest.
    ///
    /// # Errors
    /// See `EnterAsGuest` in `sharing.proto`.
    pub async fn enter_as_guest(
        &self,
        token: &str,
        display_name: &str,
    ) -> Result<(Self, v1::EnterAsGuestResponse), Error> {
        let (token, display_name) = (token.to_owned(), display_name.to_owned());
        let request = v1::EnterAsGuestRequest { token, display_name };
        let answer = self.sharing().enter_as_guest(request).await?.into_inner();
        Ok((self.with_token(&answer.access_token)?, answer))
    }

    /// Makes another account the owner of a sheet; it must have opened the sheet.
    ///
    /// # Errors
    /// See `TransferSheet` in `sharing.proto`.
    pub async fn transfer_sheet(&self, sheet_id: &str, email: &str) -> Result<(), Error> {
        let (sheet_id, email) = (sheet_id.to_owned(), email.to_owned());
        self.sharing().transfer_sheet(v1::TransferSheetRequest { sheet_id, email }).await?;
        Ok(())
    }

    /// Ends the own roles on a sheet.
    ///
    /// # Errors
    /// See `LeaveSheet` in `sharing.proto`.
    pub async fn leave_sheet(&self, sheet_id: &str) -> Result<(), Error> {
        let request = v1::LeaveSheetRequest { sheet_id: sheet_id.to_owned() };
        self.sharing().leave_sheet(request).await?;
        Ok(())
    }
}
