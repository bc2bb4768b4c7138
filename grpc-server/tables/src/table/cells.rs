//! A cell of an Arrow array as a value.
//!
//! Not the columns of texts beside it: see the parent. Invariant: a number is one only if its exact text has the digits of the cell;
//! else the cell is its text. A NUL character, which no value has, becomes U+FFFD.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrowPrimitiveType};
use arrow_schema::{DataType, TimeUnit};
use ot_engine::Value;

use super::times::{Seconds, date, time_of_day};

pub(super) use ::values::exactly;

/// Each whole number below it has at most 15 digits.
const EXACT_BELOW: u64 = 1_000_000_000_000_000;
/// The greatest power of ten that a double holds exactly.
const EXACT_POWER: i8 = 22;
/// Milliseconds of a day.
const DAY_MILLIS: i64 = 86_400_000;

/// The value of a cell. Types that no table has are empty: readers make texts of them.
pub(crate) fn value(array: &dyn Array, at: usize) -> Value {
    if array.is_null(at) {
        return Value::Empty;
    }
    match array.data_type() {
        DataType::Boolean => Value::Bool(array.as_boolean().value(at)),
        DataType::Utf8 => text(array.as_string::<i32>().value(at)),
        DataType::LargeUtf8 => text(array.as_string::<i64>().value(at)),
        DataType::Utf8View => text(array.as_string_view().value(at)),
        DataType::Date32 => date(cell::<Date32Type>(array, at).into()),
        DataType::Date64 => of_millis(cell::<Date64Type>(array, at)),
        DataType::Timestamp(unit, zone) => {
            let time = timestamp(array, *unit, at);
            if zone.is_some() { time.instant() } else { time.local() }
        }
        DataType::Time32(_) | DataType::Time64(_) => time(array, at),
        _ => number(array, at),
    }
}

/// A text; one without characters is no value.
pub(super) fn text(text: &str) -> Value {
    match text {
        "" => Value::Empty,
        text if text.contains('\0') => Value::from(&*text.replace('\0', "\u{fffd}")),
        text => Value::Text(Arc::from(text)),
    }
}

/// The exact decimal text of a number; `None` for an array of other values.
pub(crate) fn number_text(array: &dyn Array, at: usize) -> Option<String> {
    Some(match array.data_type() {
        DataType::Int8 => cell::<Int8Type>(array, at).to_string(),
        DataType::Int16 => cell::<Int16Type>(array, at).to_string(),
        DataType::Int32 => cell::<Int32Type>(array, at).to_string(),
        DataType::Int64 => cell::<Int64Type>(array, at).to_string(),
        DataType::UInt8 => cell::<UInt8Type>(array, at).to_string(),
        DataType::UInt16 => cell::<UInt16Type>(array, at).to_string(),
        DataType::UInt32 => cell::<UInt32Type>(array, at).to_string(),
        DataType::UInt64 => cell::<UInt64Type>(array, at).to_string(),
        // The fewest digits that are the same number in its own precision.
        DataType::Float16 => cell::<Float16Type>(array, at).to_f32().to_string(),
        DataType::Float32 => cell::<Float32Type>(array, at).to_string(),
        DataType::Float64 => match cell::<Float64Type>(array, at) {
            number if number.is_finite() => ::values::exact(&Value::Number(number)).into_owned(),
            number => number.to_string(),
        },
        DataType::Decimal32(_, scale) => {
            decimal(&cell::<Decimal32Type>(array, at).to_string(), *scale)
        }
        DataType::Decimal64(_, scale) => {
            decimal(&cell::<Decimal64Type>(array, at).to_string(), *scale)
        }
        DataType::Decimal128(_, scale) => {
            decimal(&cell::<Decimal128Type>(array, at).to_string(), *scale)
        }
        DataType::Decimal256(_, scale) => {
            decimal(&cell::<Decimal256Type>(array, at).to_string(), *scale)
        }
        _ => return None,
    })
}

