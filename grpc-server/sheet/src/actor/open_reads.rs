//! The open reads of a sheet, and what runs beside the actor for them: waits for credit, and queries.
//!
//! Not here: what a read does after an event (`reads`). Invariants: each task ends in one event; a query begins
//! after its token, and the cells written since then stay pinned until the actor ends the token.

use std::ops::Range;
use std::sync::Arc;

use ot_engine::{ColumnId, Delta, Revision, RowId};
use rustc_hash::FxHashMap;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::task::JoinSet;

use crate::api::message::{ReadColumns, WindowRead};
use crate::fanout::session::QueueLimit;
use crate::ports::storage::{Storage, StoreError};
use crate::refusal::Refusal;
use crate::state::row_cache::ReadToken;
use crate::windows::{ReadId, Windows};
use model::sizes::{LOOK_BYTES, READ_BYTES};
use model::{RowBody, SheetId};

/// The caller of a unary read.
pub(super) struct Caller {
    /// Held until the answer.
    pub(super) _turn: Option<Arc<OwnedSemaphorePermit>>,
    pub(super) reply: oneshot::Sender<Result<WindowRead, Refusal>>,
    pub(super) columns: ReadColumns,
}

/// The open reads, and what runs for them.
#[derive(Default)]
pub(super) struct Reads {
    pub(super) windows: Windows,
    /// The callers of unary reads.
    pub(super) callers: FxHashMap<ReadId, Caller>,
    pub(super) tasks: ReadTasks,
}

impl Reads {
    /// Maps the open reads over a change.
    pub(super) fn follow(&mut self, delta: &Delta) {
        self.windows.follow(delta);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.windows.is_empty()
    }

    /// The next event of a read. Pending without end while nothing runs for one.
    pub(super) async fn event(&mut self) -> ReadEvent {
        self.tasks.event().await
    }
}

/// The tasks of all reads of a sheet. They are aborted with it.
#[derive(Default)]
pub(super) struct ReadTasks(JoinSet<ReadEvent>);

/// What a read waited for.
pub(super) enum ReadEvent {
    /// Half of its session's queue is free, or the session has left.
    Credit(ReadId),
    /// Its query has ended.
    Fetched(Fetched),
}

/// A finished query.
pub(super) struct Fetched {
    pub(super) read: ReadId,
    pub(super) token: ReadToken,
    pub(super) asked: Vec<Range<RowId>>,
    /// The columns whose cells were read; `None` for all.
    pub(super) columns: Option<Vec<ColumnId>>,
    /// The rows that Postgres has of those and the revision that it had, or why there are none.
    pub(super) rows: Result<(Vec<(RowId, RowBody)>, Revision), FetchError>,
}

/// Why rows are not fetched.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    /// The rows of one call take more memory than one may.
    #[error("the rows take more than {most} bytes")]
    TooLarge { rows: usize, most: usize },
    /// Postgres is away, or its rows are too new.
    #[error("{0}")]
    Failed(String),
}

impl ReadTasks {
    async fn event(&mut self) -> ReadEvent {
        loop {
            match self.0.join_next().await {
                Some(Ok(event)) => return event,
                // A task neither panics nor is aborted while the sheet is open.
                Some(Err(error)) => tracing::error!(%error, "the task of a read ended early"),
                None => std::future::pending().await,
            }
        }
    }

    pub(super) fn await_credit(&mut self, read: ReadId, limit: Arc<QueueLimit>) {
        self.0.spawn(async move {
            // The other half stays free for changes that arrive meanwhile.
            limit.half_free().await;
            ReadEvent::Credit(read)
        });
    }

    pub(super) fn fetch(
        &mut self,
        read: ReadId,
        storage: Arc<dyn Storage>,
        sheet: SheetId,
        token: ReadToken,
        (asked, columns, all): (Vec<Range<RowId>>, Option<Vec<ColumnId>>, bool),
    ) {
        self.0.spawn(async move {
            let (asked, rows) = match all {
                true => fetch_all(&*storage, sheet, asked, columns.as_deref()).await,
                false => fetch_first(&*storage, sheet, asked).await,
            };
            ReadEvent::Fetched(Fetched { read, token, asked, columns, rows })
        });
    }
}

#[cfg(test)]
impl ReadTasks {
    /// A task whose event is ready.
    pub(super) fn ready(&mut self) {
        self.0.spawn(async { ReadEvent::Credit(ReadId::default()) });
    }
}

type Rows = Result<(Vec<(RowId, RowBody)>, Revision), FetchError>;

/// Fetches all rows, or none.
async fn fetch_all(
    storage: &dyn Storage,
    sheet: SheetId,
    asked: Vec<Range<RowId>>,
    columns: Option<&[ColumnId]>,
) -> (Vec<Range<RowId>>, Rows) {
    let rows = match columns {
        Some(columns) => storage.read_cells_at(sheet, &asked, columns, READ_BYTES).await,
        None => storage.read_rows_at(sheet, &asked, READ_BYTES).await,
    };
    let rows = rows.map_err(|error| match error {
        StoreError::RowsTooLarge { most } => FetchError::TooLarge { rows: count(&asked), most },
        error => FetchError::Failed(error.to_string()),
    });
    (asked, rows)
}

/// Fetches the first rows, fewer of them the larger they are: the read continues behind them.
async fn fetch_first(
    storage: &dyn Storage,
    sheet: SheetId,
    mut asked: Vec<Range<RowId>>,
) -> (Vec<Range<RowId>>, Rows) {
    loop {
        let rows = storage.read_rows_at(sheet, &asked, LOOK_BYTES).await;
        match rows {
            Err(StoreError::RowsTooLarge { .. }) if count(&asked) > 1 => {
                asked = first_half(asked);
            }
            rows => {
                return (asked, rows.map_err(|error| FetchError::Failed(error.to_string())));
            }
        }
    }
}

fn count(ranges: &[Range<RowId>]) -> usize {
    ranges.iter().map(|range| (range.end.0 - range.start.0) as usize).sum()
}

/// The first half of the rows of several ranges.
fn first_half(mut ranges: Vec<Range<RowId>>) -> Vec<Range<RowId>> {
    let mut left = (count(&ranges) / 2) as u64;
    ranges.retain_mut(|range| {
        let taken = left.min(range.end.0 - range.start.0);
        range.end = RowId(range.start.0 + taken);
        left -= taken;
        taken > 0
    });
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(ranges: &[(u64, u64)]) -> Vec<Range<RowId>> {
        ranges.iter().map(|(start, end)| RowId(*start)..RowId(*end)).collect()
    }

    #[test]
    fn half_of_the_rows_is_the_first_ones_until_one_is_left() {
        let mut asked = ranges(&[(5, 8), (1, 2), (20, 25)]);
        let halves = [vec![(5, 8), (1, 2)], vec![(5, 7)], vec![(5, 6)]];
        for half in halves {
            asked = first_half(asked);
            assert_eq!(asked, ranges(&half));
        }
        assert_eq!(count(&asked), 1);
        assert_eq!(first_half(ranges(&[(1, 2), (7, 9)])), ranges(&[(1, 2)]));
    }
}
