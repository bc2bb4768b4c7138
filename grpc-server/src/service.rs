//! The services: thin adapters between gRPC and the rooms behind it.
//!
//! Nothing here speaks SQL or owns the state of a sheet. What comes in is checked and turned into
//! domain types, what goes out is turned into messages, and `errors` words every refusal.

pub mod access;
pub(crate) mod accounts;
pub mod auth;
mod cells;
mod columns;
pub mod errors;
mod exports;
mod history;
mod imports;
pub(crate) mod invalidation;
pub mod live;
pub(crate) mod login_throttle;
mod lookup_cache;
mod passwords;
mod queries;
pub(crate) mod relay;
pub(crate) mod sheets;
mod tokens;
pub(crate) mod web;
mod wire;