fn number(array: &dyn Array, at: usize) -> Value {
    if let DataType::Float64 = array.data_type() {
        let number = cell::<Float64Type>(array, at);
        // Zero has no sign, as in every other value.
        return if number.is_finite() { Value::from(number) } else { text(&number.to_string()) };
    }
    if let Some(number) = short_number(array, at) {
        return Value::from(number);
    }
    let Some(written) = number_text(array, at) else { return Value::Empty };
    number_of(&written).map_or_else(|| text(&written), Value::Number)
}

/// A number of at most 15 digits, which a double holds exactly; `None` for others, whose text decides.
fn short_number(array: &dyn Array, at: usize) -> Option<f64> {
    let (unscaled, scale) = match array.data_type() {
        DataType::Int8 => (i64::from(cell::<Int8Type>(array, at)), 0),
        DataType::Int16 => (i64::from(cell::<Int16Type>(array, at)), 0),
        DataType::Int32 => (i64::from(cell::<Int32Type>(array, at)), 0),
        DataType::Int64 => (cell::<Int64Type>(array, at), 0),
        DataType::Decimal32(_, scale) => (i64::from(cell::<Decimal32Type>(array, at)), *scale),
        DataType::Decimal64(_, scale) => (cell::<Decimal64Type>(array, at), *scale),
        DataType::Decimal128(_, scale) => {
            (i64::try_from(cell::<Decimal128Type>(array, at)).ok()?, *scale)
        }
        _ => return None,
    };
    // A quotient of two doubles that are exact is the nearest one to the decimal number.
    let is_exact = unscaled.unsigned_abs() < EXACT_BELOW && (0..=EXACT_POWER).contains(&scale);
    #[expect(clippy::cast_precision_loss, reason = "it has 15 digits at most")]
    is_exact.then(|| unscaled as f64 / 10_f64.powi(i32::from(scale)))
}

/// The number of a decimal text; `None` where its exact text has other digits: then it would not be what was written.
pub(crate) fn number_of(text: &str) -> Option<f64> {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite())?;
    // Without a sign of zero.
    let value = Value::from(number);
    let is_same = digits(&::values::exact(&value)) == digits(text);
    if let Value::Number(number) = value { is_same.then_some(number) } else { None }
}

/// The digits of a number and the power of ten behind them, without zeros at both ends.
fn digits(text: &str) -> (bool, String, i64) {
    let (sign, text) = (text.starts_with('-'), text.trim_start_matches('-'));
    let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{decimals}");
    let bare = all.trim_end_matches('0');
    let zeros = i64::try_from(all.len() - bare.len()).unwrap_or(0);
    let decimals = i64::try_from(decimals.len()).unwrap_or(0);
    let bare = bare.trim_start_matches('0').to_owned();
    if bare.is_empty() {
        return (false, bare, 0);
    }
    // A power that no integer holds is that of a zero or of no number at all.
    let power: i64 = power.parse().unwrap_or(0);
    (sign, bare, power.saturating_add(zeros).saturating_sub(decimals))
}

/// A whole number with its decimal point moved.
fn decimal(unscaled: &str, scale: i8) -> String {
    let (sign, digits) = match unscaled.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", unscaled),
    };
    let Ok(scale) = usize::try_from(scale) else {
        return format!("{unscaled}{}", "0".repeat(usize::from(scale.unsigned_abs())));
    };
    if scale == 0 {
        return unscaled.to_owned();
    }
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, decimals) = padded.split_at(padded.len() - scale);
    format!("{sign}{whole}.{decimals}")
}

fn of_millis(millis: i64) -> Value {
    match millis.rem_euclid(DAY_MILLIS) {
        0 => date(millis.div_euclid(DAY_MILLIS)),
        _ => Seconds::of(millis, 1000).local(),
    }
}

fn timestamp(array: &dyn Array, unit: TimeUnit, at: usize) -> Seconds {
    match unit {
        TimeUnit::Second => Seconds::of(cell::<TimestampSecondType>(array, at), 1),
        TimeUnit::Millisecond => Seconds::of(cell::<TimestampMillisecondType>(array, at), 1000),
        TimeUnit::Microsecond => {
            Seconds::of(cell::<TimestampMicrosecondType>(array, at), 1_000_000)
        }
        TimeUnit::Nanosecond => {
            Seconds::of(cell::<TimestampNanosecondType>(array, at), 1_000_000_000)
        }
    }
}

