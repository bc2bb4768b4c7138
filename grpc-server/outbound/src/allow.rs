//! The addresses of the own network that an operator allows.
//!
//! Not the addresses that are refused without it (`inward`). Invariants: a network address counts as it is connected to; a name
//! allows what it is resolved to, for its ports alone.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use model::Network;

const RULE: &str = "give an address, a network such as 10.0.0.0/8, or a host such as api.example.org, and perhaps :PORT \
                    after an address or a host";

/// One exception: an address or a network, or a host, of one port or of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowing {
    what: What,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Network(Network),
    Host(String),
}

impl FromStr for Allowing {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rule = |_| RULE.to_owned();
        if let Ok(address) = text.parse::<SocketAddr>() {
            let network = address.ip().to_string().parse().map_err(rule)?;
            return Ok(Self { what: What::Network(network), port: Some(address.port()) });
        }
        if let Ok(network) = text.parse() {
            return Ok(Self { what: What::Network(network), port: None });
        }
        let (host, port) = match text.split_once(':') {
            Some((host, port)) => (host, Some(port.parse().map_err(|_| RULE.to_owned())?)),
            None => (text, None),
        };
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let is_part = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '.' | '_');
        // The last part of a name is no number: that would be an address.
        let last = host.rsplit('.').next().unwrap_or_default();
        if host.is_empty() || !host.chars().all(is_part) || !last.starts_with(char::is_alphabetic) {
            return Err(RULE.to_owned());
        }
        Ok(Self { what: What::Host(host), port })
    }
}

/// All exceptions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed(Vec<Allowing>);

impl Allowed {
    /// These exceptions.
    #[must_use]
    pub fn new(allowing: Vec<Allowing>) -> Self {
        Self(allowing)
    }

    /// Whether a host may be resolved to any address.
    pub(crate) fn has_host(&self, host: &str, port: u16) -> bool {
        let host = host.trim_end_matches('.');
        let is_it = |what: &What| matches!(what, What::Host(allowed) if allowed == host);
        self.has(port, is_it)
    }

    /// Whether an address may be connected to, whatever it is.
    pub(crate) fn has_address(&self, address: IpAddr, port: u16) -> bool {
        let is_it = |what: &What| matches!(what, What::Network(network) if network.has(address));
        self.has(port, is_it)
    }

    fn has(&self, port: u16, is_it: impl Fn(&What) -> bool) -> bool {
        let is_allowed = |it: &Allowing| it.port.is_none_or(|it| it == port) && is_it(&it.what);
        self.0.iter().any(is_allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(texts: &[&str]) -> Allowed {
        Allowed::new(texts.iter().map(|text| text.parse().expect(text)).collect())
    }

    #[test]
    fn an_exception_is_for_its_address_or_host_and_for_its_port() {
        let allowed = allowed(&["127.0.0.1:8080", "10.0.0.0/8", "[::1]:81", "Api.Example.Org:443"]);
        for (address, port, is_allowed) in [
            ("127.0.0.1", 8080, true),
            ("127.0.0.1", 8081, false),
            ("127.0.0.2", 8080, false),
            ("::ffff:127.0.0.1", 8080, true),
            ("10.1.2.3", 1, true),
            ("11.1.2.3", 1, false),
            ("::1", 81, true),
            ("::1", 80, false),
        ] {
            let given = address.parse().expect(address);
            assert_eq!(allowed.has_address(given, port), is_allowed, "{address} {port}");
        }
        assert!(
            allowed.has_host("api.example.org", 443) && allowed.has_host("api.example.org.", 443)
        );
        assert!(!allowed.has_host("api.example.org", 80) && !allowed.has_host("example.org", 443));
    }

    #[test]
    fn what_is_neither_an_address_nor_a_host_is_refused() {
        for bad in
            ["", "10.0.0.0/33", "a b", "a:b", "http://a", "a/b", "1.2.3", "0x7f.1", ":80", "*"]
        {
            assert!(bad.parse::<Allowing>().is_err(), "{bad}");
        }
    }
}
