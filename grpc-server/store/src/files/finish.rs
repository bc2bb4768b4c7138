//! An upload becomes a file.
//!
//! Not the digest of its content: the caller computes it from the digests of the pieces, which never change. Invariants:
//! the upload ends and the file is there in one transaction; files of one owner with equal digests share a content, and it
//! is none that the sweep has marked or that is damaged.

use super::decode::{self, FILE_COLUMNS};
use super::transaction::Transaction;
use crate::sql::u32_from_bigint;
use crate::{Store, StoreError};
use model::{AccountId, ContentDigest, ContentId, FileId, FileRecord};

/// No piece is noted, and no sweep ends the upload, until the commit.
const UPLOAD: &str = concat!(
    "select ",
    upload_columns!(),
    " from file_uploads as upload join file_contents as content on content.id = upload.content
    where upload.owner = $1 and upload.id = $2
    for update of upload"
);

const COUNT: &str = "select count(*) from file_pieces where content = $1";

/// Waits for a sweep that marks the content, and a later sweep sees that the row has changed.
const SHARE: &str = "
    update file_contents set released_at = null
    where owner = $1 and digest = $2 and not is_leaving and not is_damaged
    returning id";

const MAKE_FILE: &str = "
    insert into files (id, owner, content, name, bytes, is_known, request_id, request_name, created_at)
    select upload.id, upload.owner, content.id, upload.name, content.bytes, $3::boolean,
        upload.request_id, case when upload.request_id is not null then upload.name end, now()
    from file_uploads as upload join file_contents as content on content.id = $2::uuid
    where upload.id = $1";

/// Its content is released, as with each upload that ends.
const END_UPLOAD: &str = "delete from file_uploads where id = $1";

const KEEP_CONTENT: &str =
    "update file_contents set digest = $2, released_at = null where id = $1 and not is_leaving";

/// With whether the owner had the content before.
const FILE: &str = concat!(
    "select ",
    file_columns!(),
    ", files.is_known from files left join file_contents as content on content.id = files.content
    where files.owner = $1 and files.id = $2"
);

/// What became of an upload that was to be finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finished {
    /// It is a file, now or since an earlier call.
    File {
        /// The file.
        file: FileRecord,
        /// The owner had a file with the same content, so both share it.
        known: bool,
    },
    /// It lacks so many pieces.
    Missing(u32),
    /// The account has neither an upload nor a file of this id.
    NoUpload,
}

impl Store {
    /// Makes an upload a file, if it has all its pieces. `digest` is that of its content.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn finish_upload(
        &self,
        owner: AccountId,
        id: FileId,
        digest: ContentDigest,
    ) -> Result<Finished, StoreError> {
        let transaction = Transaction::begin(self).await?;
        let finished = finish_on(&transaction, owner, id, digest).await?;
        transaction.commit().await?;
        Ok(finished)
    }
}

async fn finish_on(
    transaction: &Transaction,
    owner: AccountId,
    id: FileId,
    digest: ContentDigest,
) -> Result<Finished, StoreError> {
    if !transaction.lock_owner(owner).await? {
        return Ok(Finished::NoUpload);
    }
    let Some(row) = transaction.query_opt(UPLOAD, &[&owner.0, &id.0]).await? else {
        return Ok(finished(transaction, owner, id).await?.unwrap_or(Finished::NoUpload));
    };
    let upload = decode::upload(&row)?;
    let count = transaction.query_one(COUNT, &[&upload.content.0]).await?;
    let missing = upload.pieces.count().saturating_sub(u32_from_bigint(count.try_get(0)?)?);
    if missing > 0 {
        return Ok(Finished::Missing(missing));
    }
    let hash = digest.0.as_slice();
    let shared = transaction.query_opt(SHARE, &[&owner.0, &hash]).await?;
    let shared = shared.map(|row| row.try_get(0).map(ContentId)).transpose()?;
    let content = shared.unwrap_or(upload.content);
    transaction.execute(MAKE_FILE, &[&id.0, &content.0, &shared.is_some()]).await?;
    transaction.execute(END_UPLOAD, &[&id.0]).await?;
    if shared.is_none() {
        transaction.execute(KEEP_CONTENT, &[&content.0, &hash]).await?;
    }
    let made = finished(transaction, owner, id).await?;
    made.ok_or_else(|| StoreError::Corrupt(format!("file {id} is gone while it is made")))
}

/// The file of an id.
async fn finished(
    transaction: &Transaction,
    owner: AccountId,
    id: FileId,
) -> Result<Option<Finished>, StoreError> {
    let Some(row) = transaction.query_opt(FILE, &[&owner.0, &id.0]).await? else {
        return Ok(None);
    };
    let known = row.try_get(FILE_COLUMNS)?;
    Ok(Some(Finished::File { file: decode::file(&row)?, known }))
}
