//! Nested values as JSON.
//!
//! Invariants: the text has a bound, which is checked while it grows; numbers are written exactly; what JSON has no form for is
//! a text.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType, DurationSecondType,
    IntervalDayTimeType, IntervalMonthDayNanoType, IntervalYearMonthType,
};
use arrow_array::{Array, ArrowPrimitiveType};
use arrow_schema::{DataType, IntervalUnit, TimeUnit};
use ot_engine::Value;

use crate::table::{number_text, value};

/// The text would be too large.
#[derive(Debug)]
pub(super) struct TooLarge;

/// The JSON of a cell, of at most so many bytes.
pub(super) fn json(array: &dyn Array, at: usize, most: usize) -> Result<String, TooLarge> {
    let mut text = String::new();
    write(array, at, most, &mut text)?;
    Ok(text)
}

fn write(array: &dyn Array, at: usize, most: usize, out: &mut String) -> Result<(), TooLarge> {
    if out.len() > most {
        return Err(TooLarge);
    }
    if array.is_null(at) {
        out.push_str("null");
        return Ok(());
    }
    match array.data_type() {
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            out.push('{');
            for (place, (field, column)) in fields.iter().zip(columns).enumerate() {
                separate(place, out);
                quote(field.name(), most, out)?;
                out.push(':');
                write(&**column, at, most, out)?;
            }
            out.push('}');
        }
        DataType::List(_) => items(&*array.as_list::<i32>().value(at), most, out)?,
        DataType::LargeList(_) => items(&*array.as_list::<i64>().value(at), most, out)?,
        DataType::FixedSizeList(..) => items(&*array.as_fixed_size_list().value(at), most, out)?,
        DataType::Map(..) => {
            let entries = array.as_map().value(at);
            let [keys, values] = entries.columns() else { return Ok(()) };
            out.push('{');
            for place in 0..entries.len() {
                separate(place, out);
                quote(&key(&**keys, place, most)?, most, out)?;
                out.push(':');
                write(&**values, place, most, out)?;
            }
            out.push('}');
        }
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            let key = dictionary.normalized_keys().get(at).copied().unwrap_or_default();
            write(&**dictionary.values(), key, most, out)?;
        }
        DataType::Boolean => {
            out.push_str(if array.as_boolean().value(at) { "true" } else { "false" })
        }
        _ => scalar(array, at, most, out)?,
    }
    if out.len() > most { Err(TooLarge) } else { Ok(()) }
}

fn items(items: &dyn Array, most: usize, out: &mut String) -> Result<(), TooLarge> {
    out.push('[');
    for at in 0..items.len() {
        separate(at, out);
        write(items, at, most, out)?;
    }
    out.push(']');
    Ok(())
}

fn separate(at: usize, out: &mut String) {
    if at > 0 {
        out.push(',');
    }
}

fn scalar(array: &dyn Array, at: usize, most: usize, out: &mut String) -> Result<(), TooLarge> {
    match number_text(array, at) {
        Some(number) if number.ends_with(|last: char| last.is_ascii_digit()) => {
            out.push_str(&number);
            Ok(())
        }
        Some(other) => quote(&other, most, out),
        None => quote(&text(array, at), most, out),
    }
}

/// The key of an entry: a text as it is, another value as JSON.
fn key(keys: &dyn Array, at: usize, most: usize) -> Result<String, TooLarge> {
    match keys.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Ok(text(keys, at)),
        _ => json(keys, at, most),
    }
}

fn quote(text: &str, most: usize, out: &mut String) -> Result<(), TooLarge> {
    if text.len() > most {
        return Err(TooLarge);
    }
    // A text is always one of JSON.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
    Ok(())
}

/// The text of a value that is no number.
pub(super) fn text(array: &dyn Array, at: usize) -> String {
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(at).to_owned(),
        DataType::LargeUtf8 => array.as_string::<i64>().value(at).to_owned(),
        DataType::Utf8View => array.as_string_view().value(at).to_owned(),
        DataType::Binary => of_bytes(array.as_binary::<i32>().value(at)),
        DataType::LargeBinary => of_bytes(array.as_binary::<i64>().value(at)),
        DataType::BinaryView => of_bytes(array.as_binary_view().value(at)),
        DataType::FixedSizeBinary(_) => hex(array.as_fixed_size_binary().value(at)),
        DataType::Duration(unit) => duration(array, *unit, at),
        DataType::Interval(unit) => interval(array, *unit, at),
        _ => match value(array, at) {
            Value::Empty => String::new(),
            value => values::exact(&value).into_owned(),
        },
    }
}

/// Bytes as the text that they are, else in hexadecimal digits.
pub(super) fn of_bytes(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => text.to_owned(),
        _ => hex(bytes),
    }
}

/// A UUID in its five groups of digits.
pub(super) fn uuid(bytes: &[u8]) -> String {
    let mut text = hex(bytes).split_off(2);
    for at in [20, 16, 12, 8] {
        if at < text.len() {
            text.insert(at, '-');
        }
    }
    text
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(2 + bytes.len() * 2);
    text.push_str("0x");
    for byte in bytes {
        // Writing to a text can't fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A duration in seconds, as ISO 8601 writes it.
fn duration(array: &dyn Array, unit: TimeUnit, at: usize) -> String {
    let (count, decimals) = match unit {
        TimeUnit::Second => (cell::<DurationSecondType>(array, at), 0),
        TimeUnit::Millisecond => (cell::<DurationMillisecondType>(array, at), 3),
        TimeUnit::Microsecond => (cell::<DurationMicrosecondType>(array, at), 6),
        TimeUnit::Nanosecond => (cell::<DurationNanosecondType>(array, at), 9),
    };
    let sign = if count < 0 { "-" } else { "" };
    format!("{sign}PT{}S", seconds(count.unsigned_abs(), decimals))
}

/// A count of parts of a second as seconds.
fn seconds(count: u64, decimals: u32) -> String {
    let per_second = 10_u64.pow(decimals);
    let (whole, rest) = (count / per_second, count % per_second);
    if rest == 0 {
        return whole.to_string();
    }
    let text = format!("{whole}.{rest:0width$}", width = decimals as usize);
    text.trim_end_matches('0').to_owned()
}

fn interval(array: &dyn Array, unit: IntervalUnit, at: usize) -> String {
    match unit {
        IntervalUnit::YearMonth => format!("P{}M", cell::<IntervalYearMonthType>(array, at)),
        IntervalUnit::DayTime => {
            let interval = cell::<IntervalDayTimeType>(array, at);
            let sign = if interval.milliseconds < 0 { "-" } else { "" };
            let rest = seconds(interval.milliseconds.unsigned_abs().into(), 3);
            format!("P{}DT{sign}{rest}S", interval.days)
        }
        IntervalUnit::MonthDayNano => {
            let interval = cell::<IntervalMonthDayNanoType>(array, at);
            let sign = if interval.nanoseconds < 0 { "-" } else { "" };
            let rest = seconds(interval.nanoseconds.unsigned_abs(), 9);
            format!("P{}M{}DT{sign}{rest}S", interval.months, interval.days)
        }
    }
}

fn cell<T: ArrowPrimitiveType>(array: &dyn Array, at: usize) -> T::Native {
    array.as_primitive::<T>().value(at)
}
