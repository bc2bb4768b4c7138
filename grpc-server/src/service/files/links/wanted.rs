//! Which bytes of a file a request wants, by its method, its conditions and its range (RFC 9110, 13 and 14).
//!
//! A file has a strong `ETag` and no date. Not the answer. Invariants: a range is within the file and has a byte; a header
//! that breaks its form is as none, and so is a request for several ranges.

use std::ops::Range;

use http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH, IF_RANGE, RANGE};
use http::{HeaderMap, Method};

/// What a request wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All bytes.
    Whole,
    /// Some of them.
    Part(Range<u64>),
    /// No byte: it has the content.
    Nothing,
    /// Bytes of another content alone.
    Another,
    /// No byte that the file has.
    BehindEnd,
}

/// What a request wants of a file with so many bytes.
pub(super) fn wanted(method: &Method, headers: &HeaderMap, etag: &str, bytes: u64) -> Wanted {
    let same = |tag: &str| tag == "*" || tag == etag;
    if headers.contains_key(IF_MATCH) && !tags(headers, IF_MATCH).any(same) {
        return Wanted::Another;
    }
    let like = |tag: &str| same(tag.strip_prefix("W/").unwrap_or(tag));
    if tags(headers, IF_NONE_MATCH).any(like) {
        return Wanted::Nothing;
    }
    let is_other = match single(headers, IF_RANGE) {
        Some(condition) => condition != etag,
        None => headers.contains_key(IF_RANGE),
    };
    match single(headers, RANGE) {
        Some(range) if method == Method::GET && !is_other => part(range, bytes),
        _ => Wanted::Whole,
    }
}

/// The tags of all lines of a header.
fn tags(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim).filter(|tag| !tag.is_empty())
}

/// The text of a header with one line.
fn single(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut lines = headers.get_all(name).into_iter();
    let line = lines.next().filter(|_| lines.next().is_none())?;
    line.to_str().ok().map(str::trim)
}

/// The part that a header with one range means.
fn part(header: &str, bytes: u64) -> Wanted {
    let Some((unit, ranges)) = header.split_once('=') else { return Wanted::Whole };
    let mut ranges = ranges.split(',').map(str::trim).filter(|range| !range.is_empty());
    let (Some(range), None, true) =
        (ranges.next(), ranges.next(), unit.trim().eq_ignore_ascii_case("bytes"))
    else {
        return Wanted::Whole;
    };
    match range.split_once('-') {
        Some(("", suffix)) => last_bytes(suffix, bytes),
        Some((first, "")) => match number(first) {
            Some(first) => from_to(first, u64::MAX, bytes),
            None => Wanted::Whole,
        },
        Some((first, last)) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => from_to(first, last, bytes),
            _ => Wanted::Whole,
        },
        None => Wanted::Whole,
    }
}

fn from_to(first: u64, last: u64, bytes: u64) -> Wanted {
    match first < bytes {
        true => Wanted::Part(first..last.saturating_add(1).min(bytes)),
        false => Wanted::BehindEnd,
    }
}

fn last_bytes(count: &str, bytes: u64) -> Wanted {
    match number(count) {
        None => Wanted::Whole,
        Some(0) => Wanted::BehindEnd,
        // An empty content has no byte that a part could name.
        Some(_) if bytes == 0 => Wanted::Whole,
        Some(count) => Wanted::Part(bytes.saturating_sub(count)..bytes),
    }
}

/// A number of any length; one that is too large is larger than each file.
fn number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const ETAG: &str = "\"7f\"";

    fn of(method: &Method, headers: &[(HeaderName, &'static str)], bytes: u64) -> Wanted {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, HeaderValue::from_static(value));
        }
        wanted(method, &map, ETAG, bytes)
    }

    fn range(value: &'static str, bytes: u64) -> Wanted {
        of(&Method::GET, &[(RANGE, value)], bytes)
    }

    #[test]
    fn one_range_is_a_part() {
        for (value, part) in [
            ("bytes=0-0", 0..1),
            ("bytes=3-", 3..10),
            ("bytes=3-99", 3..10),
            ("bytes=9-18446744073709551615", 9..10),
            ("bytes=0-99999999999999999999999", 0..10),
            ("bytes=-4", 6..10),
            ("bytes=-40", 0..10),
            ("Bytes= 2-3 ", 2..4),
            ("bytes=,2-3,", 2..4),
        ] {
            assert_eq!(range(value, 10), Wanted::Part(part), "{value}");
        }
    }

    #[test]
    fn a_range_behind_the_end_is_refused_and_one_without_form_is_none() {
        for value in ["bytes=10-", "bytes=10-10", "bytes=99999999999999999999999-", "bytes=-0"] {
            assert_eq!(range(value, 10), Wanted::BehindEnd, "{value}");
        }
        for value in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=5",
            "bytes=5-4",
            "bytes=a-b",
            "bytes=+1-2",
            "bytes=1-2-3",
            "bytes=--1",
            "lines=0-1",
            "bytes=0-1,3-4",
        ] {
            assert_eq!(range(value, 10), Wanted::Whole, "{value}");
        }
        assert_eq!(
            of(&Method::GET, &[(RANGE, "bytes=0-0"), (RANGE, "bytes=1-1")], 10),
            Wanted::Whole
        );
        assert_eq!(of(&Method::HEAD, &[(RANGE, "bytes=0-0")], 10), Wanted::Whole);
        assert_eq!(
            (range("bytes=0-", 0), range("bytes=-1", 0)),
            (Wanted::BehindEnd, Wanted::Whole)
        );
    }

    #[test]
    fn conditions_hold_for_the_content() {
        let get = |headers: &[(HeaderName, &'static str)]| of(&Method::GET, headers, 10);
        let (part, first) = (Wanted::Part(0..1), (RANGE, "bytes=0-0"));
        assert_eq!(get(&[first.clone(), (IF_RANGE, "\"7f\"")]), part);
        for other in ["\"70\"", "W/\"7f\"", "Wed, 21 Oct 2026 07:28:00 GMT", ""] {
            assert_eq!(get(&[first.clone(), (IF_RANGE, other)]), Wanted::Whole, "{other}");
        }
        for same in ["\"7f\"", "*", "\"0\", \"7f\""] {
            assert_eq!(get(&[first.clone(), (IF_MATCH, same)]), part, "{same}");
            assert_eq!(get(&[(IF_NONE_MATCH, same)]), Wanted::Nothing, "{same}");
        }
        for other in ["\"70\"", ""] {
            assert_eq!(get(&[first.clone(), (IF_MATCH, other)]), Wanted::Another, "{other}");
            assert_eq!(get(&[first.clone(), (IF_NONE_MATCH, other)]), part, "{other}");
        }
        assert_eq!(get(&[(IF_MATCH, "W/\"7f\"")]), Wanted::Another, "a weak one");
        assert_eq!(get(&[(IF_NONE_MATCH, "W/\"7f\"")]), Wanted::Nothing);
    }
}
