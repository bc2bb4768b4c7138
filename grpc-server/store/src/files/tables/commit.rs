//! The contents that an attempt has written become the tables of a file.
//!
//! Not the end of the job, which its worker writes. Should the attempt end in between, the next one finds the tables with the
//! id of its job. Invariant: one transaction replaces all tables of a file, and holds the job meanwhile, so an attempt that has
//! lost it replaces nothing.

use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::facts::{facts_to_sql, storable};
use crate::files::transaction::Transaction;
use crate::jobs::Hold;
use crate::sql::to_bigint;
use crate::{Store, StoreError};
use model::{AccountId, ContentId, FileId, Role, TableFacts};

/// No sweep marks them until the commit.
const CONTENTS: &str = "
    select count(*) from (
        select id from file_contents where id = any($1) and not is_leaving order by id for no key update
    ) as contents";

const END_DRAFTS: &str = "
    delete from file_table_drafts where content = any($1) and job = $2 and fence = $3";

/// Their views go with them, and the contents of both are released. A view that the sweep deletes at this moment is waited for;
/// the sweep waits for none.
const CLEAR: &str = "delete from file_tables where file = $1";

const MAKE: &str = "
    insert into file_tables (file, number, content, reading, name, row_count, facts)
    values ($1, $2, $3, $4, $5, $6, $7)";

const KEEP: &str = "update file_contents set released_at = null where id = any($1)";

/// A table that an attempt has written.
#[derive(Clone, Debug)]
pub struct NewTable {
    /// Its Parquet file.
    pub content: ContentId,
    /// Its name, at most 1,024 bytes.
    pub name: String,
    /// The number of rows.
    pub rows: u64,
    /// What the reading has found besides the rows.
    pub facts: TableFacts,
}

/// What became of the tables of a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommittedTables {
    /// The file has them.
    Tables,
    /// The file is removed, or the account has ended.
    NoFile,
    /// The account of the job may not read the file again any more.
    NoRole,
    /// Another attempt has the job, or a content is swept.
    Lost,
}

impl Store {
    /// Makes contents the tables of a file, in this order, in place of those that it has.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Refused`] for a name that is too long; [`StoreError::Unavailable`],
    /// [`StoreError::Corrupt`].
    pub async fn commit_tables(
        &self,
        hold: Hold,
        (owner, file): (AccountId, FileId),
        tables: &[NewTable],
    ) -> Result<CommittedTables, StoreError> {
        let transaction = Transaction::begin(self).await?;
        let committed = commit_on(&transaction, hold, (owner, file), tables).await?;
        if committed == CommittedTables::Tables {
            transaction.commit().await?;
        }
        Ok(committed)
    }
}

async fn commit_on(
    transaction: &Transaction,
    hold: Hold,
    (owner, file): (AccountId, FileId),
    tables: &[NewTable],
) -> Result<CommittedTables, StoreError> {
    if !transaction.lock_owner(owner).await? {
        return Ok(CommittedTables::NoFile);
    }
    if !transaction.lock_job(hold).await? {
        return Ok(CommittedTables::Lost);
    }
    if !transaction.lock_file(owner, file).await? {
        return Ok(CommittedTables::NoFile);
    }
    if !transaction.holds_role(hold, file, Role::Editor).await? {
        return Ok(CommittedTables::NoRole);
    }
    let contents: Vec<Uuid> = tables.iter().map(|table| table.content.0).collect();
    let locked: i64 = transaction.query_one(CONTENTS, &[&contents]).await?.try_get(0)?;
    let drafts = transaction.execute(END_DRAFTS, &[&contents, &hold.job.0, &hold.fence]).await?;
    let wanted = contents.len() as u64;
    if locked.unsigned_abs() != wanted || drafts != wanted {
        return Ok(CommittedTables::Lost);
    }
    transaction.execute(CLEAR, &[&file.0]).await?;
    for (number, table) in (0_i32..).zip(tables) {
        let (name, rows) = (storable(&table.name), to_bigint(table.rows)?);
        let facts = facts_to_sql(&table.facts)?;
        let parameters: [&(dyn ToSql + Sync); 7] =
            [&file.0, &number, &table.content.0, &hold.job.0, &name, &rows, &facts];
        transaction.execute(MAKE, &parameters).await?;
    }
    transaction.execute(KEEP, &[&contents]).await?;
    Ok(CommittedTables::Tables)
}
