//! Reads a typed value: a number, true or false, a time, or text.
//!
//! It knows no locale: numbers have a decimal point. Invariant: every text is a value, never an error.

use gridloom::v1;
use gridloom::v1::value::Kind;

/// The value that holds this text.
pub(crate) fn text(text: String) -> v1::Value {
    v1::Value { kind: Some(Kind::Text(text)) }
}

/// The value that a typed text looks like.
pub(crate) fn guess(typed: String) -> v1::Value {
    let kind = match typed.trim() {
        "" => None,
        "true" | "TRUE" | "True" => Some(Kind::Bool(true)),
        "false" | "FALSE" | "False" => Some(Kind::Bool(false)),
        trimmed => number(trimmed)
            .map(Kind::Number)
            .or_else(|| datetime(trimmed).map(Kind::DatetimeMicros))
            .or(Some(Kind::Text(typed))),
    };
    v1::Value { kind }
}

/// A number. `007` is text, since it is a code; `inf` and `nan` are words.
fn number(text: &str) -> Option<f64> {
    let digits = text.trim_start_matches(['-', '+']);
    let code = digits.len() > 1
        && digits.starts_with('0')
        && digits.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    let begins = digits.starts_with(|char: char| char.is_ascii_digit() || char == '.');
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
    number.filter(|_| begins && !code)
}

fn datetime(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_microsecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_the_kind_that_it_looks_like() {
        let kind = |typed: &str| guess(typed.to_owned()).kind;
        assert_eq!(kind(""), None);
        assert_eq!(kind("-1.5e3"), Some(Kind::Number(-1500.0)));
        assert_eq!(kind("0.5"), Some(Kind::Number(0.5)));
        assert_eq!(kind("true"), Some(Kind::Bool(true)));
        assert_eq!(kind("1970-01-01T00:00:01Z"), Some(Kind::DatetimeMicros(1_000_000)));
        for word in ["007", "inf", "NaN", "1,5", " hi "] {
            assert_eq!(kind(word), Some(Kind::Text(word.to_owned())));
        }
    }
}
