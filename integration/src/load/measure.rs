//! The measuring of a run: the clock, latencies, counts, and CPU time.
//!
//! Not the clients, which name what they measure. Invariant: all times of a run are from one clock.

pub(crate) mod clock;
pub(crate) mod cpu;
pub(crate) mod latency;
pub(crate) mod tally;
