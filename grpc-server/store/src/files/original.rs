//! The original of a file is deleted, and its tables stay.
//!
//! Not its bytes, which the sweep deletes. Invariants: a file that loses its original has tables, all of them whole; a content
//! that other files share stays, since the sweep deletes none that is named.

use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::decode;
use super::transaction::Transaction;
use crate::{Store, StoreError};
use model::{AccountId, FileId, FileRecord};

const LOCKED: &str = concat!(
    "select ",
    file_columns!(),
    " from files left join file_contents as content on content.id = files.content
    where files.owner = $1 and files.id = $2 and files.removed_at is null
    for no key update of files"
);

/// Those of which the place has lost a part are made again of the original alone.
const HAS_TABLES: &str = "
    select 1 from file_tables where file = $1 and not exists (
        select from file_tables as one join file_contents as content on content.id = one.content
        where one.file = $1 and content.is_damaged)
    limit 1";

/// Those of any account: an editor reads the file, too.
const IS_READ: &str = "
    select 1 from jobs
    where parameters ->> 'file' = $1 and parameters ? 'file' and ended_at is null and kind = any($2) limit 1";

const DELETE: &str = "
    update files set content = null, original_deleted_at = now(), version = version + 1 where id = $1";

/// One that other files share leaves the queue of the sweep again.
const RELEASE: &str = "update file_contents set released_at = now() where id = $1";

const FILE: &str = concat!(
    "select ",
    file_columns!(),
    " from files left join file_contents as content on content.id = files.content where files.id = $1"
);

/// What became of an original that was to be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeletedOriginal {
    /// The file has none, now or since an earlier call.
    File(FileRecord),
    /// No table was read of the file, or the place has lost a part of one.
    NoTables,
    /// A job reads the file.
    IsRead,
    /// The file has another version, and its original.
    OtherVersion,
    /// The account has no such file, or the file is removed.
    NoFile,
}

impl Store {
    /// Deletes the original of a file with tables, if the file has this version; `None`: any. It stays while a job of one of these
    /// kinds waits for it or reads it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn delete_original(
        &self,
        of: (AccountId, FileId),
        version: Option<i64>,
        kinds: &[&str],
    ) -> Result<DeletedOriginal, StoreError> {
        let transaction = Transaction::begin(self).await?;
        let deleted = delete_on(&transaction, of, version, kinds).await?;
        transaction.commit().await?;
        Ok(deleted)
    }
}

async fn delete_on(
    transaction: &Transaction,
    (owner, file): (AccountId, FileId),
    version: Option<i64>,
    kinds: &[&str],
) -> Result<DeletedOriginal, StoreError> {
    if !transaction.lock_owner(owner).await? {
        return Ok(DeletedOriginal::NoFile);
    }
    let Some(row) = transaction.query_opt(LOCKED, &[&owner.0, &file.0]).await? else {
        return Ok(DeletedOriginal::NoFile);
    };
    let record = decode::file(&row)?;
    // Before the version: a call that is sent again has the one of before.
    let Some(original) = record.original else { return Ok(DeletedOriginal::File(record)) };
    if version.is_some_and(|version| version != record.version) {
        return Ok(DeletedOriginal::OtherVersion);
    }
    if transaction.query_opt(HAS_TABLES, &[&file.0]).await?.is_none() {
        return Ok(DeletedOriginal::NoTables);
    }
    let id = file.to_string();
    let reading: [&(dyn ToSql + Sync); 2] = [&id, &kinds];
    if transaction.query_opt(IS_READ, &reading).await?.is_some() {
        return Ok(DeletedOriginal::IsRead);
    }
    transaction.execute(DELETE, &[&file.0]).await?;
    let content: Uuid = original.content.0;
    transaction.execute(RELEASE, &[&content]).await?;
    let row = transaction.query_one(FILE, &[&file.0]).await?;
    Ok(DeletedOriginal::File(decode::file(&row)?))
}
