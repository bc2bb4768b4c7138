//! Attacks on a server that is held to a fixed memory: one hostile account at one hostile address, while other
//! accounts edit, sign in, open sheets and read.
//!
//! Each attack runs on a server of its own, after a control run with the same others, in which an honest caller pastes
//! and reads as fast as it may. Not a test of one limit: those are in the tests. Invariant: an attack ends by its
//! deadline, and its threads have less priority than those of the server and of the others.

mod catalog;
mod field;
mod kinds;
pub mod options;
mod others;
mod report;
mod run;

pub use catalog::{ATTACKS, Attack};
pub use report::{Outcome, table};
pub use run::run;
