//! The job of one attempt, as its kind sees it: parameters, progress, cancellation.
//!
//! Not the writes to the table: see `attempt`. Invariant: the secret part is never printed.

use serde::de::DeserializeOwned;
use serde_json::Value;
use store::{Hold, JobId, TakenJob};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::Failure;
use crate::plan::Plan;
use model::AccountId;

/// One attempt at a job.
#[derive(Debug)]
pub struct Job {
    taken: TakenJob,
    progress: watch::Sender<(u64, Option<u64>)>,
    plan: Plan,
    cancelled: CancellationToken,
    /// Another attempt has the job.
    lost: CancellationToken,
}

impl Job {
    pub(crate) fn new(taken: TakenJob) -> Self {
        Self {
            taken,
            progress: watch::Sender::new((0, None)),
            plan: Plan::default(),
            cancelled: CancellationToken::new(),
            lost: CancellationToken::new(),
        }
    }

    /// The job's id.
    #[must_use]
    pub fn id(&self) -> JobId {
        self.taken.hold.job
    }

    /// The attempt, for writes that are conditional on it.
    #[must_use]
    pub fn hold(&self) -> Hold {
        self.taken.hold
    }

    /// Which attempt this is, from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.taken.attempt
    }

    /// Whose job it is.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.taken.account
    }

    /// The parameters that stay in the table.
    ///
    /// # Errors
    /// [`Failure::Final`]: they have another form, of another release perhaps.
    pub fn parameters<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        read(self.taken.parameters.clone())
    }

    /// The secret part of the parameters.
    ///
    /// # Errors
    /// [`Failure::Final`]: it is absent or has another form.
    pub fn secret<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        read(self.taken.secret.clone().unwrap_or_default())
    }

    /// Reports how much is done, and of how much. The worker writes it twice a second at most.
    pub fn progress(&self, done: u64, total: Option<u64>) {
        self.progress.send_replace((done, total));
    }

    /// The attempt has steps, which this gives as they are at the time, in the form that the record keeps: at most
    /// `JOB_PLAN_BYTES`. The worker asks for them beside the progress. It does not block.
    pub fn set_plan(&self, steps: impl Fn() -> Value + Send + Sync + 'static) {
        self.plan.set(Box::new(steps));
    }

    /// Resolves when the job's cancellation was asked for.
    pub async fn cancelled(&self) {
        self.cancelled.cancelled().await;
    }

    /// Whether the job's cancellation was asked for.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.is_cancelled()
    }

    pub(crate) fn kind(&self) -> &str {
        &self.taken.kind
    }

    pub(crate) fn watch_progress(&self) -> watch::Receiver<(u64, Option<u64>)> {
        self.progress.subscribe()
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(crate) fn cancel(&self) {
        self.cancelled.cancel();
    }

    pub(crate) fn lose(&self) {
        self.lost.cancel();
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.lost.is_cancelled()
    }

    pub(crate) async fn lost(&self) {
        self.lost.cancelled().await;
    }
}

/// The error does not repeat the value, which may be secret.
fn read<T: DeserializeOwned>(value: Value) -> Result<T, Failure> {
    serde_json::from_value(value)
        .map_err(|_| Failure::Final("its parameters are not those of this release".to_owned()))
}
