//! What an operator does to a database beside the server that runs on it: look whether it is sound,
//! let old history go, decide about a sheet that stands still.
//!
//! Not a repair: a check reports what it finds and leaves it as it is, because which of two things is
//! right is for a person to say.

mod aside;
pub mod check;
mod command;
mod finding;
mod sources;
mod told;

pub use command::{AdminCommand, Outcome};
pub use finding::{Finding, Findings, Rule, SheetReport, Told};
