//! Queues: some workers each, first in, first out.
//!
//! Not a clock. Invariant: the caller adds work in the order of its arrival.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Microseconds since the start of the simulation.
pub(crate) type Time = u64;

/// One queue.
#[derive(Debug)]
pub(crate) struct Queue {
    /// The time at which each worker is free.
    free: BinaryHeap<Reverse<Time>>,
    workers: u64,
    busy: u64,
}

impl Queue {
    pub(crate) fn new(workers: u32) -> Self {
        let free = (0..workers).map(|_| Reverse(0)).collect();
        Self { free, workers: u64::from(workers), busy: 0 }
    }

    /// Adds work that arrives now and lasts so long; returns the time at which it is done.
    pub(crate) fn work(&mut self, now: Time, lasts: u64) -> Time {
        let free = self.free.pop().map_or(now, |Reverse(free)| free);
        let done = free.max(now) + lasts;
        self.free.push(Reverse(done));
        self.busy += lasts;
        done
    }

    /// The share of a time in which its workers were busy, in percent.
    pub(crate) fn busy(&self, of: Time) -> f64 {
        100.0 * self.busy as f64 / (self.workers * of.max(1)) as f64
    }
}
