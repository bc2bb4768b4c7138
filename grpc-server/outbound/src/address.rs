//! An address of HTTP: one that a caller has given, or that a redirect leads to.
//!
//! Not the network address of its host (`connect`). The parser is that of browsers: it reads an IPv4 address in each of its
//! spellings, decimal, octal, hexadecimal and short, as that address. Invariants: the scheme is `http` or `https`, and there is no
//! login; what is printed has no query and no path, since both may hold what is secret, and no host that an answer to a secret
//! has chosen.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use model::limits::outbound::OUTBOUND_URL_BYTES;
use url::{Host, Url};

use crate::OutboundError;

/// An address of HTTP.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    url: Url,
    /// How a person reads the host, where that may repeat a secret.
    instead: Option<Arc<str>>,
}

/// The host of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HostName {
    Name(String),
    Ip(IpAddr),
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// [`OutboundError::Malformed`]
    pub fn parse(text: &str) -> Result<Self, OutboundError> {
        if text.len() > OUTBOUND_URL_BYTES {
            return Err(OutboundError::Malformed("is longer than 8,192 bytes"));
        }
        if text.chars().any(|it| it.is_control() || it == ' ') {
            return Err(OutboundError::Malformed("has a space or a control character"));
        }
        let rule = "is no address such as https://api.example.org/items";
        Self::checked(Url::parse(text).map_err(|_| OutboundError::Malformed(rule))?)
    }

    /// The address that a redirect of this one leads to.
    pub(crate) fn redirected(&self, location: &str) -> Result<Self, OutboundError> {
        let host = self.host_text();
        let refused = |what: &str| OutboundError::Answer(format!("{host} redirects to {what}"));
        if location.len() > OUTBOUND_URL_BYTES {
            return Err(refused("an address of more than 8,192 bytes"));
        }
        let url = self.url.join(location).map_err(|_| refused("what is no address"))?;
        let next = Self::checked(url).map_err(|_| {
            refused("an address that is not followed: only http and https without a login are")
        })?;
        if self.is_encrypted() && !next.is_encrypted() {
            return Err(refused("http://, which would end the encryption"));
        }
        Ok(next)
    }

    fn checked(mut url: Url) -> Result<Self, OutboundError> {
        let malformed = |rule| Err(OutboundError::Malformed(rule));
        if !matches!(url.scheme(), "http" | "https") {
            return malformed("must begin with http:// or https://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return malformed("must have no login; give it as a header");
        }
        if url.host().is_none() || url.port() == Some(0) {
            return malformed("must have a host, and a port that is not 0 if it has one");
        }
        url.set_fragment(None);
        Ok(Self { url, instead: None })
    }

    /// The same, which a person reads as a place behind the first address of a request: its host may repeat what that has sent.
    pub(crate) fn hidden_behind(self, first: &Self) -> Self {
        let instead = format!("the place to which {} redirects", first.host_text());
        Self { instead: Some(instead.into()), ..self }
    }

    /// Whether no text may have its host.
    pub(crate) fn is_hidden(&self) -> bool {
        self.instead.is_some()
    }

    pub(crate) fn has_query(&self) -> bool {
        self.url.query().is_some()
    }

    /// The number of parts of the path, as it is sent, and how many of them are empty.
    #[must_use]
    pub fn path_parts(&self) -> (usize, usize) {
        let parts = self.url.path().split('/');
        (parts.clone().count(), parts.filter(|part| part.is_empty()).count())
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether both have the same scheme, host and port.
    pub(crate) fn has_origin_of(&self, other: &Self) -> bool {
        self.url.origin() == other.url.origin()
    }

    pub(crate) fn host(&self) -> HostName {
        match self.url.host() {
            Some(Host::Ipv4(address)) => HostName::Ip(address.into()),
            Some(Host::Ipv6(address)) => HostName::Ip(address.into()),
            Some(Host::Domain(name)) => HostName::Name(name.to_owned()),
            None => HostName::Name(String::new()),
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or(443)
    }

    /// The host as a person reads it.
    #[must_use]
    pub fn host_text(&self) -> &str {
        self.instead.as_deref().unwrap_or_else(|| self.sent_host())
    }

    fn sent_host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The host and the port, as the header has them.
    pub(crate) fn authority(&self) -> String {
        let host = self.sent_host();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The path and the query, as they are sent.
    pub(crate) fn target(&self) -> String {
        let path = self.url.path();
        self.url.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Address").field(&self.host_text()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> HostName {
        Address::parse(text).expect(text).host()
    }

    #[test]
    fn an_ipv4_address_is_read_in_each_spelling() {
        let own = HostName::Ip(IpAddr::from([127, 0, 0, 1]));
        for text in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0x7f.0.0.1/",
            "http://0177.0.0.1/",
            "http://017700000001/",
            "http://127.0.0.1./",
            "http://%31%32%37.0.0.1/",
            "http://１２７.0.0.1/",
            "http:127.0.0.1/",
        ] {
            assert_eq!(host(text), own, "{text}");
        }
        assert_eq!(host("http://[::1]:80/"), HostName::Ip("::1".parse().expect("is one")));
        assert_eq!(host("HTTP://LocalHost/"), HostName::Name("localhost".to_owned()));
    }

    #[test]
    fn what_is_no_address_of_http_is_refused_by_its_rule() {
        for (text, words) in [
            ("", "is no address"),
            ("/items", "is no address"),
            ("http://", "is no address"),
            ("http://1.2.3.4.5/", "is no address"),
            ("http://[::1/", "is no address"),
            ("ftp://example.org/", "must begin with http"),
            ("file:///etc/passwd", "must begin with http"),
            ("gopher://example.org/", "must begin with http"),
            ("http://me@example.org/", "no login"),
            ("http://me:secret@example.org/", "no login"),
            ("http://example.org@127.0.0.1/", "no login"),
            ("http://example.org:0/", "a port that is not 0"),
            ("http://example.org/a b", "a space"),
            ("http://example.org/\r\nx", "a control character"),
        ] {
            let error = Address::parse(text).expect_err(text).to_string();
            assert!(error.contains(words), "{text}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
        let long = format!("http://example.org/{}", "x".repeat(OUTBOUND_URL_BYTES));
        assert!(Address::parse(&long).is_err());
    }

    #[test]
    fn a_redirect_leaves_neither_http_nor_encryption() {
        let [plain, encrypted] =
            ["http://a.org/b/c?d", "https://a.org/b/c"].map(|it| Address::parse(it).expect(it));
        let next = plain.redirected("../x?y#z").expect("is followed");
        assert_eq!((next.authority().as_str(), next.target().as_str()), ("a.org", "/x?y"));
        assert!(plain.has_origin_of(&next));
        for other in ["//b.org/", "https://a.org/", "http://a.org:81/"] {
            let next = plain.redirected(other).expect(other);
            assert!(!plain.has_origin_of(&next), "{other}");
        }
        for refused in ["file:///x", "javascript:x", "http://me@b.org/", "http://[/"] {
            assert!(plain.redirected(refused).is_err(), "{refused}");
        }
        assert!(encrypted.redirected("http://a.org/").is_err());
        assert!(encrypted.redirected("//b.org/").is_ok());
    }

    #[test]
    fn nothing_that_is_printed_has_the_query() {
        let address = Address::parse("https://a.org/p?key=hunter2").expect("is one");
        assert_eq!(format!("{address:?} {}", address.host_text()), "Address(\"a.org\") a.org");
        assert_eq!(address.target(), "/p?key=hunter2");
        assert_eq!(address.path_parts(), (2, 1));
        assert!(address.has_query());
        let next = address.redirected("https://hunter2.b.org:81/x").expect("is followed");
        let hidden = next.hidden_behind(&address);
        assert_eq!(hidden.authority(), "hunter2.b.org:81");
        let shown = format!("{hidden:?} {}", hidden.host_text());
        assert!(hidden.is_hidden() && !shown.contains("hunter2") && shown.contains("a.org"));
        let error = hidden.redirected("http://[/").expect_err("is no address").to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
}
