//! Sentences about what a file does not have as it was.
//!
//! Invariant: a sentence has a bounded length, whatever the names of columns and their number.

use super::saved::OutColumn;
use crate::error::short;

/// Columns that a sentence names.
const NAMED: usize = 20;

/// Names in a sentence.
pub(super) fn listed<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let named: Vec<String> = names.take(NAMED).map(|name| format!("{:?}", short(name))).collect();
    match (named.join(", "), more) {
        (named, 0) => named,
        (named, more) => format!("{named} and {more} more"),
    }
}

/// The columns with a mark, in a sentence; `None` where no column has it.
pub(super) fn marked(columns: &[OutColumn], marks: &[bool]) -> Option<String> {
    let name = |(at, column): (usize, &OutColumn)| match column.name.is_empty() {
        true => csv_reader::letters(at),
        false => column.name.as_ref().to_owned(),
    };
    let marked = columns.iter().enumerate().zip(marks).filter(|(_, mark)| **mark);
    let names: Vec<String> = marked.map(|(column, _)| name(column)).collect();
    (!names.is_empty()).then(|| listed(names.iter().map(String::as_str)))
}

/// A number of things in a sentence.
pub(super) fn counted(count: u64, one: &str, more: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {more}") }
}
