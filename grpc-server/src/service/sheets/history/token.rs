//! The begin of the next page of changes: a revision, and the positions there of the followed lines.
//!
//! In a page token it is `EPOCH;REVISION;ROWS;COLS`, where lines are `*` (all), or ranges such as `0-3,7-9`. Not a
//! secret. Invariant: a forged token is refused or gets another list of the same sheet.

use std::fmt::{self, Display, Formatter};
use std::ops::Range;
use std::str::FromStr;

use ot_engine::{Delta, Revision};

use sheet::time_travel::lines::Lines;

/// A place in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// That of the sheet's history: its revisions are others in another one.
    pub(super) epoch: u64,
    /// The newest change that was not looked at.
    pub(super) revision: Revision,
    /// The rows after that change; `None` for all rows.
    pub(super) rows: Option<Lines>,
    /// The columns.
    pub(super) cols: Option<Lines>,
}

impl Place {
    /// Whether no older change can follow.
    pub(super) fn is_end(&self) -> bool {
        let gone = |lines: &Option<Lines>| lines.as_ref().is_none_or(Lines::is_empty);
        let followed = self.rows.is_some() || self.cols.is_some();
        self.revision == Revision(0) || (followed && gone(&self.rows) && gone(&self.cols))
    }

    /// Whether a change, which led to this place, touches the lines.
    pub(super) fn is_touched_by(&self, delta: &Delta) -> bool {
        let (rows, cols) = (self.rows.as_ref(), self.cols.as_ref());
        let contains = |lines: Option<&Lines>, line| lines.is_none_or(|lines| lines.contains(line));
        (rows.is_none() && cols.is_none())
            || delta.cells.iter().any(|cell| contains(rows, cell.row) && contains(cols, cell.col))
            || rows.is_some_and(|rows| rows.touched_by(&delta.rows))
            || cols.is_some_and(|cols| {
                cols.touched_by(&delta.cols) || delta.columns.iter().any(|it| cols.contains(it.col))
            })
    }

    /// Moves to the place before a change.
    pub(super) fn go_before(&mut self, revision: Revision, delta: &Delta) {
        self.revision = Revision(revision.0.saturating_sub(1));
        self.rows = self.rows.as_ref().map(|rows| rows.before(&delta.rows));
        self.cols = self.cols.as_ref().map(|cols| cols.before(&delta.cols));
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (rows, cols) = (encode_lines(self.rows.as_ref()), encode_lines(self.cols.as_ref()));
        write!(f, "{};{};{rows};{cols}", self.epoch, self.revision)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(place: &str) -> Result<Self, ()> {
        let parts: Vec<&str> = place.split(';').collect();
        let [epoch, revision, rows, cols] = parts[..] else { return Err(()) };
        // No sheet has more revisions than the log can number.
        let number = |text: &str| {
            let number: Option<u64> = text.parse().ok();
            number.filter(|number| i64::try_from(*number).is_ok()).ok_or(())
        };
        let (epoch, revision) = (number(epoch)?, Revision(number(revision)?));
        let (rows, cols) = (decode_lines(rows).ok_or(())?, decode_lines(cols).ok_or(())?);
        Ok(Self { epoch, revision, rows, cols })
    }
}

fn encode_lines(lines: Option<&Lines>) -> String {
    let Some(lines) = lines else { return "*".to_owned() };
    let ranges = lines.ranges().iter().map(|range| format!("{}-{}", range.start, range.end));
    ranges.collect::<Vec<_>>().join(",")
}

/// The outer `None`: this is no list of ranges.
fn decode_lines(text: &str) -> Option<Option<Lines>> {
    if text == "*" {
        return Some(None);
    }
    let range = |text: &str| -> Option<Range<u32>> {
        let (start, end) = text.split_once('-')?;
        Some(start.parse().ok()?..end.parse().ok()?)
    };
    let ranges = text.split(',').filter(|text| !text.is_empty()).map(range);
    Some(Some(Lines::new(ranges.collect::<Option<Vec<_>>>()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_the_place() {
        let rows = Some(Lines::new([0..3, 7..9]));
        for cols in [None, Some(Lines::default()), Some(Lines::new(std::iter::once(1..2)))] {
            let place = Place { epoch: 2, revision: Revision(7), rows: rows.clone(), cols };
            assert_eq!(place.to_string().parse().ok(), Some(place));
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        const NO_BIGINT: &str = "1;9223372036854775808;*;*";
        const OF_AN_EARLIER_RELEASE: &str = "7;*;*";
        let forms = ["x", "1;7;*", "1;-7;*;*", "-1;7;*;*", "1;7;*;*;*", "1;7;3;*", "1;7;a-b;*"];
        for token in forms.into_iter().chain([NO_BIGINT, OF_AN_EARLIER_RELEASE]) {
            assert!(token.parse::<Place>().is_err(), "{token}");
        }
    }

    proptest::proptest! {
        /// A forged token is refused, or names a valid place.
        #[test]
        fn any_token_is_refused_or_a_place(
            text: String,
            like in "[0-9]{0,3};[0-9]{0,21};([0-9]{0,11}-[0-9]{0,11},?){0,6};(\\*|([0-9]{1,3}-[0-9]{1,3},){0,3})",
        ) {
            for token in [text, like] {
                if let Ok(place) = token.parse::<Place>() {
                    proptest::prop_assert_eq!(place.to_string().parse().ok(), Some(place));
                }
            }
        }
    }
}
