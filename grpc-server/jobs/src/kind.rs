//! A kind of jobs: what an attempt does, and within which bounds.
//!
//! Not the workers. Invariant: an attempt may run twice, since its node may die before it has ended the job: a kind
//! makes its effect such that a second one changes nothing, or is harmless.

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::{Job, Outcome};

/// Before the second attempt.
const BACK_OFF: Duration = Duration::from_secs(10);
/// How many times longer before each further one.
const BACK_OFF_TIMES: u32 = 6;

/// A kind of jobs.
pub trait Kind: Send + Sync + 'static {
    /// Its name in the table.
    fn name(&self) -> &'static str;

    /// Jobs of this kind that one node runs at once.
    fn at_once(&self) -> usize;

    /// Those of one account among them. Fewer than all: jobs of other accounts do not wait for them.
    fn of_account_at_once(&self) -> usize {
        self.at_once()
    }

    /// How long one attempt may take.
    fn time_limit(&self) -> Duration;

    /// The pause after an attempt that failed, from 1.
    fn back_off(&self, attempt: u32) -> Duration {
        BACK_OFF.saturating_mul(BACK_OFF_TIMES.saturating_pow(attempt.saturating_sub(1)))
    }

    /// The pause between two runs of a recurring job, of which the cluster has one at a time.
    fn every(&self) -> Option<Duration> {
        None
    }

    /// Runs one attempt. It ends soon when the job is cancelled; the worker drops it otherwise.
    fn run<'a>(&'a self, job: &'a Job) -> BoxFuture<'a, Outcome>;
}
