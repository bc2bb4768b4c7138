//! Formats the summary of a column: its counts, its most frequent values, and how they are distributed.
//!
//! It counts nothing. Invariants: a value adds no line, bars are for a terminal alone, and the JSON keys stay stable.

use std::io::{IsTerminal, Write};

use gridloom::v1;
use serde_json::{Value as Json, json};

use super::columns::{Cell, Columns, shown};
use super::format::{json as to_json, plain};
use super::table::{CELL_CHARS_MAX, cells};

/// Characters of the longest bar.
const BAR_CHARS: u64 = 40;
/// The parts of a character that a bar may end with, from an eighth on.
const EIGHTHS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// Prints a summary to standard output: lines of a key and a text, then the most frequent values and the ranges, each below a
/// head; or one JSON object.
pub(crate) fn print_summary(
    column: &str,
    summary: &v1::SummarizeColumnResponse,
    as_json: bool,
) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    if as_json {
        return writeln!(out, "{}", summary_json(column, summary));
    }
    let is_terminal = std::io::stdout().is_terminal();
    write_summary(summary, is_terminal, &mut out)
}

fn write_summary(
    summary: &v1::SummarizeColumnResponse,
    is_terminal: bool,
    mut out: impl Write,
) -> std::io::Result<()> {
    for (key, text) in count_lines(summary) {
        writeln!(out, "{key}\t{text}")?;
    }
    let most = if is_terminal { CELL_CHARS_MAX } else { usize::MAX };
    for lines in [value_cells(&summary.values, most), range_cells(&summary.ranges, is_terminal)] {
        if lines.len() > 1 {
            writeln!(out)?;
            Columns::default().print(&lines, &mut out)?;
        }
    }
    out.flush()
}

/// The counts of a column, its ends and its sum.
fn count_lines(summary: &v1::SummarizeColumnResponse) -> Vec<(&'static str, String)> {
    let mut lines = vec![
        ("rows", summary.rows.to_string()),
        ("empty", summary.empty_rows.to_string()),
        ("different values", summary.distinct.to_string()),
    ];
    for (key, value) in [("least", &summary.least), ("greatest", &summary.greatest)] {
        lines.extend(value.as_ref().map(|value| (key, shown(&plain(value), usize::MAX))));
    }
    lines.extend(summary.sum.map(|sum| ("sum", sum.to_string())));
    lines
}

/// The most frequent values and the numbers of their rows, below a head.
fn value_cells(values: &[v1::ValueCount], most: usize) -> Vec<Vec<Cell>> {
    let head = vec![("ROWS".to_owned(), true), ("VALUE".to_owned(), false)];
    let line = |count: &v1::ValueCount| -> Vec<Cell> {
        let value = cells(count.value.as_slice(), most).map(|(text, _)| (text, false));
        std::iter::once((count.rows.to_string(), true)).chain(value).collect()
    };
    std::iter::once(head).chain(values.iter().map(line)).collect()
}

/// The ranges and the numbers of their rows, below a head; each with a bar where that is shown.
fn range_cells(ranges: &[v1::ValueRange], has_bars: bool) -> Vec<Vec<Cell>> {
    let right = |text: String| (text, true);
    let end = |value: &Option<v1::Value>| right(value.as_ref().map(plain).unwrap_or_default());
    let head = vec![right("ROWS".to_owned()), right("FROM".to_owned()), right("TO".to_owned())];
    let most = ranges.iter().map(|range| range.rows).max().unwrap_or_default();
    let line = |range: &v1::ValueRange| {
        let mut line = vec![right(range.rows.to_string()), end(&range.from), end(&range.to)];
        line.extend(has_bars.then(|| (bar(range.rows, most), false)));
        line
    };
    std::iter::once(head).chain(ranges.iter().map(line)).collect()
}

/// A bar whose length is the part of `rows` in `most`; any row at all is at least an eighth of a character.
fn bar(rows: u64, most: u64) -> String {
    let eighths = u128::from(rows) * u128::from(BAR_CHARS) * 8 / u128::from(most.max(1));
    let eighths = usize::try_from(eighths).unwrap_or(0).max(usize::from(rows > 0));
    let part = (eighths % 8).checked_sub(1).and_then(|at| EIGHTHS.get(at));
    let mut bar = "█".repeat(eighths / 8);
    bar.extend(part);
    bar
}

