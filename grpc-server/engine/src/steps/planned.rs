//! A plan of DataFusion as a step: what its operators report of themselves.
//!
//! Not the pass at the foot of the plan, which is a step of its own. Invariant: the plan is held no longer than the query runs,
//! since it holds the pass, whose end the query waits for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use datafusion::execution::memory_pool::MemoryPool;
use datafusion::physical_plan::ExecutionPlan;

use super::Steps;
use super::meter::Meter;
use super::step::{Step, StepSource};

/// See the [module](self).
pub(crate) struct Planned {
    meter: Arc<Meter>,
    /// What the plan takes its memory from.
    pool: Arc<dyn MemoryPool>,
    /// `None` before its begin and after its end.
    plan: Mutex<Option<Arc<dyn ExecutionPlan>>>,
}

impl Planned {
    /// Begins a step of so many tasks, whose plan is not made yet.
    pub(crate) fn begin(
        steps: &Steps,
        named: (&'static str, usize),
        pool: Arc<dyn MemoryPool>,
    ) -> HeldPlan {
        let held = Self::later(steps, named, pool);
        held.begin();
        held
    }

    /// The same for a step that begins with its first rows.
    pub(crate) fn later(
        steps: &Steps,
        (name, tasks): (&'static str, usize),
        pool: Arc<dyn MemoryPool>,
    ) -> HeldPlan {
        let planned = Self { meter: Meter::new(name, tasks), pool, plan: Mutex::default() };
        HeldPlan { planned: Arc::new(planned), steps: steps.clone() }
    }

    /// The plan is this.
    pub(crate) fn set(&self, plan: &Arc<dyn ExecutionPlan>) {
        *self.plan() = Some(Arc::clone(plan));
    }

    /// Notes the memory that it holds now.
    pub(crate) fn look(&self) {
        self.meter.holds(self.pool.reserved() as u64);
    }

    /// Takes over what the operators have counted.
    fn read(&self, plan: &Arc<dyn ExecutionPlan>) {
        let mut total = Total::default();
        total.add(plan);
        let busy = Duration::from_nanos(total.busy_nanos);
        self.meter.has(rows_of(plan) as u64, busy, total.spilled_bytes);
    }

    fn plan(&self) -> MutexGuard<'_, Option<Arc<dyn ExecutionPlan>>> {
        // Each change is one assignment, so that a poisoned plan is whole.
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StepSource for Planned {
    fn add_to(&self, steps: &mut Vec<Step>) {
        // A clone could outlive the query.
        if let Some(plan) = self.plan().as_ref() {
            self.read(plan);
        }
        steps.push(self.meter.now());
    }
}

/// Lets the plan of a step go at the end of the query.
pub(crate) struct HeldPlan {
    planned: Arc<Planned>,
    steps: Steps,
}

impl HeldPlan {
    pub(crate) fn step(&self) -> &Arc<Planned> {
        &self.planned
    }

    /// Begins the step behind those that are there, unless it has begun.
    pub(crate) fn begin(&self) {
        if self.planned.meter.start() {
            self.steps.add(Arc::clone(&self.planned) as Arc<dyn StepSource>);
        }
    }

    /// Keeps what the plan has counted, and lets it go.
    pub(crate) fn let_go(&self) {
        let plan = self.planned.plan().take();
        if let Some(plan) = plan {
            self.planned.read(&plan);
        }
        self.planned.meter.all_tasks_end();
    }
}

impl Drop for HeldPlan {
    fn drop(&mut self) {
        self.let_go();
    }
}

/// Rows that a plan has passed on. An operator that has one input and nothing to do counts none.
fn rows_of(plan: &Arc<dyn ExecutionPlan>) -> usize {
    let own = plan.metrics().and_then(|it| it.output_rows()).unwrap_or_default();
    match plan.children()[..] {
        [input] if own == 0 && !input.children().is_empty() => rows_of(input),
        _ => own,
    }
}

/// What the operators of a plan have counted together.
#[derive(Default)]
struct Total {
    busy_nanos: u64,
    spilled_bytes: u64,
}

impl Total {
    fn add(&mut self, plan: &Arc<dyn ExecutionPlan>) {
        let children = plan.children();
        if children.is_empty() {
            // The pass.
            return;
        }
        if let Some(metrics) = plan.metrics() {
            let busy = metrics.elapsed_compute().unwrap_or_default() as u64;
            let spilled = metrics.spilled_bytes().unwrap_or_default() as u64;
            self.busy_nanos = self.busy_nanos.saturating_add(busy);
            self.spilled_bytes = self.spilled_bytes.saturating_add(spilled);
        }
        children.into_iter().for_each(|child| self.add(child));
    }
}
