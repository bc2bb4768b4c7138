//! The laws of fences as a property: random takes, ends, deaths and cancellations of several nodes.
//!
//! Not the workers. Invariant: a model that holds one attempt for each job predicts which writes change something.

use std::collections::HashMap;
use std::time::Duration;

use model::NodeId;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use store::{Hold, JobId, JobState, Store};

use super::{job, kind, node, take, until};
use crate::support::Fixture;

const JOBS: usize = 3;
const NODES: usize = 3;
const ATTEMPTS: u32 = model::limits::edge::JOB_ATTEMPTS;

#[derive(Clone, Debug)]
enum Step {
    Take { node: usize },
    Finish { hold: usize },
    Fail { hold: usize, is_final: bool },
    GiveBack { hold: usize },
    Progress { hold: usize },
    Cancel { job: usize },
    Die { node: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..NODES).prop_map(|node| Step::Take { node }),
        2 => (0..8_usize).prop_map(|hold| Step::Finish { hold }),
        3 => (0..8_usize, any::<bool>()).prop_map(|(hold, is_final)| Step::Fail { hold, is_final }),
        1 => (0..8_usize).prop_map(|hold| Step::GiveBack { hold }),
        1 => (0..8_usize).prop_map(|hold| Step::Progress { hold }),
        1 => (0..JOBS).prop_map(|job| Step::Cancel { job }),
        2 => (0..NODES).prop_map(|node| Step::Die { node }),
    ];
    vec(step, 0..24)
}

/// What the table should hold of one job.
#[derive(Clone, Copy, Debug)]
struct Expected {
    state: JobState,
    attempt: u32,
    held: Option<(Hold, usize)>,
    cancel_asked: bool,
}

impl Expected {
    fn end_attempt(&mut self, is_last: bool) {
        self.held = None;
        self.state = match (self.cancel_asked, is_last || self.attempt >= ATTEMPTS) {
            (true, _) => JobState::Cancelled,
            (false, true) => JobState::Failed,
            (false, false) => JobState::Waiting,
        };
    }
}

struct World {
    store: Store,
    kind: &'static str,
    nodes: Vec<NodeId>,
    jobs: Vec<JobId>,
    expected: HashMap<JobId, Expected>,
    /// Every hold that was ever given, in order.
    holds: Vec<Hold>,
}

impl World {
    async fn new(store: Store) -> Self {
        let kind = kind();
        let mut world = Self {
            store,
            kind,
            nodes: vec![],
            jobs: vec![],
            expected: HashMap::new(),
            holds: vec![],
        };
        for _ in 0..NODES {
            world.nodes.push(node(&world.store).await);
        }
        for _ in 0..JOBS {
            let job = job(kind);
            world.store.enqueue(&job).await.expect("enqueued");
            let state = JobState::Waiting;
            world.jobs.push(job.id);
            let new = Expected { state, attempt: 0, held: None, cancel_asked: false };
            world.expected.insert(job.id, new);
        }
        world
    }

    async fn play(&mut self, step: &Step) {
        match *step {
            Step::Take { node } => self.take(node).await,
            Step::Cancel { job } => {
                let cancelled = self.store.cancel_job(self.jobs[job], None).await.expect("answers");
                let expected = self.expected.get_mut(&self.jobs[job]).expect("a job");
                assert_eq!(cancelled.is_some(), !expected.state.is_ended());
                if cancelled.is_some() {
                    expected.cancel_asked = true;
                }
                if expected.state == JobState::Waiting {
                    expected.state = JobState::Cancelled;
                }
            }
            Step::Die { node } => self.die(node).await,
            Step::Finish { hold }
            | Step::Fail { hold, .. }
            | Step::GiveBack { hold }
            | Step::Progress { hold } => self.write(step, hold).await,
        }
    }

    async fn take(&mut self, node: usize) {
        let taken = take(&self.store, self.nodes[node], self.kind).await;
        let waiting = self.expected.values().filter(|it| it.state == JobState::Waiting).count();
        assert_eq!(taken.len(), waiting, "every waiting job is taken, and no other");
        for job in taken {
            let newer = self.holds.iter().all(|hold| hold.fence < job.hold.fence);
            assert!(newer, "fences rise");
            let expected = self.expected.get_mut(&job.hold.job).expect("a job");
            expected.state = JobState::Running;
            expected.attempt += 1;
            expected.held = Some((job.hold, node));
            assert_eq!(job.attempt, expected.attempt);
            self.holds.push(job.hold);
        }
    }

    /// A write by an attempt, perhaps an old one.
    async fn write(&mut self, step: &Step, hold: usize) {
        let Some(hold) = self.holds.len().checked_sub(hold % self.holds.len().max(1) + 1) else {
            return;
        };
        let hold = self.holds[hold];
        let expected = self.expected.get_mut(&hold.job).expect("a job");
        let is_held = expected.held.is_some_and(|(held, _)| held == hold);
        let store = &self.store;
        let changed = match step {
            Step::Finish { .. } => store.finish_job(hold, &json!({})).await.expect("answers"),
            Step::GiveBack { .. } => store.give_back_job(hold).await.expect("answers"),
            Step::Progress { .. } => {
                store.note_progress(hold, (1, Some(2))).await.expect("answers")
            }
            Step::Fail { is_final, .. } => {
                let failed = store.fail_job(hold, "no", *is_final, Duration::ZERO).await;
                failed.expect("answers").is_some()
            }
            _ => return,
        };
        assert_eq!(changed, is_held, "{step:?} of {hold:?}: {expected:?}");
        if !is_held {
            return;
        }
        match step {
            Step::Finish { .. } => (expected.state, expected.held) = (JobState::Done, None),
            Step::Fail { is_final, .. } => expected.end_attempt(*is_final),
            Step::GiveBack { .. } => {
                expected.attempt -= 1;
                expected.end_attempt(false);
            }
            _ => {}
        }
    }

    /// A node dies, its jobs are taken over, and another one starts in its place.
    async fn die(&mut self, node_index: usize) {
        self.store.end_node(self.nodes[node_index].0).await.expect("ended");
        self.nodes[node_index] = node(&self.store).await;
        self.store.take_over_jobs(self.nodes[node_index], &[]).await.expect("answers");
        for (id, expected) in &mut self.expected {
            if expected.held.is_some_and(|(_, node)| node == node_index) {
                // Workers of another test may have taken it over first.
                until(&self.store, *id, |job| job.state != JobState::Running).await;
                expected.end_attempt(false);
            }
        }
    }

    async fn check(&self) {
        for (id, expected) in &self.expected {
            let found = self.store.job(*id).await.expect("answers").expect("a job");
            assert_eq!(
                (found.state, found.attempt),
                (expected.state, expected.attempt),
                "{found:?}"
            );
            assert!(found.attempt <= ATTEMPTS, "{found:?}");
            assert_eq!(found.ended_micros.is_some(), found.state.is_ended(), "{found:?}");
        }
    }
}

#[test]
fn an_attempt_writes_exactly_while_it_holds_its_job() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let store = runtime.block_on(Fixture::new()).store;
    let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&steps(), |steps| {
        runtime.block_on(async {
            let mut world = World::new(store.clone()).await;
            for step in &steps {
                world.play(step).await;
                world.check().await;
            }
        });
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
