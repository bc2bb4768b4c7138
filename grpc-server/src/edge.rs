//! The parts that all services share: the caller's identity, its rights, the limits on wrong passwords, the statuses
//! of refusals, and the calls to other servers.
//!
//! Not the calls of a client: see `service`. Limits on connections and messages are enforced in `serve`.
//!
//! Invariant: nothing here names a service, so each service may use all of it.

pub mod auth;
pub(crate) mod call_items;
pub(crate) mod call_turns;
pub(crate) mod connection_end;
pub mod errors;
pub(crate) mod keys;
pub(crate) mod large;
mod lookup_cache;
pub(crate) mod pages;
pub(crate) mod quotas;
pub(crate) mod refusals;
pub(crate) mod relay;
pub mod rights;
pub(crate) mod row_places;
pub(crate) mod sign_in;
