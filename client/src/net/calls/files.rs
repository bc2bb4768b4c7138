//! Files: their list, their uploads as single calls, and what changes them; `sharing` has their roles.
//!
//! It reads and writes no file of this machine: `upload` sends the pieces that its caller reads, and `download` yields
//! those of the server. Invariant: an upload with a request id is started once.

mod digest;
mod download;
mod sharing;
mod upload;

use bytes::Bytes;
use gridloom::v1;

pub use self::digest::{ContentHasher, PIECE_BYTES, piece_digest};
pub use self::download::Download;
pub use self::upload::UploadProgress;
use crate::net::client::Client;
use crate::net::error::Error;

/// Files of one page of a list.
const PAGE_FILES: u32 = 500;

/// Which files are listed, and in which order.
#[derive(Clone, Debug, Default)]
pub struct FileOptions {
    /// Only names that contain this text, in any letter case.
    pub filter: String,
    /// The order; unspecified: the newest first.
    pub order: v1::FileOrder,
    /// Whether the order is the other way round.
    pub descending: bool,
    /// Whether to list the removed files instead.
    pub removed: bool,
    /// Whose files; unspecified: those of the account and those that are shared with it.
    pub scope: v1::FileScope,
}

impl Client {
    /// Begins an upload. Calls with the same `request_id` return the same upload, or the file that it has become; then send
    /// its pieces with [`Self::send_pieces`] and call [`Self::finish_upload`].
    ///
    /// # Errors
    /// See the call in `files.proto`.
    pub async fn start_upload(
        &self,
        name: &str,
        size_bytes: u64,
        request_id: &str,
    ) -> Result<v1::StartUploadResponse, Error> {
        let (name, request_id) = (name.to_owned(), request_id.to_owned());
        let request = v1::StartUploadRequest { name, size_bytes, request_id };
        Ok(self.file_calls().start_upload(request).await?.into_inner())
    }

    /// Sends one piece with its digest, and returns how many bytes of the upload the server has.
    ///
    /// # Errors
    /// See the call in `files.proto`.
    pub async fn upload_piece(
        &self,
        upload_id: &str,
        number: u32,
        data: Bytes,
        digest: [u8; 32],
    ) -> Result<u64, Error> {
        let (upload_id, digest) = (upload_id.to_owned(), Bytes::copy_from_slice(&digest));
        let request = v1::UploadPieceRequest { upload_id, number, data, digest };
        Ok(self.file_calls().upload_piece(request).await?.into_inner().received_bytes)
    }

    /// An upload under way, with the pieces that are missing.
    ///
    /// # Errors
    /// See the call in `files.proto`.
    pub async fn upload(&self, upload_id: &str) -> Result<v1::GetUploadResponse, Error> {
        let request = v1::GetUploadRequest { upload_id: upload_id.to_owned() };
        Ok(self.file_calls().get_upload(request).await?.into_inner())
    }

    /// The uploads under way, the newest first.
    ///
    /// # Errors
    /// See the call in `files.proto`.
    pub async fn uploads(&self) -> Result<Vec<v1::Upload>, Error> {
        let request = v1::ListUploadsRequest {};
        Ok(self.file_calls().list_uploads(request).await?.into_inner().uploads)
    }

    /// Makes an upload with all its pieces a file.
    ///
    /// # Errors
    /// See the call in `files.proto`.
    pub async fn finish_upload(&self, upload_id: &str) -> Result<v1::FinishUploadResponse, Error> {
        let request = v1::FinishUploadRequest { upload_id: upload_id.to_owned() };
        Ok(self.file_calls().finish_upload(request).await?.into_inner())
    }

    /// Ends an upload and discards its pieces.
    ///
    /// # Errors
    /// See the call in `files.proto`.
    pub async fn cancel_upload(&self, upload_id: &str) -> Result<(), Error> {
        let request = v1::CancelUploadRequest { upload_id: upload_id.to_owned() };
        self.file_calls().cancel_upload(request).await?;
        Ok(())
    }

