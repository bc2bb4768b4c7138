//! Durability: every accepted entry of a sheet is written to Postgres, in order, once.
//!
//! `core` decides and does no I/O; `committer` is its driver, one task for each open sheet, and the only file
//! here that knows the runtime. Beside them: `lineage` compares the journal with Postgres, `flush_tail` commits
//! entries of a sheet that is not open, `aside` parks entries that can't be committed.
//!
//! Not here: the journal, which holds each entry until it is committed, and the transaction itself (`store`).
//!
//! Invariant: a batch is conditional on the revision before it. Two nodes that both hold the lease, or a commit
//! whose answer is lost, do no harm.

pub mod aside;
mod committer;
mod core;
pub mod flush_tail;
pub mod lineage;
mod quarantine;
#[cfg(test)]
mod sample;

pub use self::committer::{COMMITS_AT_ONCE, Committer, Committers};
pub use self::quarantine::Quarantine;
