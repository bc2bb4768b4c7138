//! A pooled connection that knows whether it may go back to the pool.
//!
//! Not a transaction: what must be atomic is one statement, except in `bulk`, `audit` and `query`. Invariant: a
//! connection that may be stuck, or inside a transaction, never returns to the pool.

use std::future::Future;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deadpool_postgres::{ClientWrapper, Object, Pool};
use tasks::Tasks;
use tokio_postgres::{CancelToken, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::StoreError;
use crate::database::noted::Noted;

/// The longest time that the request to cancel a query may take.
const CANCEL_WITHIN: Duration = Duration::from_secs(5);

/// The connections of a store, apart by purpose: one that has used up its own leaves those of the others.
pub(crate) struct Pools {
    pub(crate) calls: Pool,
    pub(crate) commits: Pool,
    pub(crate) access: Pool,
    pub(crate) bulk: Pool,
    /// How each of them connects; `None` without TLS.
    pub(crate) tls: Option<MakeRustlsConnect>,
    /// Of queries that are cancelled, and of the server's other parts.
    pub(crate) tasks: Tasks,
    /// The accounts that have new notices.
    pub(crate) noted: Noted,
}

/// What a connection is used for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// The calls of accounts.
    Calls,
    /// Commits alone.
    Commits,
    /// Sign-in, tokens and rights, and what servers note of themselves: a call can't begin without these.
    Access,
    /// Imports, exports and audits, which hold a connection for minutes.
    Bulk,
}

impl std::fmt::Debug for Pools {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pools").field("tls", &self.tls.is_some()).finish_non_exhaustive()
    }
}

impl Pools {
    fn of(&self, purpose: Purpose) -> &Pool {
        match purpose {
            Purpose::Calls => &self.calls,
            Purpose::Commits => &self.commits,
            Purpose::Access => &self.access,
            Purpose::Bulk => &self.bulk,
        }
    }

    /// Closes the idle connections that have not been used for so long.
    pub(crate) fn close_unused(&self, limit: Duration) {
        for pool in [&self.calls, &self.commits, &self.access, &self.bulk] {
            pool.retain(|_, metrics| metrics.last_used() < limit);
        }
    }
}

/// A connection of a pool, in use.
#[derive(Debug)]
pub(crate) struct Connection {
    pools: Arc<Pools>,
    /// `None` only while it is dropped.
    object: Option<Object>,
    /// Close it instead of giving it back: it may be stuck, or in the middle of a transaction.
    discard: AtomicBool,
    /// A query was begun whose answer has not come: the next user of the connection would wait for it, too.
    unanswered: AtomicBool,
}

impl Connection {
    pub(crate) async fn get(pools: &Arc<Pools>, purpose: Purpose) -> Result<Self, StoreError> {
        let object = Some(pools.of(purpose).get().await?);
        let (discard, unanswered) = (AtomicBool::new(false), AtomicBool::new(false));
        Ok(Self { pools: Arc::clone(pools), object, discard, unanswered })
    }

    /// Closes the connection when this value is dropped.
    pub(crate) fn discard(&self) {
        self.discard.store(true, Ordering::Relaxed);
    }

    /// Returns the connection to the pool when this value is dropped, after all.
    pub(crate) fn keep(&self) {
        self.discard.store(false, Ordering::Relaxed);
    }

    /// Runs a query of this connection without a time limit of this side. A connection whose answer has no
    /// receiver, because this future was dropped, is closed and its query cancelled.
    pub(crate) async fn answered<T>(&self, query: impl Future<Output = T>) -> T {
        self.unanswered.store(true, Ordering::Relaxed);
        let outcome = query.await;
        self.unanswered.store(false, Ordering::Relaxed);
        outcome
    }

    /// Runs a query of this connection within a time limit. A connection that was too slow may never answer again
    /// (its host may be gone), so it is closed. A connection whose answer has no receiver, because this future
    /// was dropped, is closed as well.
    pub(crate) async fn within<T, E: Into<StoreError>>(
        &self,
        limit: Duration,
        query: impl Future<Output = Result<T, E>>,
    ) -> Result<T, StoreError> {
        match tokio::time::timeout(limit, self.answered(query)).await {
            Ok(outcome) => outcome.map_err(Into::into),
            Err(_) => {
                // The cause (a firewall that dropped the connection, a Postgres that moved) may concern all idle
                // connections, and each would cost a time limit. Those that were used since this query began work:
                // to close them would load a slow Postgres more.
                self.pools.close_unused(limit);
                Err(StoreError::Unavailable(format!("no answer within {} s", limit.as_secs())))
            }
        }
    }

    /// Asks Postgres to end the query of this connection. The query has ended when its answer arrives.
    pub(crate) async fn cancel(&self) {
        cancel(self.cancel_token(), self.pools.tls.clone()).await;
    }

    pub(crate) fn client_mut(&mut self) -> &mut tokio_postgres::Client {
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
            if *self.unanswered.get_mut() {
                let cancelling = cancel(object.cancel_token(), self.pools.tls.clone());
                self.pools.tasks.try_spawn(cancelling);
            }
            // Out of the pool, and closed by its own drop.
            drop(Object::take(object));
        }
    }
}

/// Asks Postgres over a connection of its own, with TLS where the others have it, to end a query; a query that has
/// ended is none.
async fn cancel(token: CancelToken, tls: Option<MakeRustlsConnect>) {
    let asked = async {
        match tls {
            Some(tls) => token.cancel_query(tls).await,
            None => token.cancel_query(NoTls).await,
        }
    };
    match tokio::time::timeout(CANCEL_WITHIN, asked).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "a query could not be cancelled"),
        Err(_) => tracing::warn!("a query could not be cancelled: no answer"),
    }
}