    /// One page of the files. The token is that of the page before, or empty for the first page; an empty page is not
    /// always the last one.
    ///
    /// # Errors
    /// See the call in `files.proto`.
    pub async fn files_page(
        &self,
        options: &FileOptions,
        page_token: &str,
    ) -> Result<v1::ListFilesResponse, Error> {
        let request = v1::ListFilesRequest {
            page_size: PAGE_FILES,
            page_token: page_token.to_owned(),
            filter: options.filter.clone(),
            order: options.order.into(),
            descending: options.descending,
            removed: options.removed,
            scope: options.scope.into(),
        };
        Ok(self.file_calls().list_files(request).await?.into_inner())
    }

    /// All files that meet the options, read page by page.
    ///
    /// # Errors
    /// See the call in `files.proto`.
    pub async fn files(&self, options: &FileOptions) -> Result<Vec<v1::File>, Error> {
        let (mut files, mut token) = (Vec::new(), String::new());
        loop {
            let page = self.files_page(options, &token).await?;
            files.extend(page.files);
            token = page.next_page_token;
            if token.is_empty() {
                return Ok(files);
            }
        }
    }

    /// One file, also a removed one.
    ///
    /// # Errors
    /// See the call in `files.proto`.
    pub async fn file(&self, file_id: &str) -> Result<v1::File, Error> {
        let request = v1::GetFileRequest { file_id: file_id.to_owned() };
        Ok(self.file_calls().get_file(request).await?.into_inner().file.unwrap_or_default())
    }

    /// Renames a file. With an `etag`, only if it was not renamed since the etag was read.
    ///
    /// # Errors
    /// See the call in `files.proto`.
    pub async fn rename_file(
        &self,
        file_id: &str,
        name: &str,
        etag: Option<&str>,
    ) -> Result<v1::File, Error> {
        let request = v1::RenameFileRequest {
            file_id: file_id.to_owned(),
            name: name.to_owned(),
            etag: etag.unwrap_or_default().to_owned(),
        };
        Ok(self.file_calls().rename_file(request).await?.into_inner().file.unwrap_or_default())
    }

    /// Removes a file, which [`Self::restore_file`] brings back for a while. With `for_good` it is deleted, and the result
    /// is `None`.
    ///
    /// # Errors
    /// See the call in `files.proto`.
    pub async fn remove_file(
        &self,
        file_id: &str,
        for_good: bool,
    ) -> Result<Option<v1::File>, Error> {
        let request = v1::RemoveFileRequest { file_id: file_id.to_owned(), for_good };
        Ok(self.file_calls().remove_file(request).await?.into_inner().file)
    }

    /// Restores a removed file.
    ///
    /// # Errors
    /// See the call in `files.proto`.
    pub async fn restore_file(&self, file_id: &str) -> Result<v1::File, Error> {
        let request = v1::RestoreFileRequest { file_id: file_id.to_owned() };
        Ok(self.file_calls().restore_file(request).await?.into_inner().file.unwrap_or_default())
    }

    /// Makes a link by which a file is downloaded without a token for a while. Its path is one at the address of the server.
    ///
    /// # Errors
    /// See the call in `files.proto`.
    pub async fn download_link(
        &self,
        file_id: &str,
    ) -> Result<v1::CreateDownloadLinkResponse, Error> {
        let request = v1::CreateDownloadLinkRequest { file_id: file_id.to_owned() };
        Ok(self.file_calls().create_download_link(request).await?.into_inner())
    }

    /// What the files of this account occupy, and the limits.
    ///
    /// # Errors
    /// See the call in `files.proto`.
    pub async fn file_usage(&self) -> Result<v1::GetFileUsageResponse, Error> {
        let request = v1::GetFileUsageRequest {};
        Ok(self.file_calls().get_file_usage(request).await?.into_inner())
    }
}
