//! The workers of a node: one task that takes jobs, and one for each job that runs.
//!
//! Not what an attempt does: see `attempt`. Workers look every second and when they are woken; Postgres notifies them
//! of nothing, because each notification would make commits wait for each other.
//!
//! Invariants: of each kind no more jobs run than it allows, nor of one account. The jobs of a node that membership has
//! declared dead are taken over within [`TAKE_OVER_EVERY`]; so is a job of this node whose take was not answered.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use model::{AccountId, NodeId};
use store::{Hold, JobState, StoreError, TakenJob};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::{Job, Kind, Queue, attempt};

/// Between two looks for jobs, and for cancelled and lost ones among those that run.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Between two looks for jobs of dead nodes.
const TAKE_OVER_EVERY: Duration = Duration::from_secs(5);
/// Between two looks whether each recurring job waits or runs.
const RECUR_EVERY: Duration = Duration::from_secs(60);
/// After a look that failed: Postgres is away.
const RETRY: Duration = Duration::from_secs(2);

/// Kinds with their free places, and accounts with their kinds of which no further job is taken.
type Places = (Vec<(&'static str, usize)>, Vec<(&'static str, AccountId)>);

/// The workers of a node.
pub struct Workers {
    queue: Queue,
    node: NodeId,
    kinds: Vec<Arc<dyn Kind>>,
    running: HashMap<Hold, Arc<Job>>,
    attempts: JoinSet<Hold>,
    take_over_at: Instant,
    recur_at: Instant,
}

impl std::fmt::Debug for Workers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workers").field("node", &self.node).finish_non_exhaustive()
    }
}

impl Workers {
    /// Workers for jobs of these kinds, each with a name of its own.
    #[must_use]
    pub fn new(queue: Queue, node: NodeId, kinds: Vec<Arc<dyn Kind>>) -> Self {
        let now = Instant::now();
        let (running, attempts) = (HashMap::new(), JoinSet::new());
        Self { queue, node, kinds, running, attempts, take_over_at: now, recur_at: now }
    }

    /// Runs jobs until `stop`, and then waits until those that run have ended or are given back.
    pub async fn run(mut self, stop: CancellationToken) {
        let queue = self.queue.clone();
        while !stop.is_cancelled() {
            let pause = match stop.run_until_cancelled(self.look(&stop)).await {
                None => break,
                Some(Ok(())) => LOOK_EVERY,
                Some(Err(error)) => {
                    tracing::debug!(%error, "no jobs were taken; retrying");
                    RETRY
                }
            };
            tokio::select! {
                // The server stops.
                () = stop.cancelled() => {}
                // A job was enqueued here.
                () = queue.woken() => {}
                // A worker is free.
                Some(ended) = self.attempts.join_next() => self.ended(ended),
                // The next look is due.
                () = sleep(pause) => {}
            }
        }
        while let Some(ended) = self.attempts.join_next().await {
            self.ended(ended);
        }
    }

    async fn look(&mut self, stop: &CancellationToken) -> Result<(), StoreError> {
        while let Some(ended) = self.attempts.try_join_next() {
            self.ended(ended);
        }
        let now = Instant::now();
        if !self.running.is_empty() {
            self.look_at_running().await?;
        }
        if now >= self.take_over_at {
            self.take_over().await?;
            self.take_over_at = now + TAKE_OVER_EVERY;
        }
        if now >= self.recur_at {
            self.recur().await?;
            self.recur_at = now + RECUR_EVERY;
        }
        self.take(stop).await
    }

    /// Cancels what is to be cancelled, and ends what this node no longer holds.
    async fn look_at_running(&self) -> Result<(), StoreError> {
        let held: HashMap<Hold, bool> =
            self.queue.store().held_jobs(self.node).await?.into_iter().collect();
        for (hold, job) in &self.running {
            match held.get(hold) {
                Some(true) => job.cancel(),
                Some(false) => {}
                None => job.lose(),
            }
        }
        Ok(())
    }

