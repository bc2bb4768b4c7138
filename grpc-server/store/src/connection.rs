//! A pooled connection that knows whether it may go back to the pool.
//!
//! Not a transaction: what must be atomic is one statement, except in `bulk`, `audit` and `rows::query`. Invariant: a
//! connection that may be stuck, or inside a transaction, never returns to the pool.

use std::future::Future;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deadpool_postgres::{ClientWrapper, Object, Pool};
use tokio_postgres::{CancelToken, NoTls};

use super::StoreError;

/// The longest time that the request to cancel a query may take.
const CANCEL_WITHIN: Duration = Duration::from_secs(5);

/// A connection of the pool, in use.
#[derive(Debug)]
pub(super) struct Connection {
    /// `None` only while it is dropped.
    object: Option<Object>,
    /// Close it instead of giving it back: it may be stuck, or in the middle of a transaction.
    discard: AtomicBool,
    /// A query was begun whose answer has not come: the next user of the connection would wait for it, too.
    unanswered: AtomicBool,
}

impl Connection {
    pub(super) async fn get(pool: &Pool) -> Result<Self, StoreError> {
        let object = Some(pool.get().await?);
        Ok(Self { object, discard: AtomicBool::new(false), unanswered: AtomicBool::new(false) })
    }

    /// Closes the connection when this value is dropped.
    pub(super) fn discard(&self) {
        self.discard.store(true, Ordering::Relaxed);
    }

    /// Returns the connection to the pool when this value is dropped, after all.
    pub(super) fn keep(&self) {
        self.discard.store(false, Ordering::Relaxed);
    }

    /// Runs a query of this connection without a time limit of this side. A connection whose answer has no
    /// receiver, because this future was dropped, is closed and its query cancelled.
    pub(super) async fn answered<T>(&self, query: impl Future<Output = T>) -> T {
        self.unanswered.store(true, Ordering::Relaxed);
        let outcome = query.await;
        self.unanswered.store(false, Ordering::Relaxed);
        outcome
    }

    /// Runs a query of this connection within a time limit. A connection that was too slow may never answer again
    /// (its host may be gone), so it is closed. A connection whose answer has no receiver, because this future
    /// was dropped, is closed as well.
    pub(super) async fn within<T, E: Into<StoreError>>(
        &self,
        limit: Duration,
        query: impl Future<Output = Result<T, E>>,
    ) -> Result<T, StoreError> {
        match tokio::time::timeout(limit, self.answered(query)).await {
            Ok(outcome) => outcome.map_err(Into::into),
            Err(_) => {
                self.suspect_others(limit);
                Err(StoreError::Unavailable(format!("no answer within {} s", limit.as_secs())))
            }
        }
    }

    /// Asks Postgres to end the query of this connection. The query has ended when its answer arrives.
    pub(super) async fn cancel(&self) {
        cancel(self.cancel_token()).await;
    }

    /// Closes the idle connections of the pool that have not been used since this query began. The cause of this
    /// failure (a firewall that dropped the connection, a Postgres that moved) may concern all of them, and each would
    /// cost a time limit. Those that were used meanwhile work: to close them would load a slow Postgres more.
    fn suspect_others(&self, limit: Duration) {
        if let Some(pool) = self.object.as_ref().and_then(Object::pool) {
            pool.retain(|_, metrics| metrics.last_used() < limit);
        }
    }

    pub(super) fn client_mut(&mut self) -> &mut tokio_postgres::Client {
        self.object.as_mut().expect("present until it is dropped")
    }
}

impl Deref for Connection {
    type Target = ClientWrapper;

    fn deref(&self) -> &ClientWrapper {
        self.object.as_ref().expect("present until it is dropped")
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(object) = self.object.take()
            && (*self.discard.get_mut() || *self.unanswered.get_mut())
        {
            // A backend does not notice that its client is gone before it has an answer.
            if *self.unanswered.get_mut()
                && let Ok(runtime) = tokio::runtime::Handle::try_current()
            {
                runtime.spawn(cancel(object.cancel_token()));
            }
            // Out of the pool, and closed by its own drop.
            drop(Object::take(object));
        }
    }
}

/// Asks Postgres over a connection of its own to end a query; a query that has ended is none.
async fn cancel(token: CancelToken) {
    match tokio::time::timeout(CANCEL_WITHIN, token.cancel_query(NoTls)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "a query could not be cancelled"),
        Err(_) => tracing::warn!("a query could not be cancelled: no answer"),
    }
}
