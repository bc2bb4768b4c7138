//! The operator's commands on a database: check that it is sound, delete old history, decide about a
//! sheet that stands still.
//!
//! Not a repair: a check reports what it finds and changes nothing, because only a person can decide which
//! of two contradicting things is right.

mod aside;
pub mod check;
mod command;
mod finding;
mod printer;
mod sources;

pub use command::{AdminCommand, Outcome};
pub use finding::{Event, Finding, Findings, Rule, SheetReport};
