//! The Rust client of Gridloom.
//!
//! [`core`] is a live sheet as a state machine without any I/O; it also runs in the browser. With
//! the feature `net` (on by default), `net` adds connections over tokio, every call of the API, and
//! live sheets that reconnect by themselves.

pub mod core;
#[cfg(feature = "net")]
pub mod net;

#[cfg(feature = "net")]
pub use net::{Client, Error};
