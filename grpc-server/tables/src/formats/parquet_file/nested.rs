//! Nested values as JSON.
//!
//! Invariants: the text has a bound, which is checked while it grows; numbers are written exactly; what JSON has no form for is
//! a text, and a type that has none is refused.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType, DurationSecondType,
    IntervalDayTimeType, IntervalMonthDayNanoType, IntervalYearMonthType,
};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, StructArray};
use arrow_schema::{DataType, IntervalUnit, TimeUnit};
use ot_engine::Value;

use crate::progress::Watch;
use crate::table::{number_text, value};

/// Bytes of JSON between two looks for a stop.
const LOOK_BYTES: usize = 256 * 1024;
/// What a value counts besides its text.
const VALUE_BYTES: usize = 16;

/// Why a cell has no text.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The text would be too large.
    TooLarge,
    /// No text is known for this type.
    Unknown(DataType),
    /// The caller has stopped the reading.
    Stopped,
}

/// Writes cells as JSON, and looks for a stop between their values.
pub(super) struct Writer<'a> {
    watch: &'a Watch<'a>,
    /// Bytes of a cell.
    most: usize,
    /// Bytes since the last look for a stop.
    since: usize,
}

impl<'a> Writer<'a> {
    /// For cells of at most so many bytes.
    pub(super) fn new(watch: &'a Watch<'a>, most: usize) -> Self {
        Self { watch, most, since: 0 }
    }

    /// The JSON of a cell.
    pub(super) fn json(&mut self, array: &dyn Array, at: usize) -> Result<String, Refusal> {
        let mut text = String::new();
        self.write(array, at, &mut text)?;
        Ok(text)
    }

    fn write(&mut self, array: &dyn Array, at: usize, out: &mut String) -> Result<(), Refusal> {
        self.check(out)?;
        self.count(VALUE_BYTES)?;
        if array.is_null(at) {
            out.push_str("null");
            return Ok(());
        }
        match array.data_type() {
            DataType::Null => out.push_str("null"),
            DataType::Struct(fields) => {
                let columns = array.as_struct().columns();
                out.push('{');
                for (place, (field, column)) in fields.iter().zip(columns).enumerate() {
                    separate(place, out);
                    self.quote(field.name(), out)?;
                    out.push(':');
                    self.write(&**column, at, out)?;
                }
                out.push('}');
            }
            DataType::List(_) => self.items(&*array.as_list::<i32>().value(at), out)?,
            DataType::LargeList(_) => self.items(&*array.as_list::<i64>().value(at), out)?,
            DataType::ListView(_) => self.items(&*array.as_list_view::<i32>().value(at), out)?,
            DataType::LargeListView(_) => {
                self.items(&*array.as_list_view::<i64>().value(at), out)?;
            }
            DataType::FixedSizeList(..) => {
                self.items(&*array.as_fixed_size_list().value(at), out)?;
            }
            DataType::Map(..) => self.entries(&array.as_map().value(at), out)?,
            DataType::Dictionary(..) => {
                let (values, key) = of_dictionary(array, at);
                self.write(&*values, key, out)?;
            }
            DataType::Boolean => {
                out.push_str(if array.as_boolean().value(at) { "true" } else { "false" });
            }
            _ => self.scalar(array, at, out)?,
        }
        self.check(out)
    }

    fn items(&mut self, items: &dyn Array, out: &mut String) -> Result<(), Refusal> {
        out.push('[');
        for at in 0..items.len() {
            separate(at, out);
            self.write(items, at, out)?;
        }
        out.push(']');
        Ok(())
    }

    /// The entries of a map as members; a key that is no text is the text of its JSON.
    fn entries(&mut self, entries: &StructArray, out: &mut String) -> Result<(), Refusal> {
        let [keys, values] = entries.columns() else {
            return Err(Refusal::Unknown(entries.data_type().clone()));
        };
        out.push('{');
        for place in 0..entries.len() {
            separate(place, out);
            let key = self.json(&**keys, place)?;
            match key.starts_with('"') {
                true => out.push_str(&key),
                false => self.quote(&key, out)?,
            }
            out.push(':');
            self.write(&**values, place, out)?;
        }
        out.push('}');
        Ok(())
    }

