//! Converts cell values.
//!
//! The engine checks the length of texts and the years of times. Invariant: a number from the wire is finite, and no
//! negative zero.

use ot_engine::Value;

use super::ConvertError;
use crate::v1;
use crate::v1::value::Kind;

/// A value from the wire. The error's path is relative to the value.
///
/// # Errors
/// A number that is not finite.
pub fn value_from_wire(value: v1::Value) -> Result<Value, ConvertError> {
    Ok(match value.kind {
        None => Value::Empty,
        Some(Kind::Bool(truth)) => Value::Bool(truth),
        Some(Kind::Number(number)) if !number.is_finite() => {
            return Err(ConvertError::new("number", "must be finite"));
        }
        Some(Kind::Number(number)) => number.into(),
        Some(Kind::Text(text)) => Value::Text(text.into()),
        Some(Kind::DatetimeMicros(micros)) => Value::Instant(micros),
        Some(Kind::DateDays(days)) => Value::Date(days),
        Some(Kind::LocalDatetimeMicros(micros)) => Value::LocalDateTime(micros),
    })
}

/// A value for the wire.
#[must_use]
pub fn value_to_wire(value: &Value) -> v1::Value {
    let kind = match value {
        Value::Empty => None,
        Value::Bool(truth) => Some(Kind::Bool(*truth)),
        Value::Number(number) => Some(Kind::Number(*number)),
        Value::Text(text) => Some(Kind::Text(text.as_ref().to_owned())),
        Value::Instant(micros) => Some(Kind::DatetimeMicros(*micros)),
        Value::Date(days) => Some(Kind::DateDays(*days)),
        Value::LocalDateTime(micros) => Some(Kind::LocalDatetimeMicros(*micros)),
    };
    v1::Value { kind }
}

impl TryFrom<v1::Value> for Value {
    type Error = ConvertError;

    fn try_from(value: v1::Value) -> Result<Self, ConvertError> {
        value_from_wire(value)
    }
}

impl From<&Value> for v1::Value {
    fn from(value: &Value) -> Self {
        value_to_wire(value)
    }
}
