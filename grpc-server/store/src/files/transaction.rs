//! A transaction of several statements on one connection, and its locks on the owner of files, on a job and on a file.
//!
//! Not for one statement, which is a transaction of its own. Invariant: a transaction that is dropped before its commit
//! closes its connection, and so has changed nothing.

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::database::connection::Connection;
use crate::jobs::Hold;
use crate::{QUERY_TIMEOUT, Store, StoreError};
use model::{AccountId, FileId, Role};

/// Keeps the end of the account away, and other calls that count or share its files.
const LOCK_OWNER: &str =
    "select 1 from accounts where id = $1 and ended_at is null for no key update";

const LOCK_JOB: &str = "select 1 from jobs where id = $1 and fence = $2 for no key update";

const LOCK_FILE: &str = "
    select 1 from files where owner = $1 and id = $2 and removed_at is null for no key update";

const HOLDS_ROLE: &str = "select holds_file_role($2, account, $3) from jobs where id = $1";

/// A transaction that is open.
pub(super) struct Transaction {
    connection: Connection,
}

impl Transaction {
    pub(super) async fn begin(store: &Store) -> Result<Self, StoreError> {
        let connection = store.connection().await?;
        // Until the commit, the only way back is to close the connection.
        connection.discard();
        connection.within(QUERY_TIMEOUT, connection.batch_execute("begin")).await?;
        Ok(Self { connection })
    }

    pub(super) async fn query_opt(
        &self,
        sql: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<Row>, StoreError> {
        let query = async {
            let statement = self.connection.prepare_cached(sql).await?;
            self.connection.query_opt(&statement, parameters).await
        };
        self.connection.within(QUERY_TIMEOUT, query).await
    }

    pub(super) async fn query_one(
        &self,
        sql: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Row, StoreError> {
        let row = self.query_opt(sql, parameters).await?;
        row.ok_or_else(|| StoreError::Internal("a statement has given no row".into()))
    }

    pub(super) async fn execute(
        &self,
        sql: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, StoreError> {
        let query = async {
            let statement = self.connection.prepare_cached(sql).await?;
            self.connection.execute(&statement, parameters).await
        };
        self.connection.within(QUERY_TIMEOUT, query).await
    }

    /// Locks an account until the commit. False: there is none, or it has ended.
    pub(super) async fn lock_owner(&self, owner: AccountId) -> Result<bool, StoreError> {
        Ok(self.query_opt(LOCK_OWNER, &[&owner.0]).await?.is_some())
    }

    /// Keeps other attempts at a job away until the commit. False: another one has the job.
    pub(super) async fn lock_job(&self, hold: Hold) -> Result<bool, StoreError> {
        Ok(self.query_opt(LOCK_JOB, &[&hold.job.0, &hold.fence]).await?.is_some())
    }

    /// Locks a file until the commit. False: the account has none of this id, or it is removed.
    pub(super) async fn lock_file(
        &self,
        owner: AccountId,
        file: FileId,
    ) -> Result<bool, StoreError> {
        Ok(self.query_opt(LOCK_FILE, &[&owner.0, &file.0]).await?.is_some())
    }

    /// Whether the account of a job has a role on a file, or a higher one. The role stays until the commit.
    pub(super) async fn holds_role(
        &self,
        hold: Hold,
        file: FileId,
        least: Role,
    ) -> Result<bool, StoreError> {
        let row = self.query_opt(HOLDS_ROLE, &[&hold.job.0, &file.0, &least.name()]).await?;
        row.map_or(Ok(false), |row| Ok(row.try_get(0)?))
    }

    pub(super) async fn commit(self) -> Result<(), StoreError> {
        let connection = self.connection;
        connection.within(QUERY_TIMEOUT, connection.batch_execute("commit")).await?;
        connection.keep();
        Ok(())
    }
}
