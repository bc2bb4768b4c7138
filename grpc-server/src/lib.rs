//! The server of Gridloom as a library: options in, a running server out.
//!
//! `service` adapts gRPC and holds no state of a sheet; `sheet` owns open sheets; `journal` and
//! `store` keep them. Nothing in `service` speaks SQL, nothing in `store` knows a wire type.

pub mod admin;
pub mod allowance;
pub mod cluster;
pub mod config;
pub mod eras;
pub mod import;
pub mod journal;
pub mod limits;
pub mod model;
pub mod postgres;
mod private;
pub mod redis;
pub mod retention;
pub mod serve;
pub mod service;
pub mod sheet;
pub mod store;
pub mod telemetry;

// Shared with the protocol's own tests.
#[cfg(test)]
#[path = "../../proto/convert/any_message.rs"]
mod any_message;
