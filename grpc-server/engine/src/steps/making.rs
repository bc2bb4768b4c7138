//! A step that makes rows on one thread, and hands them to the step behind it on that thread.
//!
//! Not the pass before it, which has threads of its own. Invariant: the time of the step behind it does not count.

use std::sync::Arc;
use std::time::Duration;

use super::Steps;
use super::meter::{Meter, thread_time};

/// See the [module](self).
pub(crate) struct Making {
    steps: Steps,
    meter: Arc<Meter>,
    /// The processor time of the thread at the last count; `None` before the begin.
    last: Option<Duration>,
}

impl Making {
    /// A step that has not begun.
    pub(crate) fn new(steps: &Steps, meter: Arc<Meter>) -> Self {
        Self { steps: steps.clone(), meter, last: None }
    }

    /// Begins it behind the steps that are there, unless it has begun.
    pub(crate) fn begin(&mut self) {
        if self.last.is_none() {
            self.steps.begin(&self.meter);
            self.last = Some(thread_time());
        }
    }

    /// Hands so many rows on: what `work` takes is not its time.
    pub(crate) fn hand<T>(&mut self, rows: u64, work: impl FnOnce() -> T) -> T {
        self.begin();
        self.count();
        let done = work();
        self.meter.add_rows(rows);
        self.last = Some(thread_time());
        done
    }

    /// Ends it.
    pub(crate) fn end(&mut self) {
        self.begin();
        self.count();
        self.meter.all_tasks_end();
    }

    fn count(&mut self) {
        let now = thread_time();
        let last = self.last.replace(now).unwrap_or(now);
        self.meter.add_busy(now.saturating_sub(last));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_hands_rows_on_begins_once_and_ends_with_all_of_its_tasks() {
        let steps = Steps::default();
        let mut making = Making::new(&steps, Meter::new("group", 2));
        assert_eq!(steps.now(), []);
        assert_eq!(making.hand(3, || "taken"), "taken");
        making.hand(4, || ());
        assert_eq!((steps.now().len(), steps.now()[0].rows, steps.now()[0].tasks_done), (1, 7, 0));
        making.end();
        assert_eq!((steps.now().len(), steps.now()[0].tasks_done), (1, 2));
    }
}