fn time(array: &dyn Array, at: usize) -> Value {
    let time = match array.data_type() {
        DataType::Time32(TimeUnit::Second) => {
            Seconds::of(cell::<Time32SecondType>(array, at).into(), 1)
        }
        DataType::Time32(_) => Seconds::of(cell::<Time32MillisecondType>(array, at).into(), 1000),
        DataType::Time64(TimeUnit::Microsecond) => {
            Seconds::of(cell::<Time64MicrosecondType>(array, at), 1_000_000)
        }
        _ => Seconds::of(cell::<Time64NanosecondType>(array, at), 1_000_000_000),
    };
    Value::from(&*time_of_day(time))
}

fn cell<T: ArrowPrimitiveType>(array: &dyn Array, at: usize) -> T::Native {
    array.as_primitive::<T>().value(at)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{
        ArrayRef, Decimal128Array, Float32Array, Float64Array, Int64Array, UInt64Array,
    };
    use proptest::prelude::*;

    use super::*;

    fn first(array: impl Array + 'static) -> Value {
        let array: ArrayRef = Arc::new(array);
        value(&*array, 0)
    }

    #[test]
    fn numbers_that_no_double_holds_are_their_texts() {
        assert_eq!(first(Int64Array::from(vec![1 << 53])), Value::Number(9_007_199_254_740_992.0));
        // A double holds it, but its fewest digits are others.
        assert_eq!(first(Int64Array::from(vec![1 << 60])), Value::from("1152921504606846976"));
        assert_eq!(first(Int64Array::from(vec![i64::MAX])), Value::from("9223372036854775807"));
        assert_eq!(first(UInt64Array::from(vec![u64::MAX])), Value::from("18446744073709551615"));
        assert_eq!(first(Float32Array::from(vec![0.1])), Value::Number(0.1));
        assert_eq!(first(Float32Array::from(vec![f32::NAN])), Value::from("NaN"));
        let zero = first(Float64Array::from(vec![-0.0]));
        assert!(matches!(zero, Value::Number(zero) if zero.is_sign_positive()), "{zero:?}");
    }

    #[test]
    fn a_power_that_is_too_large_is_no_number() {
        for text in ["0.1e-9223372036854775808", "10e9223372036854775807", "1e99999999999999999999"]
        {
            assert_eq!(number_of(text), None, "{text}");
        }
        assert_eq!(number_of("-0.0e5"), Some(0.0));
    }

    #[test]
    fn decimals_are_numbers_where_their_digits_fit() {
        let decimal = |unscaled: i128, scale: i8| {
            let array = Decimal128Array::from(vec![unscaled]);
            first(array.with_precision_and_scale(38, scale).expect("in range"))
        };
        assert_eq!(decimal(150, 2), Value::Number(1.5));
        assert_eq!(decimal(-5, 3), Value::Number(-0.005));
        assert_eq!(decimal(0, 9), Value::Number(0.0));
        assert_eq!(decimal(5, -2), Value::Number(500.0));
        let long = 12_345_678_901_234_567_890_123_456_789_i128;
        assert_eq!(decimal(long, 9), Value::from("12345678901234567890.123456789"));
    }

    proptest! {
        #[test]
        fn a_short_number_is_the_one_of_its_text(
            unscaled in prop_oneof![any::<i64>(), -2_000_000_000_000_000..2_000_000_000_000_000_i64],
            scale in -2..25_i8,
        ) {
            let array = Decimal128Array::from(vec![i128::from(unscaled)]);
            let array = array.with_precision_and_scale(38, scale).expect("in range");
            let of_text = number_of(&number_text(&array, 0).expect("a number"));
            if let Some(short) = short_number(&array, 0) {
                prop_assert_eq!(Some(Value::from(short)), of_text.map(Value::from));
            }
            let whole = Int64Array::from(vec![unscaled]);
            let of_text = number_of(&number_text(&whole, 0).expect("a number"));
            if let Some(short) = short_number(&whole, 0) {
                prop_assert_eq!(Some(short), of_text);
            }
        }
    }
}
