//! The statuses of refusals for jobs: too many of them, and those that do not run again, or not yet.
//!
//! Not why a job failed: its record has that. Invariant: each of them ends with what to do.

use std::time::Duration;

use tonic::Code;

use super::status_builder::StatusBuilder;

/// When it makes sense to enqueue a job again.
const JOBS_RETRY: Duration = Duration::from_secs(10);

/// As many jobs wait as may.
pub(super) fn too_many(used: u64, limit: u64) -> StatusBuilder {
    let message = format!("jobs: {used} wait, and {limit} may; try again when some have ended");
    StatusBuilder::new(Code::ResourceExhausted, "TOO_MANY_JOBS", message)
        .with("used", used)
        .with("limit", limit)
        .retry(JOBS_RETRY)
}

/// A job is in effect, and does not run again.
pub(crate) fn job_done() -> StatusBuilder {
    let message = "the job is done already, and does not run again; start a new one";
    StatusBuilder::new(Code::FailedPrecondition, "JOB_DONE", message)
}

/// A job that is being cancelled would not run again: its attempt has not ended yet.
pub(crate) fn job_being_cancelled() -> StatusBuilder {
    let message = "the job is being cancelled; retry it when it has ended, within seconds";
    StatusBuilder::new(Code::FailedPrecondition, "JOB_BEING_CANCELLED", message)
}

/// What a job needs to run again is deleted, or nothing would delete the file that it makes.
pub(crate) fn job_not_retryable() -> StatusBuilder {
    let message = "the job can't run again: what it needs is deleted, or its file was for one download; start a new one";
    StatusBuilder::new(Code::FailedPrecondition, "JOB_NOT_RETRYABLE", message)
}