    fn scalar(&mut self, array: &dyn Array, at: usize, out: &mut String) -> Result<(), Refusal> {
        match number_text(array, at) {
            Some(number) if number.ends_with(|last: char| last.is_ascii_digit()) => {
                out.push_str(&number);
                Ok(())
            }
            Some(other) => self.quote(&other, out),
            None => self.quote(&text(array, at)?, out),
        }
    }

    fn quote(&mut self, text: &str, out: &mut String) -> Result<(), Refusal> {
        if text.len() > self.most {
            return Err(Refusal::TooLarge);
        }
        self.count(text.len())?;
        // A text is always one of JSON.
        out.push_str(&serde_json::to_string(text).unwrap_or_default());
        Ok(())
    }

    fn check(&self, out: &str) -> Result<(), Refusal> {
        if out.len() > self.most { Err(Refusal::TooLarge) } else { Ok(()) }
    }

    /// Counts the bytes of a value, and looks for a stop where they are many.
    fn count(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.since += bytes;
        if self.since < LOOK_BYTES {
            return Ok(());
        }
        self.since = 0;
        self.watch.look().map_err(|_| Refusal::Stopped)
    }
}

/// The values of a dictionary, and the place of the one of a cell. The keys of other cells are not looked at.
fn of_dictionary(array: &dyn Array, at: usize) -> (ArrayRef, usize) {
    let cell = array.slice(at, 1);
    let dictionary = cell.as_any_dictionary();
    let key = dictionary.normalized_keys().first().copied().unwrap_or_default();
    (Arc::clone(dictionary.values()), key)
}

fn separate(at: usize, out: &mut String) {
    if at > 0 {
        out.push(',');
    }
}

/// The text of a value that is no number, or of a dictionary's value.
pub(super) fn text(array: &dyn Array, at: usize) -> Result<String, Refusal> {
    Ok(match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(at).to_owned(),
        DataType::LargeUtf8 => array.as_string::<i64>().value(at).to_owned(),
        DataType::Utf8View => array.as_string_view().value(at).to_owned(),
        DataType::Binary => of_bytes(array.as_binary::<i32>().value(at)),
        DataType::LargeBinary => of_bytes(array.as_binary::<i64>().value(at)),
        DataType::BinaryView => of_bytes(array.as_binary_view().value(at)),
        DataType::FixedSizeBinary(_) => hex(array.as_fixed_size_binary().value(at)),
        DataType::Duration(unit) => duration(array, *unit, at),
        DataType::Interval(unit) => interval(array, *unit, at),
        DataType::Dictionary(..) => {
            let (values, key) = of_dictionary(array, at);
            match number_text(&*values, key) {
                _ if values.is_null(key) => String::new(),
                Some(number) => number,
                None => text(&*values, key)?,
            }
        }
        _ => match value(array, at) {
            Value::Empty => return Err(Refusal::Unknown(array.data_type().clone())),
            value => values::exact(&value).into_owned(),
        },
    })
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

#[cfg(test)]
mod tests {
    use arrow_array::types::Int32Type;
    use arrow_array::{DictionaryArray, RunArray};

    use super::*;
    use crate::Stop;

    #[test]
    fn a_type_without_a_text_is_refused() {
        let runs: RunArray<Int32Type> = ["a", "a"].into_iter().collect();
        let (stop, data) = (Stop::default(), runs.data_type().clone());
        let watch = Watch::new(&stop, 0);
        let refused = [text(&runs, 1), Writer::new(&watch, 99).json(&runs, 1)];
        for refused in refused {
            assert!(matches!(refused, Err(Refusal::Unknown(found)) if found == data));
        }
    }

    #[test]
    fn values_of_a_dictionary_are_its_texts() {
        let dictionary: DictionaryArray<Int32Type> = ["é", "b", "é"].into_iter().collect();
        assert_eq!(text(&dictionary, 1).expect("a text"), "b");
        assert_eq!(text(&dictionary, 2).expect("a text"), "é");
    }
}
