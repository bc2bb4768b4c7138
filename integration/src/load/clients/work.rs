//! The editing of one client: its schedule, its edits in flight, its counts.
//!
//! Not a stream: nothing here waits. Invariant: stamps of one writer only grow.

use std::time::{Duration, Instant};

use client::core::Event;
use ot_engine::Value;

use super::history::History;
use super::pace::Pace;
use crate::load::measure::clock::{Clock, Ticks, stamped_at};
use crate::load::measure::tally::{Measured, Tally};

/// How long a writer rests when the server refuses an edit.
const REST_AFTER_REFUSAL: Duration = Duration::from_millis(5);

/// The times of a run, the same for all clients.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    pub(crate) clock: Clock,
    pub(crate) measured: Measured,
    pub(crate) begin: Instant,
    /// When the measured time begins.
    pub(crate) measure: Instant,
    /// No edit is made after this.
    pub(crate) end: Instant,
    /// The time between two edits; `None`: the next when the last is answered.
    pub(crate) pause: Option<Duration>,
    pub(crate) in_flight: usize,
}

/// See the [module](self).
pub(crate) struct Work {
    pub(crate) tally: Tally,
    pub(crate) history: History,
    pub(crate) pace: Pace,
    last_stamp: Ticks,
}

impl Work {
    pub(crate) fn new(schedule: &Schedule, writer: u32) -> Self {
        Self {
            tally: Tally::new(schedule.measured),
            history: History::default(),
            pace: Pace::new(schedule.begin, schedule.pause, writer),
            last_stamp: 0,
        }
    }

    /// The time that the next edit writes, for one that counts from `at`.
    pub(crate) fn next_stamp(&mut self, at: Ticks) -> Ticks {
        self.last_stamp = at.max(self.last_stamp + 1);
        self.last_stamp
    }

    pub(crate) fn on_event(&mut self, event: Event, now: Ticks) {
        match event {
            Event::Accepted { sequence, revision, .. } => {
                if let Some(sent) = self.history.accept(sequence, revision) {
                    self.tally.accept(sent, now);
                }
            }
            Event::Changed(changed) => {
                // Outside the window nothing is left of an edit but its number.
                for cell in &changed.delta.cells {
                    if let Some(Value::Number(stamp)) = cell.edit.as_set() {
                        self.tally.deliver(stamped_at(*stamp), now);
                    }
                }
            }
            Event::Committed { revision } => {
                let tally = &mut self.tally;
                self.history.commit(revision, |sent| tally.commit(sent, now));
            }
            Event::Rejected { sequence, .. } => {
                self.history.refuse(sequence);
                self.tally.refused += 1;
                self.pace.rest(Instant::now() + REST_AFTER_REFUSAL);
            }
            Event::Resynced { lost } => {
                for lost in lost.iter() {
                    self.history.refuse(lost.sequence);
                    self.tally.refused += 1;
                }
            }
            _ => {}
        }
    }
}