    async fn take_over(&self) -> Result<(), StoreError> {
        let running: Vec<Hold> = self.running.keys().copied().collect();
        for taken in self.queue.store().take_over_jobs(self.node, &running).await? {
            let store::TakenOver { job, kind, state, attempt } = taken;
            match state {
                JobState::Failed => tracing::warn!(
                    %job, kind, attempt, "job failed for good: its server ended while it ran"
                ),
                state => {
                    tracing::info!(%job, kind, attempt, ?state, "job of a dead server taken over")
                }
            }
        }
        Ok(())
    }

    async fn recur(&self) -> Result<(), StoreError> {
        for kind in &self.kinds {
            if let Some(every) = kind.every() {
                self.queue.store().enqueue_recurring(kind.name(), every).await?;
            }
        }
        Ok(())
    }

    async fn take(&mut self, stop: &CancellationToken) -> Result<(), StoreError> {
        let mut is_more = true;
        while is_more {
            let (free, busy) = self.places();
            if free.is_empty() {
                return Ok(());
            }
            let taken = self.queue.store().take_jobs(self.node, &free, &busy).await?;
            if !taken.is_empty() {
                self.queue.note_change();
            }
            // Each such job is taken after those of its account are counted.
            is_more = taken.iter().any(|taken| {
                self.kinds.iter().any(|kind| kind.name() == taken.kind && has_part(&**kind))
            });
            for taken in taken {
                self.start(taken, stop);
            }
        }
        Ok(())
    }

    /// The places for further jobs: of a kind of which an account has a part, one at a time.
    fn places(&self) -> Places {
        let (mut free, mut busy) = (Vec::new(), Vec::new());
        for kind in &self.kinds {
            let (mut running, mut accounts) = (0, HashMap::<AccountId, usize>::new());
            for job in self.running.values().filter(|job| job.kind() == kind.name()) {
                running += 1;
                if let Some(account) = job.account() {
                    *accounts.entry(account).or_default() += 1;
                }
            }
            let places = kind.at_once().saturating_sub(running);
            if places == 0 {
                continue;
            }
            if !has_part(&**kind) {
                free.push((kind.name(), places));
                continue;
            }
            free.push((kind.name(), 1));
            let most = kind.of_account_at_once();
            let full = accounts.into_iter().filter(|(_, running)| *running >= most);
            busy.extend(full.map(|(account, _)| (kind.name(), account)));
        }
        (free, busy)
    }

    fn start(&mut self, taken: TakenJob, stop: &CancellationToken) {
        let Some(kind) = self.kinds.iter().find(|kind| kind.name() == taken.kind) else {
            // Only these kinds were asked for; the next look gives the job back.
            return;
        };
        let (hold, job) = (taken.hold, Arc::new(Job::new(taken)));
        self.running.insert(hold, Arc::clone(&job));
        let (store, kind, stop) = (self.queue.store().clone(), Arc::clone(kind), stop.clone());
        self.attempts.spawn(async move {
            attempt::run(&store, &*kind, &job, &stop).await;
            hold
        });
    }

    fn ended(&mut self, ended: Result<Hold, tokio::task::JoinError>) {
        match ended {
            Ok(hold) => {
                self.queue.note_change();
                let job = self.running.remove(&hold);
                // Its next run is enqueued at the next look.
                let recurs = |kind: &&Arc<dyn Kind>| kind.every().is_some();
                let is_of =
                    |name: &str| self.kinds.iter().filter(recurs).any(|it| it.name() == name);
                if job.is_some_and(|job| !job.is_lost() && is_of(job.kind())) {
                    self.recur_at = Instant::now();
                }
            }
            // A worker itself does not panic; its job would be taken over at the next start.
            Err(error) => tracing::error!(%error, "a worker ended without its job's end"),
        }
    }
}

/// Whether an account has a part of the places of a kind.
fn has_part(kind: &dyn Kind) -> bool {
    kind.of_account_at_once() < kind.at_once()
}
