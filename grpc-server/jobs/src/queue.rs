//! The end of the queue at which callers enqueue jobs.
//!
//! Not the workers, which this wakes, nor the watch of jobs, which this wakes, too. Invariant: workers of this node are
//! woken after the job's transaction has committed; those of other nodes find the job at their next look.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use store::{JobId, NewJob, Store, StoreError};
use tokio::sync::Notify;
use uuid::Uuid;

use model::AccountId;

/// Enqueues jobs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Queue {
    store: Store,
    wake: Arc<Notify>,
    /// Jobs have changed at this node.
    changes: Arc<Notify>,
}

impl Queue {
    /// The queue of a store's jobs.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store, wake: Arc::default(), changes: Arc::default() }
    }

    /// Enqueues a job. False: one with its key waits or runs already.
    ///
    /// # Errors
    /// As [`Store::enqueue`].
    pub async fn enqueue(&self, job: &NewJob) -> Result<bool, StoreError> {
        let enqueued = self.store.enqueue(job).await?;
        self.wake();
        Ok(enqueued)
    }

    /// Wakes the workers and the watch of this node: a job has been enqueued in a transaction of the caller's, or its
    /// cancellation was asked for.
    pub fn wake(&self) {
        self.wake.notify_one();
        self.note_change();
    }

    /// Resolves when jobs have changed at this node since the last call. One task waits.
    pub async fn changed(&self) {
        self.changes.notified().await;
    }

    /// Wakes the watch of this node.
    pub(crate) fn note_change(&self) {
        self.changes.notify_one();
    }

    pub(crate) async fn woken(&self) {
        self.wake.notified().await;
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }
}

/// A job that may start at once, without a secret or a key.
///
/// # Errors
/// [`StoreError::Invalid`]: the parameters have no form in JSON.
pub fn new(
    kind: &'static str,
    account: Option<AccountId>,
    parameters: &impl Serialize,
) -> Result<NewJob, StoreError> {
    let parameters: Value =
        serde_json::to_value(parameters).map_err(|error| StoreError::Invalid(error.to_string()))?;
    let after = std::time::Duration::ZERO;
    let id = JobId(Uuid::now_v7());
    Ok(NewJob {
        id,
        kind,
        account,
        key: None,
        parameters,
        secret: None,
        after,
        attempts: None,
        title: None,
        file: None,
        is_retryable: false,
        notice_after: None,
    })
}
