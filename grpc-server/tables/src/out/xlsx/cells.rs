//! The cells of a worksheet: values as XML.
//!
//! Days are counted from 1899-12-30, as programs for spreadsheets do from 1900-03-01 on. Invariants: a value that such a program
//! does not hold is its text; what is cut or rounded is counted.

use std::fmt::Write as _;

use ot_engine::Value;

use super::escape::escape;
use super::parts::{BOLD, DATE, TIME, TIME_MILLIS};
use super::title::cut;
use crate::out::notes::{counted, marked};
use crate::out::saved::OutColumn;

/// Units of UTF-16 of the text of a cell.
const UNITS: usize = 32_767;
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// Days from the beginning of the count to 1970-01-01.
const EPOCH: i64 = 25_569;
/// The days that are counted, since 1970-01-01: 1900-03-01 to 9999-12-31.
const DAYS: std::ops::RangeInclusive<i64> = -25_508..=2_932_896;

/// Writes rows of cells.
pub(super) struct CellWriter {
    /// The letters of the columns.
    letters: Vec<String>,
    /// Columns with instants.
    with_instants: Vec<bool>,
    cut: u64,
    early: u64,
    rounded: u64,
    tiny: u64,
}

impl CellWriter {
    pub(super) fn new(columns: usize) -> Self {
        Self {
            letters: (0..columns).map(csv_reader::letters).collect(),
            with_instants: vec![false; columns],
            cut: 0,
            early: 0,
            rounded: 0,
            tiny: 0,
        }
    }

    /// Writes the row of names.
    pub(super) fn names<'a>(&mut self, names: impl Iterator<Item = &'a str>, into: &mut String) {
        *into += "<row r=\"1\">";
        for (at, name) in names.enumerate().filter(|(_, name)| !name.is_empty()) {
            self.text(at, 1, name, BOLD, into);
        }
        *into += "</row>";
    }

    /// Writes a row, counted from 1.
    pub(super) fn row<'a>(
        &mut self,
        row: u32,
        values: impl Iterator<Item = &'a Value>,
        into: &mut String,
    ) {
        // Writing to a text can't fail.
        let _ = write!(into, "<row r=\"{row}\">");
        for (at, value) in values.enumerate() {
            self.value(at, row, value, into);
        }
        *into += "</row>";
    }

    /// What was changed, as sentences.
    pub(super) fn notes(&self, columns: &[OutColumn]) -> Vec<String> {
        let note = |count: u64, one: &str, more: &str, end: &str| {
            (count > 0).then(|| format!("{} {end}", counted(count, one, more)))
        };
        let instants = marked(columns, &self.with_instants)
            .map(|names| format!("times of a workbook have no zone: those of {names} are in UTC"));
        [
            instants,
            note(
                self.cut,
                "text was cut",
                "texts were cut",
                "at 32767 characters, the most of a cell",
            ),
            note(
                self.early,
                "day or time before 1900-03-01 is a text,",
                "days or times before 1900-03-01 are texts,",
                "since a workbook does not count them",
            ),
            note(self.rounded, "time was", "times were", "cut to milliseconds"),
            note(
                self.tiny,
                "number near 0 is a text,",
                "numbers near 0 are texts,",
                "since a workbook takes them for 0",
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn value(&mut self, at: usize, row: u32, value: &Value, into: &mut String) {
        match value {
            Value::Empty => {}
            Value::Text(text) if text.is_empty() => {}
            Value::Text(text) => self.text(at, row, text, 0, into),
            Value::Bool(truth) => {
                self.begin(at, row, 0, " t=\"b\"", into);
                *into += if *truth { "<v>1</v></c>" } else { "<v>0</v></c>" };
            }
            Value::Number(number) if number.is_normal() || *number == 0.0 => {
                self.number(at, row, &values::exact(value), 0, into);
            }
            Value::Number(_) => {
                self.tiny += 1;
                self.text(at, row, &values::exact(value), 0, into);
            }
            Value::Date(days) => self.time(at, row, value, i64::from(*days) * DAY, into),
            Value::LocalDateTime(micros) | Value::Instant(micros) => {
                if let (Value::Instant(_), Some(mark)) = (value, self.with_instants.get_mut(at)) {
                    *mark = true;
                }
                self.time(at, row, value, micros.div_euclid(1000), into);
            }
        }
    }

    /// A day or a time, in milliseconds since 1970-01-01 00:00.
    fn time(&mut self, at: usize, row: u32, value: &Value, millis: i64, into: &mut String) {
        if !DAYS.contains(&millis.div_euclid(DAY)) {
            self.early += 1;
            return self.text(at, row, &values::exact(value), 0, into);
        }
        let style = match value {
            Value::Date(_) => DATE,
            _ if millis % 1000 == 0 => TIME,
            _ => TIME_MILLIS,
        };
        if let Value::LocalDateTime(micros) | Value::Instant(micros) = value
            && micros % 1000 != 0
        {
            self.rounded += 1;
        }
        // Below 2^53, so exact.
        let days = (millis + EPOCH * DAY) as f64 / DAY as f64;
        self.number(at, row, &days.to_string(), style, into);
    }

    fn number(&self, at: usize, row: u32, number: &str, style: usize, into: &mut String) {
        self.begin(at, row, style, "", into);
        *into += "<v>";
        *into += number;
        *into += "</v></c>";
    }

    fn text(&mut self, at: usize, row: u32, text: &str, style: usize, into: &mut String) {
        let kept = if text.len() > UNITS { cut(text, UNITS) } else { text };
        self.cut += u64::from(kept.len() < text.len());
        self.begin(at, row, style, " t=\"inlineStr\"", into);
        *into += "<is><t xml:space=\"preserve\">";
        escape(kept, into);
        *into += "</t></is></c>";
    }

    /// Begins a cell.
    fn begin(&self, at: usize, row: u32, style: usize, attributes: &str, into: &mut String) {
        let letters = self.letters.get(at).map_or("", String::as_str);
        // Writing to a text can't fail.
        let _ = write!(into, "<c r=\"{letters}{row}\"");
        if style != 0 {
            let _ = write!(into, " s=\"{style}\"");
        }
        *into += attributes;
        *into += ">";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &Value) -> String {
        let (mut cells, mut out) = (CellWriter::new(1), String::new());
        cells.value(0, 2, value, &mut out);
        out
    }

    #[test]
    fn days_and_times_are_counted_from_1900_on() {
        let cell =
            |style: usize, days: &str| format!("<c r=\"A2\" s=\"{style}\"><v>{days}</v></c>");
        assert_eq!(written(&Value::Date(-25_508)), cell(DATE, "61"));
        assert_eq!(written(&Value::Date(2_932_896)), cell(DATE, "2958465"));
        assert_eq!(written(&Value::Instant(43_200_000_000)), cell(TIME, "25569.5"));
        assert_eq!(
            written(&Value::LocalDateTime(21_600_500_000)),
            cell(TIME_MILLIS, "25569.25000578704")
        );
        assert!(written(&Value::Date(-25_509)).contains(">1900-02-28<"));
        assert!(written(&Value::Number(5e-324)).contains(">5e-324<"));
        assert_eq!(written(&Value::Number(-1e300)), "<c r=\"A2\"><v>-1e300</v></c>");
    }
}
