//! `gridloom.v1.FileService`: lists, renames, removes and restores files, deletes originals, and passes uploads, downloads and
//! roles to the files of `files/`.
//!
//! | file | holds |
//! | --- | --- |
//! | `calls` | the calls on the wire |
//! | `uploads` | uploads and their pieces |
//! | `downloads` | the streams of contents |
//! | `links` | links to downloads, and their answers over plain HTTP |
//! | `parts` | which parts of which pieces a range of bytes is |
//! | `lists` | pages of files |
//! | `sharing` | what gives roles on files |
//! | `shares` | the roles on a file |
//! | `of_job` | the file of a job, looked up again |
//! | `place` | the place of the pieces, and whether it is the right one |
//! | `wire` | files and uploads as messages, and the rules for what names them |
//!
//! Not the bytes (the crate `files`), and not the quota (the store). Invariants: a call finds the files on which its account
//! has a role, and a link its one file; none is answered while the place is not that of this database.

mod calls;
mod downloads;
mod links;
mod lists;
mod of_job;
mod parts;
mod place;
mod refusals;
mod shares;
mod sharing;
mod uploads;
mod wire;

use std::sync::Arc;

use gridloom::v1;
use tokio::sync::Semaphore;

pub(crate) use self::links::routes as link_routes;
pub(in crate::service) use self::of_job::{
    READ_FILE, READ_SMALL_FILE, file_of_job, gone, without_original,
};
pub(crate) use self::place::CheckedPlace;
pub(crate) use self::sharing::FileSharing;
use self::wire::file_to_wire;
pub(in crate::service) use self::wire::{file_name, request_id};
use crate::edge::auth::Identity;
use crate::edge::errors::{FileRefusal, OriginalRefusal, ServiceError};
use crate::edge::keys::server_key::ServerKey;
use crate::edge::rights::access::Access;
use crate::edge::sign_in::login_throttle::StrangerQueries;
use crate::service::turns::Turns;
use model::limits::FileLimits;
use model::limits::files::{
    DOWNLOADS, DOWNLOADS_AT_ONCE, SERVER_PIECES_AT_ONCE, SERVER_PIECES_HELD,
};
use model::{FileId, FoundFile, Role, UploadRecord};
use store::{DeletedOriginal, Renamed, Store};

/// The parts of the files.
pub(crate) struct FileParts {
    pub(crate) store: Store,
    pub(crate) access: Access,
    pub(crate) sharing: FileSharing,
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
    access: Access,
    sharing: FileSharing,
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
        let FileParts { store, access, sharing, place, limits, message_bytes, key, queries } =
            parts;
        let downloads = Turns::new(DOWNLOADS, DOWNLOADS_AT_ONCE);
        let (held, pieces) =
            (Semaphore::new(SERVER_PIECES_HELD), Semaphore::new(SERVER_PIECES_AT_ONCE));
        Self {
            store,
            access,
            sharing,
            place,
            limits,
            message_bytes,
            key,
            queries,
            downloads,
            held,
            pieces,
        }
    }

    /// A file, removed or not, of a caller whose role on it allows what `least` allows.
    async fn file(
        &self,
        identity: &Identity,
        id: &str,
        least: Role,
    ) -> Result<FoundFile, ServiceError> {
        let id = id.parse::<FileId>().map_err(|_| FileRefusal::NoFile)?;
        let found = self.access.file(identity.account, id, least).await?;
        // A caller without the file learns nothing of the place.
        self.place.ready().await?;
        Ok(found)
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
        let found = self.file(identity, &request.file_id, Role::Editor).await?;
        let name = file_name(&request.name)?;
        let version = version_of(&request.etag)?;
        let (owner, id) = (found.file.owner, found.file.id);
        match self.store.rename_file(owner, id, &name, version).await? {
            Renamed::File(file) => Ok(file_to_wire(&FoundFile { file, ..found })),
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
        let FoundFile { file, .. } = self.file(identity, &request.file_id, Role::Owner).await?;
        if request.for_good {
            self.store.delete_file_for_good(identity.account, file.id).await?;
            return Ok(None);
        }
        let removed = self.store.remove_file(identity.account, file.id).await?;
        let removed = removed.ok_or(FileRefusal::NoFile)?;
        Ok(Some(file_to_wire(&FoundFile::own(removed))))
    }

    async fn restore(&self, identity: &Identity, id: &str) -> Result<v1::File, ServiceError> {
        let FoundFile { file, .. } = self.file(identity, id, Role::Owner).await?;
        let restored = self.store.restore_file(identity.account, file.id).await?;
        let restored = restored.ok_or(FileRefusal::NoFile)?;
        Ok(file_to_wire(&FoundFile::own(restored)))
    }

    /// Deletes what was uploaded, and keeps the tables.
    async fn end_original(
        &self,
        identity: &Identity,
        request: &v1::DeleteOriginalRequest,
    ) -> Result<v1::File, ServiceError> {
        let FoundFile { file, .. } = self.file(identity, &request.file_id, Role::Owner).await?;
        if file.removed_micros.is_some() {
            return Err(FileRefusal::WhileRemoved.into());
        }
        let (of, version) = ((identity.account, file.id), version_of(&request.etag)?);
        match self.store.delete_original(of, version, &[READ_SMALL_FILE, READ_FILE]).await? {
            DeletedOriginal::File(file) => Ok(file_to_wire(&FoundFile::own(file))),
            DeletedOriginal::OtherVersion => Err(FileRefusal::OtherVersion.into()),
            DeletedOriginal::NoTables => {
                Err(FileRefusal::Original(OriginalRefusal::NoTables).into())
            }
            DeletedOriginal::IsRead => Err(FileRefusal::Original(OriginalRefusal::IsRead).into()),
            DeletedOriginal::NoFile => Err(FileRefusal::NoFile.into()),
        }
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

/// The version that an etag names; `None`: the request has none. An etag of another form matches no version of a file.
fn version_of(etag: &str) -> Result<Option<i64>, FileRefusal> {
    match etag {
        "" => Ok(None),
        etag => etag.parse().map(Some).map_err(|_| FileRefusal::OtherVersion),
    }
}
