//! One stream of jobs: first those that wait or run, or have ended of late, then each that changes.
//!
//! Not the changes (`watch`). Invariants: what it holds for its reader is bounded in jobs, and it reads Postgres when its
//! reader has taken that; it sends no state of a job after a newer one; it ends with its token, which it looks up at
//! intervals in case an invalidation was lost, however much there is to send.

use std::collections::{HashMap, VecDeque};
use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use gridloom::v1;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Interval, MissedTickBehavior, Sleep, interval, sleep};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

use super::table::{Taken, Watching};
use super::watch::LOOK_WITHIN;
use super::wire;
use crate::edge::auth::{Auth, Identity};
use crate::edge::errors::{ServiceError, StatusBuilder};
use crate::edge::pages::fitting;
use model::limits::edge::ACCOUNT_JOBS_WAITING;
use model::limits::jobs::{STREAMED_ENDED_WITHIN, STREAMED_JOBS_AT_ONCE};
use model::sizes::LIGHT_BYTES;
use store::{JobFilter, JobId, JobPlace, JobState, PersonJob, Store, StoreError};

/// How often the token is looked up, and an answer without jobs is sent.
const CHECK_EVERY: Duration = Duration::from_secs(25);
/// The pause after a read that failed.
const RETRY: Duration = Duration::from_secs(1);
/// As many jobs as wait or run, and those with a key, which are not counted.
const OPEN_JOBS: u32 = 2 * ACCOUNT_JOBS_WAITING as u32;

/// What a stream uses.
pub(super) struct Parts {
    pub(super) store: Store,
    pub(super) auth: Arc<Auth>,
    /// Cancelled when the server is about to stop.
    pub(super) stop: CancellationToken,
    /// The turns of its account's streams at Postgres.
    pub(super) reads: Arc<Semaphore>,
    pub(super) message_bytes: usize,
}

/// The state of a stream.
pub(super) struct JobStream {
    parts: Parts,
    identity: Identity,
    only: Option<JobId>,
    expiry: Pin<Box<Sleep>>,
    checks: Interval,
    watching: Watching,
    reading: Reading,
    /// The times of the states that it has read: a look that began before may pass older ones on.
    read: HashMap<JobId, i64>,
    read_at: Instant,
    /// Jobs that the reader has not taken.
    queue: VecDeque<v1::Job>,
    is_begun: bool,
    is_ended: bool,
    _place: OwnedSemaphorePermit,
}

/// What is left to read of the jobs that a stream begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// All.
    All,
    /// Those that have changed of late, after this place.
    Changed(JobPlace),
    /// None.
    Done,
}

/// What comes next.
enum Wake {
    /// The server is about to stop.
    Stop,
    /// The token has expired.
    Expired,
    /// The token is looked up.
    Check,
    /// There is more to read or to send.
    More,
}

impl JobStream {
    pub(super) fn new(
        parts: Parts,
        identity: Identity,
        only: Option<JobId>,
        (watching, place): (Watching, OwnedSemaphorePermit),
    ) -> Self {
        let mut checks = interval(CHECK_EVERY);
        checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        checks.reset();
        let expiry = Box::pin(sleep(identity.time_left()));
        Self {
            parts,
            identity,
            only,
            expiry,
            checks,
            watching,
            reading: Reading::All,
            read: HashMap::new(),
            read_at: Instant::now(),
            queue: VecDeque::new(),
            is_begun: false,
            is_ended: false,
            _place: place,
        }
    }

    /// The next answer; `None` after the end.
    pub(super) async fn next(&mut self) -> Option<Result<v1::WatchJobsResponse, Status>> {
        if self.is_ended {
            return None;
        }
        loop {
            let answer = match self.wake().await {
                Wake::Stop => Err(StatusBuilder::draining().into()),
                Wake::Expired => Err(ServiceError::BadToken.into()),
                Wake::Check => self.check().await.map(|()| Some(v1::WatchJobsResponse::default())),
                Wake::More => self.more().await,
            };
            match answer {
                Ok(Some(answer)) => return Some(Ok(answer)),
                Ok(None) => {}
                Err(status) => {
                    self.is_ended = true;
                    return Some(Err(status));
                }
            }
        }
    }

    /// Its end before its checks, and its checks before what it sends.
    async fn wake(&mut self) -> Wake {
        let has_more = self.reading != Reading::Done || !self.queue.is_empty();
        loop {
            let has_more = has_more || self.watching.has_more();
            tokio::select! {
                biased;
                () = self.parts.stop.cancelled() => return Wake::Stop,
                () = self.expiry.as_mut() => return Wake::Expired,
                _ = self.checks.tick() => return Wake::Check,
                () = ready(()), if has_more => return Wake::More,
                () = self.watching.changed() => {}
            }
        }
    }

