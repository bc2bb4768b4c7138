//! The open reads of a sheet, and what runs beside the actor for them: waits for credit, and queries.
//!
//! Not here: what a read does after an event (`reads`). Invariants: each task ends in one event; a query begins
//! after its token, and the cells written since then stay pinned until the actor ends the token.

use std::ops::Range;
use std::sync::Arc;

use ot_engine::{Delta, Revision, RowId};
use rustc_hash::FxHashMap;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::api::message::WindowRead;
use crate::fanout::session::QueueLimit;
use crate::ports::storage::Storage;
use crate::refusal::Refusal;
use crate::row_cache::ReadToken;
use crate::windows::{ReadId, Windows};
use model::{RowBody, SheetId};

type Answer = oneshot::Sender<Result<WindowRead, Refusal>>;

/// The open reads, and what runs for them.
#[derive(Default)]
pub(super) struct Reads {
    pub(super) windows: Windows,
    /// The callers of unary reads.
    pub(super) callers: FxHashMap<ReadId, Answer>,
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
    /// The rows that Postgres has of those and the revision that it had, or why there are none.
    pub(super) rows: Result<(Vec<(RowId, RowBody)>, Revision), String>,
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
        asked: Vec<Range<RowId>>,
    ) {
        self.0.spawn(async move {
            let rows = storage.read_rows_at(sheet, &asked).await;
            let rows = rows.map_err(|error| error.to_string());
            ReadEvent::Fetched(Fetched { read, token, asked, rows })
        });
    }
}
