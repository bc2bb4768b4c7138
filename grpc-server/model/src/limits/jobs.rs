//! The limits of the jobs that an account is shown: pages, streams, names, steps.
//!
//! Not here: how many jobs may wait, and how often one is tried (`edge`). Invariant: what a stream holds for its reader is
//! bounded in jobs, and each job in characters.

use std::time::Duration;

/// Characters of the name that a job has for a person.
pub const JOB_TITLE_CHARACTERS: usize = 500;
/// Bytes of the steps of a job in its record, as JSON.
pub const JOB_PLAN_BYTES: usize = 32 * 1024;
/// A job that makes a file or fills a sheet sends a notice where it is done so long after it was enqueued, or later.
pub const JOB_NOTICE_AFTER: Duration = Duration::from_secs(30);
/// Characters of the place of a step.
pub const STEP_PLACE_CHARACTERS: usize = 200;
/// Jobs of a page whose request names no number.
pub const JOBS_PAGE: u32 = 50;
/// Jobs of a page at most.
pub const JOBS_PAGE_MOST: u32 = 500;
/// Streams of jobs of one account at a node.
pub const JOB_STREAMS_OF_ACCOUNT: usize = 32;
/// Reads of Postgres at once for all streams of jobs of one account at a node; further ones wait for them.
pub const JOB_READS_OF_ACCOUNT: usize = 2;
/// Jobs that a stream reads at once.
pub const STREAMED_JOBS_AT_ONCE: u32 = 100;
/// Jobs that wait for one stream; beyond them it begins again with what it reads first.
pub const STREAMED_JOBS_WAITING: usize = 200;
/// How long ago a job may have ended that a stream begins with.
pub const STREAMED_ENDED_WITHIN: Duration = Duration::from_secs(60 * 60);
/// Accounts in one look for jobs that have changed.
pub const ACCOUNTS_OF_LOOK: usize = 512;
/// Jobs that one statement of such a look reads.
pub const CHANGED_JOBS_AT_ONCE: u32 = 500;
