//! What the files of an account occupy, with their tables and views.
//!
//! Not the limit. Invariants: a content counts once, however many files name it, and until its pieces are deleted, so an
//! account never has more in the place than this; an upload that ended counts with what had arrived, and a table or a view that
//! an attempt has left with what it had written. A statement reads as many rows as the account may have files, tables and
//! views, and as many contents that leave.

use tokio_postgres::Row;

use super::transaction::Transaction;
use crate::sql::{from_bigint, u32_from_bigint};
use crate::{Store, StoreError};
use model::{AccountId, FileUsage};

/// Those that leave have been released, and nothing names them. A file without its original counts as a file, not in bytes.
const USAGE: &str = "
    with named as (
        select content, case when content is null then 0 else bytes end as bytes, removed_at is null as is_kept,
            1 as name, false as is_upload
        from files where owner = $1
        union all
        select content.id, content.bytes, true, 1, true
        from file_uploads as upload join file_contents as content on content.id = upload.content
        where upload.owner = $1
        union all
        select content.id, content.bytes, files.removed_at is null, 0, false
        from files join file_tables on file_tables.file = files.id
        join file_contents as content on content.id = file_tables.content
        where files.owner = $1
        union all
        select content.id, content.bytes, files.removed_at is null, 0, false
        from files join file_views on file_views.file = files.id
        join file_contents as content on content.id = file_views.content
        where files.owner = $1
        union all
        select content.id, content.bytes, true, 0, false
        from file_table_drafts as draft join file_contents as content on content.id = draft.content
        join jobs on jobs.id = draft.job and jobs.fence = draft.fence
        where draft.owner = $1
    ), contents as (
        select max(bytes) as bytes, bool_or(is_kept) as is_kept, sum(name) as names,
            count(*) filter (where is_upload) as uploads
        from named group by content
    ), leaving as (
        select count(*) as contents, coalesce(sum(bytes), 0)::bigint as bytes
        from file_contents
        where owner = $1 and released_at is not null
            and not exists (select from named where named.content = file_contents.id)
    )
    select coalesce(sum(bytes), 0)::bigint, coalesce(sum(bytes) filter (where not is_kept), 0)::bigint,
        coalesce(sum(names), 0)::bigint, coalesce(sum(uploads), 0)::bigint,
        (select bytes from leaving), (select contents from leaving)
    from contents";

impl Store {
    /// What the files of an account occupy, with removed ones, uploads, tables, views, and what leaves.
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
    let (named, leaving) = (from_bigint(row.try_get(0)?)?, from_bigint(row.try_get(4)?)?);
    Ok(FileUsage {
        used: named.saturating_add(leaving),
        removed: from_bigint(row.try_get(1)?)?,
        leaving,
        leaving_contents: u32_from_bigint(row.try_get(5)?)?,
        files: u32_from_bigint(row.try_get(2)?)?,
        uploads: u32_from_bigint(row.try_get(3)?)?,
    })
}
