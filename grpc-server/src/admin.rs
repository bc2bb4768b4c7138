//! What an operator does to a database beside the server that runs on it: look whether it is sound,
//! let old history go.
//!
//! Not a repair: what is found is told and left as it is, because which of two things is right is for
//! a person to say.

pub mod check;
mod command;
mod finding;
mod sources;
mod told;

pub use command::{AdminCommand, Outcome};
pub use finding::{Finding, Findings, Rule, SheetReport, Told};
