//! The streams of jobs at this node: opens them, within the bounds of each account.
//!
//! Not the state of one stream (`stream`). Invariant: an account has at most [`JOB_STREAMS_OF_ACCOUNT`] streams at a node,
//! of which [`JOB_READS_OF_ACCOUNT`] read Postgres at once.

use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use gridloom::v1;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::stream::{JobStream, Parts};
use super::table::Table;
use super::wire;
use crate::edge::auth::{Auth, Identity};
use crate::edge::errors::ServiceError;
use crate::edge::refusals;
use model::budget::PerAccount;
use model::limits::jobs::{JOB_READS_OF_ACCOUNT, JOB_STREAMS_OF_ACCOUNT};
use store::{JobId, Store};

/// Opens streams.
#[derive(Debug)]
pub(super) struct JobStreams {
    store: Store,
    auth: Arc<Auth>,
    table: Arc<Table>,
    streams: PerAccount<Semaphore>,
    reads: PerAccount<Semaphore>,
    message_bytes: usize,
    /// Cancelled when the server is about to stop.
    stop: CancellationToken,
}

impl JobStreams {
    pub(super) fn new(
        store: Store,
        auth: Arc<Auth>,
        table: Arc<Table>,
        message_bytes: usize,
        stop: CancellationToken,
    ) -> Self {
        let streams = PerAccount::new(JOB_STREAMS_OF_ACCOUNT, Semaphore::new);
        let reads = PerAccount::new(JOB_READS_OF_ACCOUNT, Semaphore::new);
        Self { store, auth, table, streams, reads, message_bytes, stop }
    }

    /// A stream of the jobs of an account, or of one of them.
    pub(super) async fn watch(
        &self,
        identity: Identity,
        only: Option<JobId>,
    ) -> Result<BoxStream<'static, Result<v1::WatchJobsResponse, Status>>, Status> {
        let account = identity.account;
        let place = self.streams.of(account).try_acquire_owned().map_err(|_| {
            refusals::log("streams of jobs", &account);
            let limit = JOB_STREAMS_OF_ACCOUNT as u64;
            ServiceError::Quota { quota: "job_streams", used: limit, limit }
        })?;
        let reads = self.reads.of(account);
        if let Some(only) = only {
            let turn = reads.acquire().await.map_err(ServiceError::internal)?;
            let found = self.store.job_of(account, only).await.map_err(ServiceError::from)?;
            drop(turn);
            if found.is_none() {
                return Err(wire::unknown().into());
            }
        }
        // Before the first read, so that no change is lost between the two.
        let watching = self.table.watch(account, only);
        let parts = Parts {
            store: self.store.clone(),
            auth: Arc::clone(&self.auth),
            stop: self.stop.clone(),
            reads,
            message_bytes: self.message_bytes,
        };
        let stream = JobStream::new(parts, identity, only, (watching, place));
        Ok(stream::unfold(stream, |mut stream| async move {
            let next = stream.next().await?;
            Some((next, stream))
        })
        .boxed())
    }
}
