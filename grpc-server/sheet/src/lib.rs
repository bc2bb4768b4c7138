//! The open sheets: one task owns each, and everything about it.
//!
//! An edit's way is `message` -> `requests` -> `edits` (staged) -> `race` (journaled, published) ->
//! `session`, and beside it `effects` -> `committer`. No wire adapter, no SQL: those are `service` and
//! `store`.

pub mod committer;
pub mod effects;
pub mod kinship;
pub mod message;
pub mod open;
pub mod past;
pub mod publish;
pub mod reads;
pub mod records;
pub mod refusal;
pub mod registry;
pub mod rows;
pub mod session;
pub mod shared;
pub mod spans;

mod append;
pub mod aside;
pub mod cells;
mod closing;
pub mod commands;
mod deliver;
pub mod drain;
mod edits;
mod gather;
mod history;
mod joins;
mod log;
pub mod presence;
mod race;
mod requests;
mod sessions;
mod staged;
mod task;
mod texts;
pub mod undo;

pub use registry::Registry;
pub use shared::Shared;

// Shared with the protocol's own tests.
#[cfg(test)]
#[path = "../../../proto/convert/any_message.rs"]
mod any_message;
