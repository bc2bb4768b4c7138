//! Reads a column that is taken of an answer, `price.amount=price`, and a header, `Authorization: Bearer …`.
//!
//! It checks no path and no name of a header: the server does. Invariant: no value of a header is printed.

use std::convert::Infallible;
use std::fmt;

use gridloom::v1;

/// A column that is taken, as it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TakenColumn {
    pub(crate) path: String,
    /// Empty: the path.
    pub(crate) name: String,
}

/// A header, as it is typed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Header {
    name: String,
    value: String,
}

/// Headers of an argument, as they are typed. They are read later: a parser of arguments prints what it refuses.
#[derive(Clone)]
pub(crate) struct TypedHeader(String);

impl TypedHeader {
    /// One header in each line.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TypedHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypedHeader").finish_non_exhaustive()
    }
}

/// Keeps an argument as it is.
pub(crate) fn typed_header(text: &str) -> Result<TypedHeader, Infallible> {
    Ok(TypedHeader(text.to_owned()))
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Header").field("name", &self.name).finish_non_exhaustive()
    }
}

impl From<Header> for v1::RequestHeader {
    fn from(Header { name, value }: Header) -> Self {
        Self { name, value }
    }
}

/// Reads a path, and perhaps an equals sign and a name behind it.
pub(crate) fn taken_column(text: &str) -> Result<TakenColumn, String> {
    let (path, name) = match text.split_once('=') {
        Some((path, name)) => (path.trim(), Some(name.trim())),
        None => (text.trim(), None),
    };
    if path.is_empty() || name == Some("") {
        return Err("write a path, or a path and a name as price.amount=price".to_owned());
    }
    Ok(TakenColumn { path: path.to_owned(), name: name.unwrap_or_default().to_owned() })
}

/// Reads a name, a colon and a value.
fn header(text: &str) -> Result<Header, String> {
    let halves = text.split_once(':').map(|(name, value)| (name.trim(), value.trim()));
    match halves.filter(|(name, _)| !name.is_empty()) {
        Some((name, value)) => Ok(Header { name: name.to_owned(), value: value.to_owned() }),
        // The text may be the secret alone.
        None => {
            Err("write a name, a colon and a value, such as 'Authorization: Bearer …'".to_owned())
        }
    }
}

/// Reads headers, one in each line; empty lines are passed over. An error names the line.
pub(crate) fn header_lines(text: &str) -> Result<Vec<Header>, String> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let read = |(at, line): (usize, &str)| {
        header(line).map_err(|rule| format!("line {at} is no header: {rule}"))
    };
    lines.map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_column_is_a_path_and_perhaps_a_name() {
        let of = |path: &str, name: &str| {
            Ok(TakenColumn { path: path.to_owned(), name: name.to_owned() })
        };
        assert_eq!(taken_column("price.amount"), of("price.amount", ""));
        assert_eq!(taken_column(" price.amount = a=b "), of("price.amount", "a=b"));
        for bad in ["", "=", "a=", "=a"] {
            assert!(taken_column(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn headers_are_read_and_their_values_are_not_printed() {
        let headers =
            header_lines("Authorization: Bearer hunter2\n\nx-key:a:b\r\n").expect("are some");
        let wire: Vec<v1::RequestHeader> = headers.iter().cloned().map(Into::into).collect();
        let of = |name: &str, value: &str| v1::RequestHeader {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        assert_eq!(wire, [of("Authorization", "Bearer hunter2"), of("x-key", "a:b")]);
        assert!(!format!("{headers:?}").contains("hunter2"));
        let error = header_lines("a: b\nhunter2").expect_err("is none");
        assert!(error.starts_with("line 2") && !error.contains("hunter2"), "{error}");
    }
}
