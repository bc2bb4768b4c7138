//! What the files of an account occupy.
//!
//! Not the limit. Invariant: a content counts once, however many files name it, and as long as a file or an upload does;
//! so a statement reads as many rows as the account may have files.

use tokio_postgres::Row;

use super::transaction::Transaction;
use crate::sql::{from_bigint, u32_from_bigint};
use crate::{Store, StoreError};
use model::{AccountId, FileUsage};

const USAGE: &str = "
    select coalesce(sum(bytes), 0)::bigint, coalesce(sum(bytes) filter (where not is_kept), 0)::bigint,
        coalesce(sum(names), 0)::bigint, coalesce(sum(uploads), 0)::bigint
    from (
        select content, max(bytes) as bytes, bool_or(is_kept) as is_kept, count(*) as names,
            count(*) filter (where is_upload) as uploads
        from (
            select content, bytes, removed_at is null as is_kept, false as is_upload
            from files where owner = $1
            union all
            select content.id, content.bytes, true, true
            from file_uploads as upload join file_contents as content on content.id = upload.content
            where upload.owner = $1
        ) as named
        group by content
    ) as contents";

impl Store {
    /// What the files of an account occupy, with removed ones and uploads.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn file_usage(&self, owner: AccountId) -> Result<FileUsage, StoreError> {
        decode(&self.query_one(USAGE, &[&owner.0]).await?)
    }
}

/// The same in a transaction.
pub(super) async fn usage_on(
    transaction: &Transaction,
    owner: AccountId,
) -> Result<FileUsage, StoreError> {
    decode(&transaction.query_one(USAGE, &[&owner.0]).await?)
}

fn decode(row: &Row) -> Result<FileUsage, StoreError> {
    Ok(FileUsage {
        used: from_bigint(row.try_get(0)?)?,
        removed: from_bigint(row.try_get(1)?)?,
        files: u32_from_bigint(row.try_get(2)?)?,
        uploads: u32_from_bigint(row.try_get(3)?)?,
    })
}
