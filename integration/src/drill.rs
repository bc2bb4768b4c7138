//! Drills: a part of the cluster fails while writers edit; afterwards the drill compares all histories, as
//! Jepsen does.
//!
//! A [`Drill`] names a [`Fault`] and the number of nodes; [`run`] plays it on real processes and judges the
//! result. Each writer keeps a history of its edits and their answers, with times; onlookers keep the states
//! that they saw. Invariant: a run is sound only when every accepted edit is in the operation log once, at
//! the revision of its answer, in an order that agrees with real time, and when the log, replayed from the
//! beginning, makes the sheet that each replica, each `ReadCells` and plain SQL hold.
//!
//! Not a benchmark: a run measures times, but no time fails it.

mod catalog;
mod check;
mod cluster;
mod fault;
mod heavy;
mod history;
mod newcomer;
mod onlooker;
mod report;
mod run;
mod slow_session;
mod strike;
mod timeline;
mod writer;

pub use catalog::{DRILLS, Drill};
pub use fault::Fault;
pub use report::{Outcome, table};
pub use run::{Options, run};
