//! One open sheet: its edits are ordered, journaled, sent to its sessions, and committed.
//!
//! Not here: the wire's adapters (`service` in the server), SQL (the crate `store`), files of the journal.
//! Each room decides one thing; `actor` and `registry` alone name the others. Start at `actor`, then follow
//! an edit: `api` -> `ordering` -> `fanout`, and beside it `state` -> `durability`.

mod actor;
mod admission;
pub mod api;
pub mod durability;
pub mod fanout;
mod history;
pub mod loading;
pub mod open_error;
pub mod ordering;
pub mod ports;
pub mod presence;
pub mod refusal;
pub mod registry;
pub mod row_cache;
pub mod shared;
pub mod state;
pub mod time_travel;
mod windows;

pub use registry::Registry;
pub use shared::Shared;

// Shared with the protocol's own tests.
#[cfg(test)]
#[path = "../../../proto/convert/any_message.rs"]
mod any_message;
