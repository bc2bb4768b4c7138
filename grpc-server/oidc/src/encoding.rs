//! The forms of texts in addresses and headers: query parameters, forms, base64.
//!
//! Not JSON. Invariant: a value can't end its parameter.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but the characters that RFC 3986 leaves unreserved.
const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Parameters of a query or a form.
pub(crate) fn form(parameters: &[(&str, &str)]) -> String {
    let pairs =
        parameters.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// The header of a client that has a secret (RFC 6749, section 2.3.1).
pub(crate) fn basic(client: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{}:{}", escaped(client), escaped(secret))))
}

/// The bytes of a text in the alphabet of addresses, without padding.
pub(crate) fn bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// The text of some bytes.
pub(crate) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, &RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stays_in_its_parameter() {
        assert_eq!(form(&[("a", "b c"), ("d&", "e=f+g~é")]), "a=b%20c&d%26=e%3Df%2Bg~%C3%A9");
        assert_eq!(basic("a:b", "c%"), format!("Basic {}", STANDARD.encode("a%3Ab:c%25")));
        assert_eq!(bytes(&text(&[251, 255])).as_deref(), Some(&[251, 255][..]));
        assert_eq!(bytes("=="), None);
    }
}
