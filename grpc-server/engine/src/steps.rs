//! What each step of a query, or of a job, has cost so far.
//!
//! | file | holds |
//! | --- | --- |
//! | `step` | what a step has cost, and where that is read |
//! | `meter` | the counters of a step, and the processor time of its threads |
//! | `bytes` | the bytes that a step reads or writes |
//! | `planned` | a plan of DataFusion as a step |
//! | `making` | a step that makes rows on the thread of the caller |
//!
//! Not the form in which a job keeps steps: that is the server's. Invariants: a step is readable while it runs, and its
//! numbers never fall. A reader waits for no work of a step. There are [`STEPS_MOST`] steps at most.

mod bytes;
mod making;
mod meter;
mod planned;
mod step;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use self::bytes::Handed;
pub(crate) use self::bytes::{counted_input, counted_output};
pub(crate) use self::making::Making;
pub(crate) use self::meter::Lap;
pub use self::meter::Meter;
pub(crate) use self::planned::{HeldPlan, Planned};
pub use self::step::{Step, StepSource};

/// Steps of one query or job; what further ones cost is not listed.
pub const STEPS_MOST: usize = 32;

/// The steps of a query or a job, in the order of the rows through them. Cheap to clone: clones have the same steps.
#[derive(Clone, Default)]
pub struct Steps(Arc<Mutex<Vec<Arc<dyn StepSource>>>>);

impl fmt::Debug for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Steps").field("sources", &self.sources().len()).finish()
    }
}

impl Steps {
    /// Adds steps behind those that are there.
    pub fn add(&self, source: Arc<dyn StepSource>) {
        let mut sources = self.sources();
        if sources.len() < STEPS_MOST {
            sources.push(source);
        }
    }

    /// Begins a step behind those that are there, unless it has begun.
    pub fn begin(&self, meter: &Arc<Meter>) {
        if meter.start() {
            self.add(Arc::clone(meter) as Arc<dyn StepSource>);
        }
    }

    /// All steps as they are now.
    #[must_use]
    pub fn now(&self) -> Vec<Step> {
        let sources = self.sources().clone();
        let mut steps = Vec::with_capacity(sources.len());
        sources.iter().for_each(|source| source.add_to(&mut steps));
        steps.truncate(STEPS_MOST);
        steps
    }

    fn sources(&self) -> MutexGuard<'_, Vec<Arc<dyn StepSource>>> {
        // Each change is one call, so that a poisoned list is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn the_polls_of_a_future_count_as_processor_time() {
        let (steps, meter) = (Steps::default(), Meter::new("write", 1));
        steps.begin(&meter);
        let work = async { (0..1_000_000_u64).fold(0, |sum, at| std::hint::black_box(sum ^ at)) };
        assert!(Arc::clone(&meter).polls(work).now_or_never().is_some());
        assert!(!steps.now()[0].busy.is_zero());
    }

    #[test]
    fn steps_stand_in_the_order_of_their_begin_and_each_begins_once() {
        let steps = Steps::default();
        let (one, two) = (Meter::new("read", 2), Meter::new("write", 1));
        for meter in [&one, &two, &one] {
            steps.begin(meter);
        }
        one.add_rows(3);
        one.add_bytes(10);
        one.task_ends();
        two.add_rows(2);
        two.task_ends();
        let now = steps.now();
        let [read, write] = &now[..] else { panic!("{now:?}") };
        assert_eq!((read.name, read.rows, read.bytes), ("read", 3, 10));
        assert_eq!((read.tasks, read.tasks_done), (2, 1));
        assert_eq!((write.name, write.rows, write.tasks_done), ("write", 2, 1));
        assert_eq!(steps.now()[1].elapsed, write.elapsed, "it has ended");
    }

    #[test]
    fn no_more_steps_are_listed_than_may_be() {
        let steps = Steps::default();
        for _ in 0..2 * STEPS_MOST {
            steps.begin(&Meter::new("read", 1));
        }
        assert_eq!(steps.now().len(), STEPS_MOST);
    }
}
