//! Redis, which the nodes of a cluster share: a connection for commands and a bus for events.
//!
//! Not here: what is kept there and why (`journal::streams`), and the topics. TLS is left to
//! a proxy beside the server, as it is with Postgres.
//!
//! Invariant: no call waits for longer than [`COMMAND_TIMEOUT`], and one that ends with
//! [`RedisError::Unavailable`] may have been carried out or not, or may yet be.

mod bus;
mod error;
mod link;
mod url;

// `own_redis` is shared with the journal's tests, and names this crate as they do.
#[cfg(test)]
extern crate self as redis_link;
#[cfg(test)]
mod own_redis;
#[cfg(test)]
mod tests;

pub use bus::{Bus, BusEvent, Subscription};
pub use error::RedisError;
pub use link::{COMMAND_TIMEOUT, Redis};
pub use url::RedisUrl;
