//! A window of cells in several answers: which of its rows fit one, and where the next one begins.
//!
//! Not how the rows are read, nor how they become an answer: see `filling`. Invariant: the answers of a window are of one
//! revision, and have each of its values once; an answer ends at a row, or inside a row that alone is larger than an answer.

use std::fmt::{self, Display, Formatter};
use std::ops::Range;
use std::str::FromStr;

use gridloom::v1;
use ot_engine::Revision;

use sheet::api::message::WindowRead;
use sheet::fanout::cells::column_to_wire;

/// When rows are larger than one read may be, so many times fewer are read.
const FEWER: u32 = 16;

/// Where an answer begins, as its token names it: `EPOCH.REVISION.ROW.COL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::service::sheets) struct CellPlace {
    /// That of the sheet's history: its revisions are others in another one.
    pub(in crate::service::sheets) epoch: u64,
    pub(in crate::service::sheets) revision: Revision,
    /// The position of the row at that revision.
    pub(in crate::service::sheets) row: u32,
    /// The place among the columns of the answer.
    pub(in crate::service::sheets) col: u32,
}

impl Display for CellPlace {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}.{}", self.epoch, self.revision, self.row, self.col)
    }
}

impl FromStr for CellPlace {
    type Err = ();

    fn from_str(place: &str) -> Result<Self, ()> {
        let mut parts = place.splitn(4, '.').map(str::parse::<u64>);
        let mut next = || {
            let number = parts.next().and_then(Result::ok);
            number.filter(|number| i64::try_from(*number).is_ok()).ok_or(())
        };
        let (epoch, revision) = (next()?, Revision(next()?));
        let mut next = || next().and_then(|at| u32::try_from(at).map_err(|_| ()));
        Ok(Self { epoch, revision, row: next()?, col: next()? })
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

/// An answer to a read that has no row yet.
pub(in crate::service::sheets) fn without_rows(
    window: &WindowRead,
    places: &[usize],
    asked: &Asked,
) -> v1::ReadCellsResponse {
    v1::ReadCellsResponse {
        revision: window.revision.0,
        columns: places.iter().map(|at| column_to_wire(&window.columns[*at])).collect(),
        rows: Vec::new(),
        start_row: window.start_row,
        row_count: window.row_count,
        next_page_token: String::new(),
        start_col: asked.col,
    }
}
