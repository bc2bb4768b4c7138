//! The URL of Redis.
//!
//! Not a connection: see `link`. Invariant: it may hold a password, so no message and no debug output shows it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ::redis::{Client, IntoConnectionInfo, TlsCertificates};
use tls::Trust;

use super::RedisError;

/// The address of a Redis.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisUrl(String);

impl RedisUrl {
    pub(super) fn client(&self, trust: &Trust) -> Result<Client, RedisError> {
        if !self.is_encrypted() {
            return Client::open(self.0.as_str()).map_err(RedisError::from);
        }
        let root_cert = (!trust.is_empty()).then(|| trust.pem());
        let certificates = TlsCertificates { client_tls: None, root_cert };
        Client::build_with_tls(self.0.as_str(), certificates).map_err(RedisError::from)
    }

    /// Whether the connection is encrypted.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.0.starts_with("rediss:") || self.0.starts_with("valkeys:")
    }

    /// Whether Redis runs on this machine, as far as the URL shows.
    #[must_use]
    pub fn is_local(&self) -> bool {
        use ::redis::ConnectionAddr::{Tcp, TcpTls};
        let Ok(info) = self.0.as_str().into_connection_info() else { return false };
        match info.addr() {
            Tcp(host, _) | TcpTls { host, .. } => {
                let host = host.trim_matches(['[', ']']);
                host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
            }
            _ => true,
        }
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
        if url.ends_with("#insecure") {
            let rule = "without a check of the certificate; name its authority with --tls-ca";
            return Err(rule.into());
        }
        match url.into_connection_info() {
            Ok(_) => Ok(Self(url.to_owned())),
            Err(_) => Err(
                "not of the form redis://user:password@host:port/database, or rediss:// for TLS"
                    .into(),
            ),
        }
    }
}
