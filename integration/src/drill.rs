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

mod clients;
mod cluster;
mod evidence;
mod report;
mod run;
mod strike;

pub use cluster::catalog::{DRILLS, Drill};
pub use cluster::fault::Fault;
pub use report::{Outcome, table};
pub use run::{Options, run};
