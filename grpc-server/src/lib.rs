//! The server of Gridloom as a library: options in, a running server out.
//!
//! `service` adapts gRPC and holds no state of a sheet; `edge` decides who calls and how a refusal reads.
//! `serve` starts the parts and listens. The crates below are beside `src`: `sheet` owns open sheets, `journal`
//! and `store` keep them, `model` names their types. Nothing in `service` speaks SQL; `store` knows no wire
//! type.

pub mod admin;
pub mod cluster;
pub mod config;
pub mod edge;
pub mod import;
pub mod postgres;
pub mod retention;
pub mod serve;
pub mod service;
pub mod telemetry;

// Shared with the protocol's own tests.
#[cfg(test)]
#[path = "../../proto/convert/any_message.rs"]
mod any_message;
