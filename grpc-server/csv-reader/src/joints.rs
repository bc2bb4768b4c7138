//! Places where files were joined: the end mark of the one, the byte order mark of the other.
//!
//! Invariant: such a mark counts only outside of quotes, at the begin or the end of a record. An own export has it in quotes.

use super::records::{END_MARK, Records};
use super::sniff::UTF8_MARK;

/// The records that begin or end with such marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Joints {
    /// How many.
    pub(super) records: u64,
    /// The line on which the first one begins.
    pub(super) line: u64,
}

impl Joints {
    /// Counts the record that was read last.
    pub(super) fn see(&mut self, records: &Records) {
        if marks(records) > 0 || end_marks(records) > 0 || is_end_mark(records) {
            self.line = if self.records == 0 { records.first_line() } else { self.line };
            self.records += 1;
        }
    }
}

/// How many bytes at the begin of the record's first field are such marks.
pub(super) fn marks(records: &Records) -> usize {
    let Some(first) = records.fields().next().filter(|_| !records.is_quoted(0)) else { return 0 };
    let end = first.iter().position(|byte| *byte != END_MARK).unwrap_or(first.len());
    let mark = if first[end..].starts_with(UTF8_MARK) { UTF8_MARK.len() } else { 0 };
    if is_end_mark(records) { 0 } else { end + mark }
}

/// How many bytes at the end of the record's last field are end marks.
pub(super) fn end_marks(records: &Records) -> usize {
    let (at, last) = (records.fields().len().saturating_sub(1), records.last_field());
    if records.is_quoted(at) {
        return 0;
    }
    let content = last.iter().rposition(|byte| *byte != END_MARK).map_or(0, |end| end + 1);
    // At the begin of the first field they are counted there.
    if at == 0 && content == 0 { 0 } else { last.len() - content }
}

/// Whether the record is a line of nothing but end marks.
pub(super) fn is_end_mark(records: &Records) -> bool {
    let mut fields = records.fields();
    let first = fields.next().filter(|_| fields.len() == 0 && !records.is_quoted(0));
    first.is_some_and(|field| !field.is_empty() && field.iter().all(|byte| *byte == END_MARK))
}
