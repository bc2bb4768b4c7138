//! Uploads: started, read, cancelled.
//!
//! Not their pieces (`pieces`) and not their end as files (`finish`). Invariants: an account never starts an upload beyond
//! its quota, because the count and the insert hold a lock on it; one id of a request names one upload or file.

use tokio_postgres::types::ToSql;

use super::decode::{self, FILE_COLUMNS};
use super::transaction::Transaction;
use super::usage::usage_on;
use crate::sql::{check_text, to_bigint};
use crate::{Store, StoreError};
use model::limits::FileLimits;
use model::limits::files::UPLOADS;
use model::{AccountId, ContentId, FileId, FileRecord, FileUsage, Pieces, UploadRecord};

const START: &str = concat!(
    "with content as (
        insert into file_contents (id, owner, bytes, piece_bytes)
        values ($2::uuid, $3::uuid, $5::bigint, $6::bigint)
        returning id, bytes, piece_bytes
    ), upload as (
        insert into file_uploads (id, owner, content, name, request_id, started_at, last_at)
        select $1::uuid, $3::uuid, content.id, $4::text, $7::text, now(), now() from content
        returning *
    )
    select ",
    upload_columns!(),
    " from upload join content on content.id = upload.content"
);

macro_rules! uploads_where {
    ($condition:literal) => {
        concat!(
            "select ",
            upload_columns!(),
            " from file_uploads as upload join file_contents as content on content.id = upload.content
            where ",
            $condition
        )
    };
}

const UPLOAD: &str = uploads_where!("upload.owner = $1 and upload.id = $2");

const REQUESTED_UPLOAD: &str = uploads_where!("upload.owner = $1 and upload.request_id = $2");

/// Bound: a name and numbers for each upload that an account may have.
const ALL: &str =
    uploads_where!("upload.owner = $1 order by upload.started_at desc, upload.id desc limit $2");

/// With the name that the upload had.
const REQUESTED_FILE: &str = concat!(
    "select ",
    file_columns!(),
    ", files.request_name from files left join file_contents as content on content.id = files.content
    where files.owner = $1 and files.request_id = $2"
);

const CANCEL: &str = "delete from file_uploads where owner = $1 and id = $2";

/// An upload that is to be started.
#[derive(Clone, Copy, Debug)]
pub struct NewUpload<'a> {
    /// Its id, and that of the file that it becomes.
    pub id: FileId,
    /// The content that it writes.
    pub content: ContentId,
    /// Whose it is.
    pub owner: AccountId,
    /// The name of the file.
    pub name: &'a str,
    /// The bytes of the file.
    pub bytes: u64,
    /// The id of the request that starts it, if it has one.
    pub request_id: Option<&'a str>,
}

/// What became of a request to start an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Started {
    /// The upload, started now or by an earlier call with the id of the request.
    Upload(UploadRecord),
    /// The file that the upload of the id of the request has become, removed or not.
    File(FileRecord),
    /// The id of the request names an upload with another name or size.
    OtherUpload,
    /// The account has not as many bytes left.
    Full(FileUsage),
    /// The account has as many files as it may have, or as many contents that leave.
    TooManyFiles(FileUsage),
    /// The account has as many uploads under way as it may have.
    TooManyUploads,
}

impl Store {
    /// Starts an upload and reserves its bytes.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such account, or it has ended; [`StoreError::Refused`] for an id that is
    /// taken; [`StoreError::Invalid`], [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn start_upload(
        &self,
        new: NewUpload<'_>,
        limits: &FileLimits,
    ) -> Result<Started, StoreError> {
        check_text(new.name)?;
        if let Some(request) = new.request_id {
            check_text(request)?;
        }
        let transaction = Transaction::begin(self).await?;
        let started = start_on(&transaction, new, limits).await?;
        transaction.commit().await?;
        Ok(started)
    }

    /// An upload under way; `None`: the account has none with this id.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn upload(
        &self,
        owner: AccountId,
        id: FileId,
    ) -> Result<Option<UploadRecord>, StoreError> {
        let row = self.query_opt(UPLOAD, &[&owner.0, &id.0]).await?;
        row.as_ref().map(decode::upload).transpose()
    }

    /// The uploads of an account under way, the newest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn uploads(&self, owner: AccountId) -> Result<Vec<UploadRecord>, StoreError> {
        let rows = self.query(ALL, &[&owner.0, &i64::from(UPLOADS)]).await?;
        rows.iter().map(decode::upload).collect()
    }

    /// Ends an upload. The sweep deletes what it has written, which counts until then. One that has ended changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn cancel_upload(&self, owner: AccountId, id: FileId) -> Result<(), StoreError> {
        self.execute(CANCEL, &[&owner.0, &id.0]).await.map(drop)
    }
}

