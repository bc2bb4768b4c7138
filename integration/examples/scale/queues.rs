//! Places where work waits its turn: some workers, first come, first served.
//!
//! No clock of its own: work must be given in the order of its arrival.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Microseconds since the start of the simulation.
pub(crate) type Time = u64;

/// One place.
#[derive(Debug)]
pub(crate) struct Place {
    /// When each worker is free again.
    free: BinaryHeap<Reverse<Time>>,
    workers: u64,
    busy: u64,
}

impl Place {
    pub(crate) fn new(workers: u32) -> Self {
        let free = (0..workers).map(|_| Reverse(0)).collect();
        Self { free, workers: u64::from(workers), busy: 0 }
    }

    /// Takes work that arrives now and lasts so long; gives the time when it is done.
    pub(crate) fn work(&mut self, now: Time, lasts: u64) -> Time {
        let free = self.free.pop().map_or(now, |Reverse(free)| free);
        let done = free.max(now) + lasts;
        self.free.push(Reverse(done));
        self.busy += lasts;
        done
    }

    /// The share of a time in which its workers worked, in percent.
    pub(crate) fn busy(&self, of: Time) -> f64 {
        100.0 * self.busy as f64 / (self.workers * of.max(1)) as f64
    }
}
