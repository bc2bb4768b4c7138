//! A live sheet that reconnects automatically.
//!
//! One task (`owner.rs`) owns the [`LiveSheet`](crate::core::LiveSheet), the connection and the waiting
//! callers; a handle (`handle.rs`) sends it commands. So there is no lock, and the commands of a handle take
//! effect in the order of its calls. `open.rs` starts the task.
//!
//! Invariant: every waiting caller gets an answer, or its channel closes when the task ends.

mod command;
pub(super) mod handle;
mod link;
pub(super) mod open;
pub(super) mod outcome;
mod owner;
mod pace;
pub(super) mod progress;
mod shared;
pub(super) mod ticket;
