//! The steps of a job: the form in which its record keeps them, and as messages.
//!
//! Not what they measure (the crate `engine`). Invariants: a record of another release is read as far as it is known; a step
//! whose place is empty ran at the server of the attempt.

use std::time::Duration;

use engine::{Step, Steps};
use gridloom::v1;
use jobs::Job;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use model::limits::jobs::STEP_PLACE_CHARACTERS;
use store::JobPlan;

/// A step in a record. Times are in microseconds.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct KeptStep {
    name: String,
    place: String,
    tasks: u32,
    done: u32,
    rows: u64,
    bytes: u64,
    elapsed: u64,
    busy: u64,
    spilled: u64,
    memory: u64,
}

impl From<Step> for KeptStep {
    fn from(step: Step) -> Self {
        // Postgres holds every character but one.
        let place = step.place.chars().filter(|it| *it != '\0').take(STEP_PLACE_CHARACTERS);
        Self {
            name: step.name.to_owned(),
            place: place.collect(),
            tasks: step.tasks,
            done: step.tasks_done,
            rows: step.rows,
            bytes: step.bytes,
            elapsed: micros(step.elapsed),
            busy: micros(step.busy),
            spilled: step.spilled_bytes,
            memory: step.memory_bytes,
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// The steps of an attempt, none yet; its record keeps them from now on.
pub(in crate::service) fn begin(job: &Job) -> Steps {
    let steps = Steps::default();
    let of_job = steps.clone();
    job.set_plan(move || kept(&of_job));
    steps
}

/// The steps as they are now, as a record keeps them.
fn kept(steps: &Steps) -> Value {
    let steps: Vec<KeptStep> = steps.now().into_iter().map(KeptStep::from).collect();
    // Plain numbers and texts have a form.
    serde_json::to_value(steps).unwrap_or_default()
}

/// The steps of a record as messages.
pub(super) fn steps(plan: JobPlan) -> Vec<v1::JobStep> {
    let node = plan.node.unwrap_or_default();
    let kept = plan.steps.and_then(|steps| serde_json::from_value::<Vec<KeptStep>>(steps).ok());
    let message = |step: KeptStep| v1::JobStep {
        name: step.name,
        place: if step.place.is_empty() { node.clone() } else { step.place },
        tasks: step.tasks,
        tasks_done: step.done,
        rows: step.rows,
        bytes: step.bytes,
        elapsed_micros: step.elapsed,
        busy_micros: step.busy,
        spilled_bytes: step.spilled,
        memory_bytes: step.memory,
    };
    kept.unwrap_or_default().into_iter().map(message).collect()
}

#[cfg(test)]
mod tests {
    use engine::Meter;
    use model::limits::jobs::JOB_PLAN_BYTES;
    use serde_json::json;

    use super::*;

    #[test]
    fn steps_are_read_as_they_were_kept() {
        let of_job = Steps::default();
        let (read, write) = (Meter::new("read", 2), Meter::new("write", 1));
        of_job.begin(&read);
        of_job.begin(&write);
        read.add_rows(7);
        read.add_busy(Duration::from_millis(3));
        write.add_bytes(9);
        write.task_ends();
        let plan = JobPlan { steps: Some(kept(&of_job)), node: Some("one".to_owned()) };
        let shown = steps(plan);
        let [read, write] = &shown[..] else { panic!("{shown:?}") };
        assert_eq!((&*read.name, &*read.place, read.rows), ("read", "one", 7));
        assert_eq!((read.tasks, read.tasks_done, read.busy_micros), (2, 0, 3_000));
        assert_eq!((&*write.name, write.bytes, write.tasks_done), ("write", 9, 1));
    }

    #[test]
    fn a_record_of_another_form_has_the_steps_that_are_known() {
        let of = |kept: Value| steps(JobPlan { steps: Some(kept), node: None });
        let later = json!([{"name": "sort", "rows": 3, "place": "b:50050", "new": true}]);
        let shown = of(later);
        assert_eq!((shown.len(), &*shown[0].place, shown[0].rows), (1, "b:50050", 3));
        assert_eq!(of(json!({"steps": 1})), []);
        assert_eq!(steps(JobPlan::default()), []);
    }

    #[test]
    fn as_many_steps_as_there_may_be_fit_a_record() {
        let most = Step {
            name: "read and filter",
            place: "é".repeat(2 * STEP_PLACE_CHARACTERS),
            tasks: u32::MAX,
            tasks_done: u32::MAX,
            rows: u64::MAX,
            bytes: u64::MAX,
            elapsed: Duration::MAX,
            busy: Duration::MAX,
            spilled_bytes: u64::MAX,
            memory_bytes: u64::MAX,
        };
        let most: Vec<KeptStep> = vec![KeptStep::from(most)];
        let bytes = serde_json::to_string(&most).expect("has a form").len();
        assert!(bytes * engine::STEPS_MOST <= JOB_PLAN_BYTES, "{bytes}");
    }
}