    /// Looks the token up. While Postgres is away it stays valid.
    async fn check(&mut self) -> Result<(), Status> {
        if self.reading == Reading::Done && self.read_at.elapsed() >= LOOK_WITHIN {
            // Each look that began before the read has ended.
            self.read = HashMap::new();
        }
        match self.parts.auth.check(&self.identity).await {
            Err(status) if status.code() == Code::Unauthenticated => Err(status),
            _ => Ok(()),
        }
    }

    /// The next answer with jobs, where there are any after a step. The first answer comes also without.
    async fn more(&mut self) -> Result<Option<v1::WatchJobsResponse>, Status> {
        if self.queue.is_empty() {
            if self.reading == Reading::Done {
                self.take();
            } else {
                self.read().await?;
            }
        }
        // Small messages are encoded where they are; a job is smaller than any message may be.
        let jobs =
            fitting(self.queue.iter().cloned(), self.parts.message_bytes.min(LIGHT_BYTES) / 2);
        self.queue.drain(..jobs.len());
        let is_first = !self.is_begun && self.reading == Reading::Done;
        self.is_begun |= is_first || !jobs.is_empty();
        Ok((is_first || !jobs.is_empty()).then_some(v1::WatchJobsResponse { jobs }))
    }

    /// Takes what has waited.
    fn take(&mut self) {
        match self.watching.take() {
            Taken::Jobs(jobs) => jobs.iter().for_each(|job| {
                if self.read.get(&job.id).is_none_or(|read| *read < job.changed_micros) {
                    self.push(job);
                }
            }),
            // Its reader was too slow for them.
            Taken::TooMany => self.reading = Reading::All,
        }
    }

    /// Reads jobs that the stream begins with. While Postgres is away the stream waits, unless it ends.
    async fn read(&mut self) -> Result<(), Status> {
        let Parts { stop, reads, .. } = &self.parts;
        let turn = stop.run_until_cancelled(reads.acquire()).await;
        let turn = turn.ok_or_else(StatusBuilder::draining)?.map_err(ServiceError::internal)?;
        let read = self.read_jobs().await;
        drop(turn);
        let (jobs, left) = match read {
            Ok(read) => read,
            Err(error) => return self.pause(error).await,
        };
        (self.reading, self.read_at) = (left, Instant::now());
        for job in jobs {
            let before = self.read.insert(job.id, job.changed_micros);
            if before != Some(job.changed_micros) {
                self.push(&job);
            }
        }
        Ok(())
    }

    async fn read_jobs(&self) -> Result<(Vec<PersonJob>, Reading), StoreError> {
        let (store, account) = (&self.parts.store, self.identity.account);
        if let Some(only) = self.only {
            let found = store.job_of(account, only).await?;
            return Ok((found.into_iter().collect(), Reading::Done));
        }
        let (mut jobs, after) = match self.reading {
            Reading::All => {
                let states = vec![JobState::Waiting, JobState::Running];
                let open = JobFilter { states, ..JobFilter::default() };
                (store.jobs_of(account, &open, None, OPEN_JOBS).await?, JobPlace::FIRST)
            }
            Reading::Changed(after) => (Vec::new(), after),
            Reading::Done => return Ok((Vec::new(), Reading::Done)),
        };
        let (within, most) = (STREAMED_ENDED_WITHIN, STREAMED_JOBS_AT_ONCE);
        let changed = store.jobs_changed(&[account], within, after, most).await?;
        let last = changed.last().filter(|_| changed.len() >= most as usize);
        let left = last.map_or(Reading::Done, |last| Reading::Changed(last.change()));
        jobs.extend(changed);
        Ok((jobs, left))
    }

    /// Puts a job among those to send, in place of an older state of it.
    fn push(&mut self, job: &PersonJob) {
        let job = wire::job(job);
        match self.queue.iter_mut().find(|older| older.id == job.id) {
            Some(older) => *older = job,
            None => self.queue.push_back(job),
        }
    }

    async fn pause(&self, error: StoreError) -> Result<(), Status> {
        if !error.is_unavailable() {
            return Err(ServiceError::from(error).into());
        }
        tracing::debug!(%error, "jobs not read; retrying");
        tokio::select! {
            () = self.parts.stop.cancelled() => Err(StatusBuilder::draining().into()),
            () = sleep(RETRY) => Ok(()),
        }
    }
}
