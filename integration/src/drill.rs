//! Drills: writers write, something fails under them, and afterwards everything is compared, in the
//! manner of Jepsen.
//!
//! A [`Drill`] names a [`Fault`] and the number of nodes that it strikes; [`run`] plays it on real
//! processes and judges what happened. Each writer keeps a history of what it did and what it was
//! told, with times; onlookers keep what they saw. Invariant: a run is sound only when every accepted
//! edit is in the operation log once, at the revision that its author was told, in an order that
//! agrees with real time, and when the log, played from the beginning, makes what each replica, each
//! `ReadCells` and plain SQL hold.
//!
//! What a run does not judge is speed: it measures, and people judge.

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
mod timeline;
mod writer;

pub use catalog::{DRILLS, Drill};
pub use fault::Fault;
pub use report::{Outcome, table};
pub use run::{Options, run};
