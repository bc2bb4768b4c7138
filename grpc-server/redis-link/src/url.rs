//! The URL of Redis.
//!
//! Not a connection: see `link`. Invariant: it may hold a password, so no message and no debug output shows it.

use std::fmt;
use std::str::FromStr;

use ::redis::{Client, IntoConnectionInfo};

use super::RedisError;

/// The address of a Redis.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisUrl(String);

impl RedisUrl {
    pub(super) fn client(&self) -> Result<Client, RedisError> {
        Client::open(self.0.as_str()).map_err(RedisError::from)
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisUrl(..)")
    }
}

impl FromStr for RedisUrl {
    type Err = String;

    /// Refuses what can't be used, without repeating it: it may be a secret.
    fn from_str(url: &str) -> Result<Self, String> {
        if url.starts_with("rediss:") || url.starts_with("valkeys:") {
            return Err("for TLS, which this program leaves to a proxy; use redis:// to one".into());
        }
        match url.into_connection_info() {
            Ok(_) => Ok(Self(url.to_owned())),
            Err(_) => Err("not of the form redis://user:password@host:port/database".into()),
        }
    }
}
