//! An answer, read within its bounds of bytes and time.
//!
//! Not the connection. An answer that is packed is refused: its unpacked size would not be known. Invariants: no more than
//! `OUTBOUND_ANSWER_BYTES` are kept; an answer that ends before its stated length is an error.

use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderName, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use model::limits::outbound::{OUTBOUND_ANSWER_BYTES, OUTBOUND_IDLE};
use tokio::time::timeout;

use crate::OutboundError;

/// Characters of a content type.
const TYPE_CHARACTERS: usize = 100;

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status, which is no redirect.
    pub status: StatusCode,
    /// The type that it states, cut; empty without one.
    pub content_type: String,
    /// How long the server asks its caller to wait.
    pub retry_after: Option<Duration>,
    /// Its content.
    pub body: Bytes,
}

/// A text of a header, if it is one.
pub(crate) fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
}

/// Where an answer redirects to.
pub(crate) fn location(status: StatusCode, headers: &HeaderMap) -> Option<String> {
    let is_redirect = matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308);
    text(headers, &LOCATION).filter(|_| is_redirect)
}

/// Reads an answer of a host to its end.
pub(crate) async fn read(host: &str, answer: Response<Incoming>) -> Result<Answer, OutboundError> {
    let (head, mut body) = answer.into_parts();
    let headers = &head.headers;
    let packing = text(headers, &CONTENT_ENCODING).unwrap_or_default();
    if !packing.is_empty() && !packing.eq_ignore_ascii_case("identity") {
        let rule = format!("{host} answers in a packed form, though it was asked for a plain one");
        return Err(OutboundError::Answer(rule));
    }
    let stated = text(headers, &CONTENT_LENGTH).and_then(|text| text.parse::<u64>().ok());
    if stated.is_some_and(|bytes| bytes > OUTBOUND_ANSWER_BYTES as u64) {
        return Err(too_large(host));
    }
    let mut bytes = BytesMut::new();
    loop {
        let frame = timeout(OUTBOUND_IDLE, body.frame()).await;
        let paused = |_| {
            OutboundError::Unreached(format!(
                "the answer of {host} has paused for {OUTBOUND_IDLE:?}"
            ))
        };
        let Some(frame) = frame.map_err(paused)? else { break };
        let broken = |error: hyper::Error| {
            OutboundError::Unreached(format!("the answer of {host} broke off: {error}"))
        };
        // A frame that is no data is one of trailers.
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
        if bytes.len() + data.len() > OUTBOUND_ANSWER_BYTES {
            return Err(too_large(host));
        }
        bytes.extend_from_slice(&data);
    }
    let content_type = text(headers, &CONTENT_TYPE).unwrap_or_default();
    let plain = content_type.chars().filter(|it| !it.is_control());
    Ok(Answer {
        status: head.status,
        content_type: plain.take(TYPE_CHARACTERS).collect(),
        retry_after: text(headers, &RETRY_AFTER).and_then(|it| wait(&it, SystemTime::now())),
        body: bytes.freeze(),
    })
}

fn too_large(host: &str) -> OutboundError {
    OutboundError::Answer(format!(
        "{host} answers with more than {OUTBOUND_ANSWER_BYTES} bytes, the most of one answer"
    ))
}

/// The wait of a `Retry-After`: seconds, or a date.
fn wait(text: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    // A date that has passed: at once.
    Some(at.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_seconds_or_a_date() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").expect("is a date");
        for (text, seconds) in [
            ("0", Some(0)),
            ("120", Some(120)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
            ("99999999999999999999999", None),
        ] {
            assert_eq!(wait(text, now), seconds.map(Duration::from_secs), "{text}");
        }
    }
}
