//! The roles on a file, and the end of its original, as single calls.
//!
//! Not the roles on sheets (`calls/sharing.rs`). Invariant: each call is sent once.

use gridloom::v1;

use crate::net::client::Client;
use crate::net::error::Error;

impl Client {
    /// The persons with a role on a file, its owner first, and the role of this account.
    ///
    /// # Errors
    /// See the call in `files.proto`.
    pub async fn file_shares(&self, file_id: &str) -> Result<v1::ListFileSharesResponse, Error> {
        let request = v1::ListFileSharesRequest { file_id: file_id.to_owned() };
        Ok(self.file_calls().list_file_shares(request).await?.into_inner())
    }

    /// Gives a role on a file to an e-mail address, or changes it.
    ///
    /// # Errors
    /// See the call in `files.proto`.
    pub async fn share_file(
        &self,
        file_id: &str,
        email: &str,
        role: v1::Role,
    ) -> Result<v1::ShareFileResponse, Error> {
        let (file_id, email) = (file_id.to_owned(), email.to_owned());
        let request = v1::ShareFileRequest { file_id, email, role: role.into() };
        Ok(self.file_calls().share_file(request).await?.into_inner())
    }

    /// Ends the role of an e-mail address on a file.
    ///
    /// # Errors
    /// See the call in `files.proto`.
    pub async fn unshare_file(&self, file_id: &str, email: &str) -> Result<(), Error> {
        let (file_id, email) = (file_id.to_owned(), email.to_owned());
        self.file_calls().unshare_file(v1::UnshareFileRequest { file_id, email }).await?;
        Ok(())
    }

    /// Ends the role of this account on a file.
    ///
    /// # Errors
    /// See the call in `files.proto`.
    pub async fn leave_file(&self, file_id: &str) -> Result<(), Error> {
        let request = v1::LeaveFileRequest { file_id: file_id.to_owned() };
        self.file_calls().leave_file(request).await?;
        Ok(())
    }

    /// Deletes the content that was uploaded, and keeps the tables that were read of it. With an `etag`, only if the file was not
    /// renamed or removed since the etag was read.
    ///
    /// # Errors
    /// See the call in `files.proto`.
    pub async fn delete_original(
        &self,
        file_id: &str,
        etag: Option<&str>,
    ) -> Result<v1::File, Error> {
        let (file_id, etag) = (file_id.to_owned(), etag.unwrap_or_default().to_owned());
        let request = v1::DeleteOriginalRequest { file_id, etag };
        Ok(self.file_calls().delete_original(request).await?.into_inner().file.unwrap_or_default())
    }
}
