//! What stands between the wire and the services: the caller's identity, its rights, the limits on wrong
//! passwords, the statuses of refusals, and the way to the other servers.
//!
//! Not the calls themselves: see `service`. Limits on connections and messages are enforced in `serve`.
//!
//! Invariant: nothing here names a service, so each service may use all of it.

pub mod access;
pub mod auth;
pub mod errors;
pub(crate) mod invalidation;
pub(crate) mod login_throttle;
mod lookup_cache;
pub(crate) mod passwords;
pub(crate) mod relay;
pub(crate) mod tokens;
