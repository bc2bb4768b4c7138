//! `gridloom.v1.FileService`: lists, renames, removes and restores the files of the caller, and passes uploads and downloads
//! to the files of `files/`.
//!
//! | file | holds |
//! | --- | --- |
//! | `calls` | the calls on the wire |
//! | `uploads` | uploads and their pieces |
//! | `downloads` | the streams of contents |
//! | `links` | links to downloads, and their answers over plain HTTP |
//! | `parts` | which parts of which pieces a range of bytes is |
//! | `lists` | pages of files |
//! | `place` | the place of the pieces, and whether it is the right one |
//! | `wire` | files and uploads as messages, and the rules for what names them |
//!
//! Not the bytes (the crate `files`), and not the quota (the store). Invariants: a call finds the files of its own account
//! alone, and a link its one file; none is answered while the place is not that of this database.

mod calls;
mod downloads;
mod links;
mod lists;
mod parts;
mod place;
mod refusals;
mod uploads;
mod wire;

use std::sync::Arc;

use gridloom::v1;
use tokio::sync::Semaphore;

pub(crate) use self::links::routes as link_routes;
pub(crate) use self::place::CheckedPlace;
use self::wire::file_to_wire;
pub(in crate::service) use self::wire::{file_name, request_id};
use crate::edge::auth::Identity;
use crate::edge::errors::{FileRefusal, ServiceError};
use crate::edge::keys::server_key::ServerKey;
use crate::edge::sign_in::login_throttle::StrangerQueries;
use crate::service::turns::Turns;
use model::limits::FileLimits;
use model::limits::files::{
    DOWNLOADS, DOWNLOADS_AT_ONCE, SERVER_PIECES_AT_ONCE, SERVER_PIECES_HELD,
};
use model::{FileId, FileRecord, UploadRecord};
use store::{Renamed, Store};

/// The parts of the files.
pub(crate) struct FileParts {
    pub(crate) store: Store,
    pub(crate) place: Arc<CheckedPlace>,
    pub(crate) limits: FileLimits,
    /// The bytes of an answer.
    pub(crate) message_bytes: u32,
    /// The key of the secrets of links.
    pub(crate) key: ServerKey,
    /// The turns to look up a link, whose caller has no token.
    pub(crate) queries: StrangerQueries,
}

/// Serves files.
pub(crate) struct Files {
    store: Store,
    place: Arc<CheckedPlace>,
    limits: FileLimits,
    /// The bytes of an answer.
    message_bytes: u32,
    key: ServerKey,
    queries: StrangerQueries,
    /// The turns of each account to download.
    downloads: Turns,
    /// The places of pieces that are in memory.
    held: Semaphore,
    /// The turns to write a piece. An account waits for its own before its request is read (`edge::call_turns`).
    pieces: Semaphore,
}

impl Files {
    pub(crate) fn new(parts: FileParts) -> Self {
        let FileParts { store, place, limits, message_bytes, key, queries } = parts;
        let downloads = Turns::new(DOWNLOADS, DOWNLOADS_AT_ONCE);
        let (held, pieces) =
            (Semaphore::new(SERVER_PIECES_HELD), Semaphore::new(SERVER_PIECES_AT_ONCE));
        Self { store, place, limits, message_bytes, key, queries, downloads, held, pieces }
    }

    /// A file of the caller, removed or not.
    async fn own(&self, identity: &Identity, id: &str) -> Result<FileRecord, ServiceError> {
        let id = id.parse::<FileId>().map_err(|_| FileRefusal::NoFile)?;
        let file = self.store.file(identity.account, id).await?.ok_or(FileRefusal::NoFile)?;
        // A caller without the file learns nothing of the place.
        self.place.ready().await?;
        Ok(file)
    }

    /// An upload of the caller under way.
    async fn own_upload(
        &self,
        identity: &Identity,
        id: &str,
    ) -> Result<UploadRecord, ServiceError> {
        let no_upload = || ServiceError::NotFound("upload");
        let id = id.parse::<FileId>().map_err(|_| no_upload())?;
        let upload = self.store.upload(identity.account, id).await?.ok_or_else(no_upload)?;
        self.place.ready().await?;
        Ok(upload)
    }

    async fn rename(
        &self,
        identity: &Identity,
        request: v1::RenameFileRequest,
    ) -> Result<v1::File, ServiceError> {
        let file = self.own(identity, &request.file_id).await?;
        let name = file_name(&request.name)?;
        let version = match request.etag.as_str() {
            "" => None,
            // An etag of another form matches no version of the file.
            etag => Some(etag.parse::<i64>().map_err(|_| FileRefusal::OtherVersion)?),
        };
        let renamed = self.store.rename_file(identity.account, file.id, &name, version).await?;
        match renamed {
            Renamed::File(file) => Ok(file_to_wire(&file)),
            Renamed::Removed => Err(FileRefusal::Removed.into()),
            Renamed::OtherVersion => Err(FileRefusal::OtherVersion.into()),
            Renamed::NoFile => Err(FileRefusal::NoFile.into()),
        }
    }

    /// Removes a file; `None`: it is deleted for good.
    async fn remove(
        &self,
        identity: &Identity,
        request: &v1::RemoveFileRequest,
    ) -> Result<Option<v1::File>, ServiceError> {
        let file = self.own(identity, &request.file_id).await?;
        if request.for_good {
            self.store.delete_file_for_good(identity.account, file.id).await?;
            return Ok(None);
        }
        let removed = self.store.remove_file(identity.account, file.id).await?;
        let removed = removed.ok_or(FileRefusal::NoFile)?;
        Ok(Some(file_to_wire(&removed)))
    }

    async fn restore(&self, identity: &Identity, id: &str) -> Result<v1::File, ServiceError> {
        let file = self.own(identity, id).await?;
        let restored = self.store.restore_file(identity.account, file.id).await?;
        let restored = restored.ok_or(FileRefusal::NoFile)?;
        Ok(file_to_wire(&restored))
    }

    async fn usage(&self, identity: &Identity) -> Result<v1::GetFileUsageResponse, ServiceError> {
        self.place.ready().await?;
        let usage = self.store.file_usage(identity.account).await?;
        Ok(v1::GetFileUsageResponse {
            used_bytes: usage.used,
            most_bytes: self.limits.account_file_bytes,
            file_most_bytes: self.limits.file_bytes,
            files: usage.files,
            most_files: self.limits.account_files,
            removed_bytes: usage.removed,
            leaving_bytes: usage.leaving,
        })
    }
}
