//! One open sheet: its edits are ordered, journaled, sent to its sessions, and committed.
//!
//! **What it is not.** It has no adapters of the wire (`service` in the server), no SQL (the crate `store`), and
//! no files of the journal (the crate `journal`).
//!
//! **Where to start.** [`registry`] opens a sheet, and `actor` is its task. Then follow an edit: [`api`] ->
//! [`ordering`] -> [`fanout`], and beside it [`state`] -> [`durability`].
//!
//! Invariants: each room decides one thing; no room names [`registry`], and only [`registry`] names `actor`;
//! outside of tests, only [`ports`] names the crates `store` and `journal`.

mod actor;
mod admission;
pub mod api;
pub mod durability;
mod errors;
pub mod fanout;
pub mod memory;
pub mod ordering;
pub mod ports;
pub mod presence;
pub mod reading;
pub mod registry;
pub mod shared;
pub mod state;
pub mod time_travel;
mod windows;

pub use errors::{open_error, refusal};
pub use registry::Registry;
pub use shared::Shared;

#[cfg(test)]
mod sample;

// Shared with the protocol's own tests.
#[cfg(test)]
#[path = "../../../proto/convert/any_message.rs"]
mod any_message;
