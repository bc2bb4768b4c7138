//! The Rust client of Gridloom: a session core without I/O, an SDK on tokio, and `gridctl`.
//!
//! **What it is not.** It is not the server, and it is not the browser application, which compiles only
//! [`core`] to WebAssembly.
//!
//! **Where to start.** `core.rs` and `core/live.rs` are the protocol as a state machine. `net/client.rs` and
//! `net/live/owner.rs` connect it to a server. `bin/gridctl/args.rs` lists the commands.
//!
#![cfg_attr(feature = "net", doc = include_str!("../README.md"))]
//!
//! # Layers
//!
//! Dependencies point one way: `gridctl` -> `net` -> [`core`] -> `ot_engine`. `core` knows no socket, and
//! `net` looks inside no delta. Without the default feature `net`, only `core` is built.

pub mod core;
#[cfg(feature = "net")]
pub mod net;

#[cfg(feature = "net")]
pub use net::{Client, Error};
