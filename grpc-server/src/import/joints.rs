//! Places where files were joined: the end mark of the one, the byte order mark of the other.
//!
//! Invariant: such a mark counts only outside of quotes, at the begin of a record.

use super::records::{END_MARK, Records};
use super::sniff::UTF8_MARK;

/// The records that begin with such marks.
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
        if marks(records) > 0 {
            self.line = if self.records == 0 { records.first_line() } else { self.line };
            self.records += 1;
        }
    }
}

/// How many bytes of the record's first field are such marks.
pub(super) fn marks(records: &Records) -> usize {
    let mut fields = records.fields();
    let Some(first) = fields.next().filter(|_| !records.is_quoted(0)) else { return 0 };
    let end = first.iter().position(|byte| *byte != END_MARK).unwrap_or(first.len());
    let is_lone = end == first.len() && fields.len() == 0;
    let mark = if first[end..].starts_with(UTF8_MARK) { UTF8_MARK.len() } else { 0 };
    // A line of nothing but end marks is a row, as in `Records`.
    if is_lone { 0 } else { end + mark }
}
