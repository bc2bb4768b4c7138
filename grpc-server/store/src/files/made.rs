//! A content that an attempt at a job has written becomes a file.
//!
//! Not the end of the job, which its worker writes. Should the attempt end in between, the next one finds the file, whose id
//! the job decides, and the result that was kept with it. Invariants: the file, the kept result and the look at the limits of
//! the owner are one transaction, which holds the account and the job; files of one owner with equal digests share a content,
//! and it is none that the sweep has marked or that is damaged.

use serde_json::Value;
use tokio_postgres::types::ToSql;

use super::decode;
use super::transaction::Transaction;
use super::usage::usage_on;
use crate::jobs::Hold;
use crate::sql::check_text;
use crate::{Store, StoreError};
use model::limits::FileLimits;
use model::{AccountId, ContentDigest, ContentId, FileId, FileRecord, FileUsage};

const FILE: &str = concat!(
    "select ",
    file_columns!(),
    " from files left join file_contents as content on content.id = files.content
    where files.owner = $1 and files.id = $2"
);

/// Its content is none of the attempt any longer. It stays released, so the sweep deletes one that no file gets.
const END_DRAFT: &str =
    "delete from file_table_drafts where content = $1 and job = $2 and fence = $3";

/// Waits for a sweep that marks the content, and a later sweep sees that the row has changed.
const SHARE: &str = "
    update file_contents set released_at = null
    where owner = $1 and digest = $2 and not is_leaving and not is_damaged
    returning id";

const KEEP: &str =
    "update file_contents set digest = $2, released_at = null where id = $1 and not is_leaving";

const MAKE: &str = "
    insert into files (id, owner, content, name, bytes, is_known, created_at)
    select $1::uuid, $2::uuid, content.id, $4::text, content.bytes, $5::boolean, now()
    from file_contents as content where content.id = $3::uuid";

/// The record of a job shows it once the job is done.
const KEEP_RESULT: &str = "update jobs set result = $3 where id = $1 and fence = $2";

const KEPT_RESULT: &str = "select result from jobs where id = $1 and fence = $2";

/// A file that an attempt has written.
#[derive(Clone, Copy, Debug)]
pub struct MadeFile<'a> {
    /// Its id, which the job decides.
    pub id: FileId,
    /// The content that the attempt has written.
    pub content: ContentId,
    /// Its name.
    pub name: &'a str,
    /// The digest of the content.
    pub digest: ContentDigest,
    /// The result of the job, kept for an attempt that finds the file.
    pub result: &'a Value,
}

/// What became of a file that was to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommittedFile {
    /// The account has it, now or since an earlier attempt.
    File(FileRecord),
    /// The account has not as many bytes left.
    Full(FileUsage),
    /// The account has as many files as it may have.
    TooMany(FileUsage),
    /// Another attempt has the job, or the content is swept.
    Lost,
    /// The account has ended.
    NoOwner,
}

impl Store {
    /// Makes a content of an attempt a file, if its owner may have it.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Refused`] for a name that is empty or longer than 800 bytes;
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn commit_made_file(
        &self,
        hold: Hold,
        owner: AccountId,
        made: MadeFile<'_>,
        limits: &FileLimits,
    ) -> Result<CommittedFile, StoreError> {
        check_text(made.name)?;
        let transaction = Transaction::begin(self).await?;
        let committed = commit_on(&transaction, hold, owner, made, limits).await?;
        if matches!(committed, CommittedFile::File(_)) {
            transaction.commit().await?;
        }
        Ok(committed)
    }

    /// The result that was kept with the file of a job, by this attempt or an earlier one. `None`: none was kept since the job was
    /// enqueued or run again, or another attempt has the job.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn kept_result(&self, hold: Hold) -> Result<Option<Value>, StoreError> {
        let parameters: [&(dyn ToSql + Sync); 2] = [&hold.job.0, &hold.fence];
        let row = self.query_opt(KEPT_RESULT, &parameters).await?;
        row.map_or(Ok(None), |row| Ok(row.try_get(0)?))
    }
}

async fn commit_on(
    transaction: &Transaction,
    hold: Hold,
    owner: AccountId,
    made: MadeFile<'_>,
    limits: &FileLimits,
) -> Result<CommittedFile, StoreError> {
    if !transaction.lock_owner(owner).await? {
        return Ok(CommittedFile::NoOwner);
    }
    if !transaction.lock_job(hold).await? {
        return Ok(CommittedFile::Lost);
    }
    if let Some(file) = file(transaction, owner, made.id).await? {
        return Ok(CommittedFile::File(file));
    }
    // The draft counts already.
    let usage = usage_on(transaction, owner).await?;
    if usage.used > limits.account_file_bytes {
        return Ok(CommittedFile::Full(usage));
    }
    if usage.files >= limits.account_files {
        return Ok(CommittedFile::TooMany(usage));
    }
    let draft: [&(dyn ToSql + Sync); 3] = [&made.content.0, &hold.job.0, &hold.fence];
    if transaction.execute(END_DRAFT, &draft).await? == 0 {
        return Ok(CommittedFile::Lost);
    }
    let hash = made.digest.0.as_slice();
    let shared = transaction.query_opt(SHARE, &[&owner.0, &hash]).await?;
    let shared = shared.map(|row| row.try_get(0).map(ContentId)).transpose()?;
    if shared.is_none() && transaction.execute(KEEP, &[&made.content.0, &hash]).await? == 0 {
        return Ok(CommittedFile::Lost);
    }
    let content = shared.unwrap_or(made.content);
    let is_known = shared.is_some();
    let parameters: [&(dyn ToSql + Sync); 5] =
        [&made.id.0, &owner.0, &content.0, &made.name, &is_known];
    transaction.execute(MAKE, &parameters).await?;
    let kept: [&(dyn ToSql + Sync); 3] = [&hold.job.0, &hold.fence, made.result];
    transaction.execute(KEEP_RESULT, &kept).await?;
    let made = file(transaction, owner, made.id).await?;
    let gone = || StoreError::Corrupt("a file is gone while it is made".to_owned());
    Ok(CommittedFile::File(made.ok_or_else(gone)?))
}

/// The file of an id, removed or not.
async fn file(
    transaction: &Transaction,
    owner: AccountId,
    id: FileId,
) -> Result<Option<FileRecord>, StoreError> {
    let row = transaction.query_opt(FILE, &[&owner.0, &id.0]).await?;
    row.as_ref().map(decode::file).transpose()
}
