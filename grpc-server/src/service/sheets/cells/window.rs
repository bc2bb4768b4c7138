//! A window of cells in several answers: which of its rows fit one, and where the next one begins.
//!
//! Not how the rows are read. Invariant: the answers of a window are of one revision, and have each of its values once; an
//! answer ends at a row, or inside a row that alone is larger than an answer.

use std::fmt::{self, Display, Formatter};
use std::ops::Range;
use std::str::FromStr;

use gridloom::convert;
use gridloom::v1;
use ot_engine::{Revision, Value};
use prost::Message;

use crate::edge::pages;
use sheet::api::message::WindowRead;

/// More than the bytes of a row besides its values.
const ROW_BYTES: usize = 24;
/// When rows are larger than one read may be, so many times fewer are read.
const FEWER: u32 = 16;

/// Where an answer begins, as its token names it: `REVISION.ROW.COL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::service::sheets) struct CellPlace {
    pub(in crate::service::sheets) revision: Revision,
    /// The position of the row at that revision.
    pub(in crate::service::sheets) row: u32,
    /// The place among the columns of the answer.
    pub(in crate::service::sheets) col: u32,
}

impl Display for CellPlace {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.revision, self.row, self.col)
    }
}

impl FromStr for CellPlace {
    type Err = ();

    fn from_str(place: &str) -> Result<Self, ()> {
        let mut parts = place.splitn(3, '.');
        let revision = parts.next().and_then(|part| part.parse::<u64>().ok());
        let revision = revision.filter(|revision| i64::try_from(*revision).is_ok());
        let mut next = || parts.next().and_then(|part| part.parse().ok()).ok_or(());
        let (row, col) = (next()?, next()?);
        Ok(Self { revision: Revision(revision.ok_or(())?), row, col })
    }
}

/// What is asked for, and where this answer begins.
#[derive(Clone, Debug)]
pub(in crate::service::sheets) struct Asked {
    /// The rows from the begin of this answer to the end of the window.
    pub(in crate::service::sheets) rows: Range<u32>,
    /// The place of the first value of the first row.
    pub(in crate::service::sheets) col: u32,
}

impl Asked {
    /// The rest of a window from a place on.
    pub(in crate::service::sheets) fn from(rows: Range<u32>, place: Option<CellPlace>) -> Self {
        let (row, col) = place.map_or((rows.start, 0), |place| (place.row, place.col));
        Self { rows: row.clamp(rows.start, rows.end)..rows.end, col }
    }
}

/// How many rows are read in place of so many that are too large for one read; `None`: there are no fewer.
pub(in crate::service::sheets) fn fewer(rows: &Range<u32>) -> Option<Range<u32>> {
    let count = rows.end.saturating_sub(rows.start);
    (count > 1).then(|| rows.start..rows.start + (count / FEWER).max(1))
}

/// The rows of an answer that has this message without them, and the place of the next answer. `None`: not even one value
/// fits a message of `limit` bytes.
pub(in crate::service::sheets) fn fill(
    window: &WindowRead,
    places: &[usize],
    asked: &Asked,
    (without, limit): (&impl Message, u32),
) -> Option<(Vec<v1::ReadRow>, Option<CellPlace>)> {
    let mut left = (limit as usize).checked_sub(without.encoded_len() + pages::TOKEN_BYTES)?;
    let ids: Vec<_> = places.iter().map(|at| window.columns[*at].id).collect();
    let next = |row, col| CellPlace { revision: window.revision, row, col };
    let mut rows = Vec::with_capacity(window.rows.len());
    for ((id, body), position) in window.rows.iter().zip(window.start_row..) {
        let from = if rows.is_empty() { ids.len().min(asked.col as usize) } else { 0 };
        let value = |column| body.as_ref().map_or(&Value::Empty, |body| body.get(column));
        let mut values: Vec<&Value> = ids[from..].iter().map(|column| value(*column)).collect();
        let filled = values.iter().rposition(|value| !value.is_empty()).map_or(0, |at| at + 1);
        values.truncate(filled);
        let room = left.saturating_sub(ROW_BYTES);
        let fitting = pages::fitting_or_none(values.into_iter().map(convert::value_to_wire), room);
        let row = v1::ReadRow { id: id.0, values: fitting };
        let (has_all, given) = (row.values.len() == filled, row.values.len());
        let is_first = rows.is_empty();
        if has_all && (is_first || left >= ROW_BYTES) {
            left = left.saturating_sub(row.encoded_len() + pages::ITEM_HEAD_BYTES);
            rows.push(row);
        } else if is_first && given > 0 {
            let col = u32::try_from(from + given).unwrap_or(u32::MAX);
            return Some((vec![row], Some(next(position, col))));
        } else {
            return (!is_first).then(|| (rows, Some(next(position, 0))));
        }
    }
    let read = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    let end = window.start_row.saturating_add(read);
    let is_end = end >= asked.rows.end.min(window.row_count);
    Some((rows, (!is_end).then(|| next(end, 0))))
}
