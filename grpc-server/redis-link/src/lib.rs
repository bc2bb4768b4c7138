//! Redis, which the nodes of a cluster share: a connection for commands and a bus for events.
//!
//! **What it is not.** It does not know the keys and scripts of the journal (`journal::streams`), nor the topics
//! of the bus.
//!
//! **Where to start.** [`Redis`] sends commands, [`Bus`] publishes and subscribes, and a [`Publisher`] repeats what was not
//! published.
//!
//! Invariant: no call waits for longer than [`COMMAND_TIMEOUT`], and a command whose call ends with
//! [`RedisError::Unavailable`] may have run, may run later, or may never run.

mod bus;
mod error;
mod link;
mod publisher;
mod url;
mod waiting;

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
pub use publisher::{Message, Publisher};
pub use url::RedisUrl;
pub use waiting::{Signal, Waiting};
