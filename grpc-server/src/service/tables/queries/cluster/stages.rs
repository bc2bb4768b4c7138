//! The stages of a plan on a cluster as steps of a job.
//!
//! Not the plan. Invariant: the steps of before stay where the scheduler gives no newer ones.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use engine::{Step, StepSource};
use engine_link::Stage;

/// Executors that a step names; further ones are counted.
const NAMED: usize = 4;

/// The stages of one plan, as they were seen last.
#[derive(Debug, Default)]
pub(super) struct Stages(Mutex<Vec<Step>>);

impl Stages {
    /// Notes newer stages.
    pub(super) fn note(&self, stages: &[Stage]) {
        let last = stages.len().saturating_sub(1);
        let steps = stages.iter().enumerate().map(|(at, stage)| step(stage, at == last)).collect();
        // A list is replaced as a whole.
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = steps;
    }
}

impl StepSource for Stages {
    fn add_to(&self, steps: &mut Vec<Step>) {
        steps.extend(self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned());
    }
}

fn step(stage: &Stage, is_last: bool) -> Step {
    let done = stage.tasks.iter().filter(|task| task.state == "done");
    let millis = stage.tasks.iter().map(|task| task.millis);
    Step {
        name: if is_last { "put together" } else { "read and sort or count" },
        place: place(stage),
        tasks: u32::try_from(stage.tasks.len()).unwrap_or(u32::MAX),
        tasks_done: u32::try_from(done.count()).unwrap_or(u32::MAX),
        rows: stage.tasks.iter().map(|task| task.rows).sum(),
        elapsed: Duration::from_millis(millis.clone().max().unwrap_or(0)),
        busy: Duration::from_millis(millis.sum()),
        ..Step::default()
    }
}

/// The executors that have tasks of a stage.
fn place(stage: &Stage) -> String {
    let workers: BTreeSet<&str> =
        stage.tasks.iter().map(|task| task.worker.as_str()).filter(|it| !it.is_empty()).collect();
    let named: Vec<&str> = workers.iter().copied().take(NAMED).collect();
    match workers.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use engine_link::Task;

    use super::*;

    #[test]
    fn a_stage_is_a_step_with_its_executors() {
        let task = |worker: &str, state: &str, rows, millis| Task {
            id: 0,
            worker: worker.to_owned(),
            state: state.to_owned(),
            rows,
            millis,
        };
        let tasks = vec![task("a", "done", 3, 20), task("b", "running", 0, 10)];
        let stage = |tasks| Stage { tasks, ..Stage::default() };
        let stages = Stages::default();
        stages.note(&[stage(tasks), stage(Vec::new())]);
        let mut steps = Vec::new();
        stages.add_to(&mut steps);
        let [first, last] = &steps[..] else { panic!("{steps:?}") };
        assert_eq!(
            (first.place.as_str(), first.tasks, first.tasks_done, first.rows),
            ("a, b", 2, 1, 3)
        );
        assert_eq!(
            (first.elapsed, first.busy),
            (Duration::from_millis(20), Duration::from_millis(30))
        );
        assert_ne!(first.name, last.name);
    }
}