async fn start_on(
    transaction: &Transaction,
    new: NewUpload<'_>,
    limits: &FileLimits,
) -> Result<Started, StoreError> {
    if !transaction.lock_owner(new.owner).await? {
        return Err(StoreError::NotFound("account"));
    }
    if let Some(request) = new.request_id
        && let Some(started) = requested(transaction, new, request).await?
    {
        return Ok(started);
    }
    let usage = usage_on(transaction, new.owner).await?;
    if let Some(refusal) = refusal(usage, new.bytes, limits) {
        return Ok(refusal);
    }
    let pieces = Pieces::of(new.bytes);
    let (bytes, piece_bytes) = (to_bigint(pieces.bytes)?, i64::from(pieces.piece_bytes));
    let parameters: [&(dyn ToSql + Sync); 7] =
        [&new.id.0, &new.content.0, &new.owner.0, &new.name, &bytes, &piece_bytes, &new.request_id];
    let row = transaction.query_one(START, &parameters).await?;
    Ok(Started::Upload(decode::upload(&row)?))
}

/// What an earlier call with the same id of a request has started.
async fn requested(
    transaction: &Transaction,
    new: NewUpload<'_>,
    request: &str,
) -> Result<Option<Started>, StoreError> {
    let parameters: [&(dyn ToSql + Sync); 2] = [&new.owner.0, &request];
    if let Some(row) = transaction.query_opt(REQUESTED_UPLOAD, &parameters).await? {
        let upload = decode::upload(&row)?;
        let is_same = upload.name == new.name && upload.pieces.bytes == new.bytes;
        return Ok(Some(if is_same { Started::Upload(upload) } else { Started::OtherUpload }));
    }
    let Some(row) = transaction.query_opt(REQUESTED_FILE, &parameters).await? else {
        return Ok(None);
    };
    let (file, name): (_, &str) = (decode::file(&row)?, row.try_get(FILE_COLUMNS)?);
    let is_same = name == new.name && file.pieces.bytes == new.bytes;
    Ok(Some(if is_same { Started::File(file) } else { Started::OtherUpload }))
}

/// The limit that a further upload of so many bytes would exceed.
fn refusal(usage: FileUsage, bytes: u64, limits: &FileLimits) -> Option<Started> {
    if usage.uploads >= UPLOADS {
        return Some(Started::TooManyUploads);
    }
    // Small files that are made and deleted all the time must not outrun the sweep.
    if usage.files.max(usage.leaving_contents) >= limits.account_files {
        return Some(Started::TooManyFiles(usage));
    }
    (usage.used.saturating_add(bytes) > limits.account_file_bytes).then_some(Started::Full(usage))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_byte_and_the_last_file_are_allowed_and_no_further_one() {
        let limits = FileLimits { file_bytes: 100, account_file_bytes: 100, account_files: 3 };
        let usage = FileUsage { used: 90, files: 2, uploads: UPLOADS - 1, ..FileUsage::default() };
        assert_eq!(refusal(usage, 10, &limits), None);
        assert_eq!(refusal(usage, 11, &limits), Some(Started::Full(usage)));
        assert_eq!(refusal(usage, u64::MAX, &limits), Some(Started::Full(usage)));
        let many = FileUsage { files: 3, ..usage };
        assert_eq!(refusal(many, 0, &limits), Some(Started::TooManyFiles(many)));
        let leaving = FileUsage { leaving_contents: 3, ..usage };
        assert_eq!(refusal(leaving, 0, &limits), Some(Started::TooManyFiles(leaving)));
        let under_way = FileUsage { uploads: UPLOADS, ..usage };
        assert_eq!(refusal(under_way, 0, &limits), Some(Started::TooManyUploads));
    }
}
