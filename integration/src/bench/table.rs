//! The figures as Markdown: one table for rates, one for latencies, one for CPU time.
//!
//! Not their computation: see `summary`. Invariant: each row has a cell for each figure.

use std::fmt;

use super::summary::{Figure, Spread, Summary};

/// All rows.
#[derive(Clone, Debug)]
pub struct Table {
    /// One for each row.
    pub rows: Vec<Summary>,
}

/// A column: its head, its figure, and how the figure is written.
type Column = (&'static str, fn(&Summary) -> Figure, fn(f64) -> String);

const RATES: &[Column] = &[
    ("edits/s", |row| row.edits_per_second, whole),
    ("echo/s", |row| row.echo_per_second, whole),
    ("edits to echo", |row| row.edits_to_echo, share),
    ("deliveries/s", |row| row.delivered_per_second, whole),
    ("other programs, cores", |row| row.others_cores, share),
];
const LATENCIES: &[Column] = &[
    ("accepted p50, ms", |row| row.accepted_p50_us, millis),
    ("accepted p99, ms", |row| row.accepted_p99_us, millis),
    ("committed p50, ms", |row| row.committed_p50_us, millis),
    ("committed p99, ms", |row| row.committed_p99_us, millis),
    ("echo p50, ms", |row| row.echo_p50_us, millis),
    ("fdatasync p50, ms", |row| row.fdatasync_p50_us, millis),
    ("accepted to echo + fdatasync", |row| row.accepted_to_bare, share),
];
const CPU: &[Column] = &[
    ("server us/edit", |row| row.server_us_per_edit, tenth),
    ("server us/delivery", |row| row.server_us_per_delivery, share),
    ("Postgres us/edit", |row| row.postgres_us_per_edit, tenth),
    ("generator us/edit", |row| row.generator_us_per_edit, tenth),
    ("generator us/delivery", |row| row.generator_us_per_delivery, share),
];

impl Table {
    pub(super) fn new(rows: Vec<Summary>) -> Self {
        Self { rows }
    }

    /// Whether each row has a run.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.rows.iter().all(|row| row.runs > 0)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Median (smallest..largest) of the runs of each row.\n")?;
        for columns in [RATES, LATENCIES, CPU] {
            part(f, columns, &self.rows)?;
            writeln!(f)?;
        }
        Ok(())
    }
}

fn part(f: &mut fmt::Formatter<'_>, columns: &[Column], rows: &[Summary]) -> fmt::Result {
    let heads: Vec<_> = columns.iter().map(|(head, ..)| *head).collect();
    writeln!(f, "| load | runs | {} |", heads.join(" | "))?;
    writeln!(f, "|{}", " --- |".repeat(columns.len() + 2))?;
    for row in rows {
        let cells: Vec<_> = columns.iter().map(|(_, of, text)| cell(of(row), *text)).collect();
        writeln!(f, "| {} | {} | {} |", row.name, row.runs, cells.join(" | "))?;
    }
    Ok(())
}

fn cell(figure: Figure, text: fn(f64) -> String) -> String {
    let Some(Spread { median, min, max }) = figure else { return "-".to_owned() };
    let (median, min, max) = (text(median), text(min), text(max));
    if min == max { median } else { format!("{median} ({min}..{max})") }
}

/// With commas between thousands.
fn whole(figure: f64) -> String {
    let digits = format!("{figure:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn tenth(figure: f64) -> String {
    format!("{figure:.1}")
}

fn share(figure: f64) -> String {
    format!("{figure:.2}")
}

/// Microseconds as milliseconds, with three digits that count or two places.
fn millis(us: f64) -> String {
    let ms = us / 1000.0;
    if ms < 10.0 { format!("{ms:.2}") } else { format!("{ms:.0}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_reading() {
        assert_eq!([999.6, 1_234_567.0, 12.0].map(whole), ["1,000", "1,234,567", "12"]);
        assert_eq!([540.0, 9_994.0, 54_400.0].map(millis), ["0.54", "9.99", "54"]);
    }

    #[test]
    fn a_row_without_runs_is_shown_as_such() {
        let table = Table::new(vec![Summary::new("1 writer", &[])]);
        let text = table.to_string();
        assert!(text.contains("| 1 writer | 0 | - | - |"), "{text}");
        assert!(!table.is_whole());
    }

    #[test]
    fn a_spread_is_shown_beside_its_median() {
        let spread = |min, max| Some(Spread { median: 2.0, min, max });
        assert_eq!(cell(spread(1.0, 4.0), tenth), "2.0 (1.0..4.0)");
        assert_eq!(cell(spread(2.0, 2.0), tenth), "2.0");
    }
}
