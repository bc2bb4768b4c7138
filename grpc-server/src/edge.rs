//! The parts that all services share: the caller's identity, its rights, the limits on wrong passwords, the statuses
//! of refusals, and the calls to other servers.
//!
//! Not the calls of a client: see `service`. Limits on connections and messages are enforced in `serve`.
//!
//! Invariant: nothing here names a service, so each service may use all of it.

pub mod access;
pub mod auth;
pub(crate) mod call_turns;
mod calls;
pub(crate) mod ending;
pub mod errors;
pub(crate) mod invalidation;
pub(crate) mod links;
pub(crate) mod login_throttle;
mod lookup_cache;
pub(crate) mod networks;
pub(crate) mod passwords;
pub(crate) mod quotas;
pub(crate) mod refusals;
pub(crate) mod relay;
pub(crate) mod reset_links;
pub(crate) mod role_check;
pub(crate) mod server_key;
pub(crate) mod session_index;
pub(crate) mod tokens;