fn summary_json(column: &str, summary: &v1::SummarizeColumnResponse) -> Json {
    let value = |value: &Option<v1::Value>| value.as_ref().map(to_json);
    let count = |count: &v1::ValueCount| json!({"value": value(&count.value), "rows": count.rows});
    let range = |range: &v1::ValueRange| {
        let (from, to) = (value(&range.from), value(&range.to));
        json!({"from": from, "to": to, "rows": range.rows})
    };
    json!({
        "column": column,
        "rows": summary.rows,
        "empty": summary.empty_rows,
        "distinct": summary.distinct,
        "least": value(&summary.least),
        "greatest": value(&summary.greatest),
        "sum": summary.sum,
        "values": summary.values.iter().map(count).collect::<Vec<_>>(),
        "ranges": summary.ranges.iter().map(range).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use gridloom::v1::value::Kind;

    use super::*;

    fn number(number: f64) -> Option<v1::Value> {
        Some(v1::Value { kind: Some(Kind::Number(number)) })
    }

    fn prices() -> v1::SummarizeColumnResponse {
        let text = v1::Value { kind: Some(Kind::Text("a\nb".to_owned())) };
        v1::SummarizeColumnResponse {
            rows: 12,
            empty_rows: 1,
            distinct: 7,
            values: vec![
                v1::ValueCount { value: number(2.5), rows: 8 },
                v1::ValueCount { value: Some(text), rows: 2 },
            ],
            least: number(1.0),
            greatest: number(9.0),
            ranges: vec![
                v1::ValueRange { from: number(1.0), to: number(5.0), rows: 8 },
                v1::ValueRange { from: number(5.0), to: number(9.0), rows: 1 },
            ],
            sum: Some(29.5),
        }
    }

    fn printed(summary: &v1::SummarizeColumnResponse, is_terminal: bool) -> String {
        let mut out = Vec::new();
        write_summary(summary, is_terminal, &mut out).expect("memory");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_summary_is_plain_text_where_it_is_piped() {
        let text = "rows\t12\nempty\t1\ndifferent values\t7\nleast\t1\ngreatest\t9\nsum\t29.5\n\n\
                    ROWS  VALUE\n   8  2.5\n   2  a b\n\n\
                    ROWS  FROM  TO\n   8     1   5\n   1     5   9\n";
        assert_eq!(printed(&prices(), false), text);
    }

    #[test]
    fn ranges_have_bars_on_a_terminal() {
        let text = printed(&prices(), true);
        let bars = text.lines().rev().take(2).map(|line| line.matches('█').count());
        assert_eq!(bars.collect::<Vec<_>>(), [5, 40], "{text}");
    }

    #[test]
    fn a_column_without_values_has_counts_alone() {
        let empty = v1::SummarizeColumnResponse { rows: 3, empty_rows: 3, ..Default::default() };
        assert_eq!(printed(&empty, true), "rows\t3\nempty\t3\ndifferent values\t0\n");
        assert_eq!(summary_json("Price", &empty)["least"], Json::Null);
    }

    #[test]
    fn a_bar_is_as_long_as_its_part_of_the_longest_one() {
        assert_eq!(bar(0, 10), "");
        assert_eq!(bar(10, 10).chars().count(), 40);
        assert_eq!(bar(1, 10), "████");
        assert_eq!(bar(1, 320), "▏");
        assert_eq!(bar(1, u64::MAX), "▏");
        assert_eq!(bar(9, 320), "█▏");
        assert_eq!(bar(u64::MAX, u64::MAX).chars().count(), 40);
        assert_eq!(bar(0, 0), "");
    }

    #[test]
    fn json_has_all_of_a_summary() {
        let shown = summary_json("Price", &prices());
        assert_eq!((&shown["column"], &shown["sum"]), (&json!("Price"), &json!(29.5)));
        assert_eq!(shown["values"][1], json!({"value": "a\nb", "rows": 2}));
        assert_eq!(shown["ranges"][1], json!({"from": 5.0, "to": 9.0, "rows": 1}));
    }
}
