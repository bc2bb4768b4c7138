//! The operator's commands on a database: check it, delete old history, park or delete a sheet that is set aside, list
//! accounts, disable one, give one the right of an operator, make a link for one.
//!
//! Not a repair. Invariant: a check reports what it finds and changes nothing, because only a person can decide which
//! of two contradicting records is right.

mod accounts;
mod aside;
pub mod check;
mod command;
mod finding;
mod printer;
mod sources;

pub use command::{AdminCommand, Outcome};
pub use finding::{Event, Finding, Findings, Rule, SheetReport};
