//! What a step has cost, and where that is read.
//!
//! Plain data. Invariant: a source gives its steps without a wait.

use std::time::Duration;

/// What a step has cost so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// What it does.
    pub name: &'static str,
    /// Where it runs; empty: in this process.
    pub place: String,
    /// Tasks that run side by side.
    pub tasks: u32,
    /// Of these, those that have ended.
    pub tasks_done: u32,
    /// Rows that it has passed on.
    pub rows: u64,
    /// Bytes that it has read or written, where it does.
    pub bytes: u64,
    /// From its begin to its end, or until now.
    pub elapsed: Duration,
    /// Processor time of its threads, or the time for which they were busy.
    pub busy: Duration,
    /// Bytes that it has written to disk for want of memory.
    pub spilled_bytes: u64,
    /// The most memory that it has held, as far as it was seen.
    pub memory_bytes: u64,
}

/// One or more steps that can be read while they run.
pub trait StepSource: Send + Sync {
    /// Adds the steps as they are now.
    fn add_to(&self, steps: &mut Vec<Step>);
}
