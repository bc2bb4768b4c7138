//! A transaction of several statements on one connection, and the lock on the owner of files.
//!
//! Not for one statement, which is a transaction of its own. Invariant: a transaction that is dropped before its commit
//! closes its connection, and so has changed nothing.

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::database::connection::Connection;
use crate::{QUERY_TIMEOUT, Store, StoreError};
use model::AccountId;

/// Keeps the end of the account away, and other calls that count or share its files.
const LOCK_OWNER: &str =
    "select 1 from accounts where id = $1 and ended_at is null for no key update";

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

    pub(super) async fn commit(self) -> Result<(), StoreError> {
        let connection = self.connection;
        connection.within(QUERY_TIMEOUT, connection.batch_execute("commit")).await?;
        connection.keep();
        Ok(())
    }
}
