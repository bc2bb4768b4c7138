//! Runs one statement on a connection from the pool, as most calls of the store do.
//!
//! Not for calls that need one connection for several statements (`bulk`, `audit`), and not for commits, which
//! have more time. Invariants: the connection returns to the pool, or is closed, when the statement ends; an answer
//! that can be large is streamed, or its statement bounds its bytes.

use std::pin::pin;
use std::time::Duration;

use futures_util::TryStreamExt;
use tokio::time::timeout;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::database::connection::Connection;
use super::rows::Steps;
use super::{LOOKUP_SOON, LOOKUP_TIMEOUT, QUERY_TIMEOUT, Store, StoreError};

type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Store {
    pub(super) async fn query(
        &self,
        sql: &str,
        parameters: Parameters<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let connection = self.connection().await?;
        let query = async {
            let statement = connection.prepare_cached(sql).await?;
            connection.query(&statement, parameters).await
        };
        connection.within(QUERY_TIMEOUT, query).await
    }

    /// Reads the rows of an answer one by one: `each` returns the memory that a row takes, or the error that ends
    /// the read. Postgres sends no more than the connection buffers ahead of it.
    pub(super) async fn stream(
        &self,
        sql: &str,
        parameters: Parameters<'_>,
        mut each: impl FnMut(Row) -> Result<usize, StoreError>,
    ) -> Result<(), StoreError> {
        let connection = self.connection().await?;
        let reading = async {
            let statement = connection.prepare_cached(sql).await?;
            let parameters = parameters.iter().copied();
            let mut rows = pin!(connection.query_raw(&statement, parameters).await?);
            let mut steps = Steps::default();
            while let Some(row) = rows.try_next().await? {
                steps.after(each(row)?).await;
            }
            Ok::<(), StoreError>(())
        };
        let outcome = connection.within(QUERY_TIMEOUT, reading).await;
        if outcome.is_err() {
            // It may be in the middle of an answer.
            connection.discard();
            connection.cancel().await;
        }
        outcome
    }

    pub(super) async fn query_one(
        &self,
        sql: &str,
        parameters: Parameters<'_>,
    ) -> Result<Row, StoreError> {
        let connection = self.connection().await?;
        let query = async {
            let statement = connection.prepare_cached(sql).await?;
            connection.query_one(&statement, parameters).await
        };
        connection.within(QUERY_TIMEOUT, query).await
    }

    pub(super) async fn query_opt(
        &self,
        sql: &str,
        parameters: Parameters<'_>,
    ) -> Result<Option<Row>, StoreError> {
        self.query_opt_within(QUERY_TIMEOUT, sql, parameters).await
    }

    /// The same for a row on which a call depends: see [`LOOKUP_TIMEOUT`]. Without an answer within [`LOOKUP_SOON`] the
    /// query is sent on another connection as well: a dead connection never answers. Only for queries that write
    /// nothing.
    pub(super) async fn look_up(
        &self,
        sql: &str,
        parameters: Parameters<'_>,
    ) -> Result<Option<Row>, StoreError> {
        // A wait for a free connection says nothing about the connections.
        let connection = self.connection().await?;
        let mut first = pin!(query_opt(&connection, LOOKUP_TIMEOUT, sql, parameters));
        if let Ok(answer) = timeout(LOOKUP_SOON, first.as_mut()).await {
            return answer;
        }
        self.pools.close_unused(LOOKUP_SOON);
        let mut second = pin!(self.query_opt_within(LOOKUP_TIMEOUT, sql, parameters));
        // The first row; an error when both have failed.
        tokio::select! {
            answer = first.as_mut() => if answer.is_ok() { answer } else { second.await },
            answer = second.as_mut() => if answer.is_ok() { answer } else { first.await },
        }
    }

    async fn query_opt_within(
        &self,
        limit: Duration,
        sql: &str,
        parameters: Parameters<'_>,
    ) -> Result<Option<Row>, StoreError> {
        query_opt(&self.connection().await?, limit, sql, parameters).await
    }

    /// How many rows it has touched.
    pub(super) async fn execute(
        &self,
        sql: &str,
        parameters: Parameters<'_>,
    ) -> Result<u64, StoreError> {
        let connection = self.connection().await?;
        let query = async {
            let statement = connection.prepare_cached(sql).await?;
            connection.execute(&statement, parameters).await
        };
        connection.within(QUERY_TIMEOUT, query).await
    }
}

async fn query_opt(
    connection: &Connection,
    limit: Duration,
    sql: &str,
    parameters: Parameters<'_>,
) -> Result<Option<Row>, StoreError> {
    let query = async {
        let statement = connection.prepare_cached(sql).await?;
        connection.query_opt(&statement, parameters).await
    };
    connection.within(limit, query).await
}
