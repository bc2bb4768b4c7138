//! The server of Gridloom as a library: options in, a running server out.
//!
//! `service` adapts gRPC and holds no state of a sheet; `edge` checks identities and rights, and makes the statuses.
//! `serve` starts the parts and listens. The crates below are beside `src`: `sheet` owns open sheets, `journal`
//! and `store` keep their edits, `jobs` runs what takes longer than a call, `model` defines the types.
//!
//! Not the program: see `main.rs`. Invariant: nothing in `service` speaks SQL; `store` knows no wire type. Start at
//! `serve`, or at `service/live.rs` to follow an edit.

pub mod admin;
pub mod cluster;
pub mod config;
pub mod edge;
mod file_sweep;
mod housekeeping;
pub mod machine;
mod mail;
mod people;
pub mod postgres;
pub mod retention;
pub mod serve;
pub mod service;
pub mod telemetry;

// Shared with the protocol's own tests.
#[cfg(test)]
#[path = "../../proto/convert/any_message.rs"]
mod any_message;
