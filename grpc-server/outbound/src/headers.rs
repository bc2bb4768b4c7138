//! The headers of a request that its caller chooses.
//!
//! Not those that each request has (`connect`). Invariant: no chosen header decides where a request ends or how an answer is sent.

use http::header::{HeaderName, HeaderValue};

/// Headers that decide where a request ends, or how an answer is sent.
const REFUSED: [&str; 13] = [
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "if-range",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Beginnings of further ones.
const REFUSED_BEGINNINGS: [&str; 2] = ["proxy-", "keep-alive"];

/// A header that a caller has chosen. Its value is never printed.
///
/// # Errors
/// The rule, as the rest of a sentence that begins with the field; it repeats no value.
pub fn chosen(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), &'static str> {
    let name = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| "has a name that is none, such as `authorization`")?;
    let is_refused = REFUSED.contains(&name.as_str())
        || REFUSED_BEGINNINGS.iter().any(|beginning| name.as_str().starts_with(beginning));
    if is_refused {
        return Err("has a name that the server uses itself");
    }
    // Also texts beyond ASCII, as their bytes.
    let value = HeaderValue::from_bytes(value.as_bytes());
    let mut value = value.map_err(|_| "has a value with a line break or a control character")?;
    value.set_sensitive(true);
    Ok((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chosen_header_is_a_secret_and_decides_nothing_about_the_connection() {
        let (name, value) = chosen("X-Api-Key", "hunter2").expect("is one");
        assert_eq!((name.as_str(), value.as_bytes()), ("x-api-key", &b"hunter2"[..]));
        assert!(!format!("{value:?}").contains("hunter2"));
        for name in
            ["Host", "content-length", "CONNECTION", "Proxy-Authorization", "", "a b", "a:b"]
        {
            assert!(chosen(name, "x").is_err(), "{name}");
        }
        for value in ["a\r\nb: c", "a\nb", "a\0"] {
            assert!(chosen("a", value).is_err(), "{value:?}");
        }
    }
}
