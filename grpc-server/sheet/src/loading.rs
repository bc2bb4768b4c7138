//! Opens a sheet: what Postgres has committed, and after it what the journal still holds.
//!
//! The same path serves the first visitor, the recovery after a crash, and the reload after a
//! fault; there is no other way for a sheet to come into memory.

use std::sync::Arc;

use ot_engine::{HistoryLimits, NextIds, Revision, Sequencer, Size};
use tokio::sync::{mpsc, watch};

use crate::actor::SheetTask;
use crate::api::message::{INBOX_REQUESTS, SheetHandle};
use crate::durability::aside;
use crate::durability::lineage;
use crate::fanout::published::PublishedChange;
use crate::fanout::recent::RecentLog;
use crate::history;
use crate::open_error::OpenError;
use crate::ordering::group_commit::Gathering;
use crate::row_cache::RowCache;
use crate::shared::Shared;
use crate::state::{Misfit, SheetState};
use journal::{JournalError, Listener, StreamId, TakenUp};
use model::{Entry, SheetId, SheetRecord};

/// Committed changes loaded with a sheet, so that clients that were away for a moment go on.
/// Older ones are read when somebody needs them.
const HISTORY_CHANGES: u64 = 256;
/// Changes of an open sheet that are kept in memory: more than all its sessions can have in flight
/// at once, so that no edit of a client that keeps up is ever too old.
const HISTORY: HistoryLimits = HistoryLimits { max_entries: 32_768, max_weight: 1_000_000 };

/// How often a sheet is read anew because other nodes were faster.
const ATTEMPTS: u32 = 10;

/// Loads a sheet and starts its task; `closed` runs when the task ends.
pub(crate) async fn open(
    shared: Arc<Shared>,
    id: SheetId,
    closed: impl FnOnce() + Send + 'static,
) -> Result<SheetHandle, OpenError> {
    let (record, seed, tail) = take_up(&shared, id).await?;
    // The change that made the floor is still there.
    let floor = shared.records.history_floor(id).await?.unwrap_or_default();
    let after = record.head.0.saturating_sub(HISTORY_CHANGES).max(floor.0.saturating_sub(1));
    let after = Revision(after);
    // A log that is pruned in this moment is no obstacle: then nobody can go on from back there.
    let recent = history::older_changes(&shared, id, after, record.head).await.unwrap_or_default();
    shared.journal.committed(id, record.head).await;
    let line = Line { seed, listener: shared.journal.listen(id).await };
    let head = record.head;
    let (accepted_sender, accepted) = watch::channel(record.head);
    let mut task = build(shared, record, &recent, accepted_sender, line)?;
    for entry in tail.into_iter().filter(|entry| entry.revision > head) {
        task.restore(entry)?;
    }
    task.accepted.send_replace(task.sequencer.head());
    let (inbox, requests) = mpsc::channel(INBOX_REQUESTS);
    let committed = task.committed.clone();
    tokio::spawn(async move {
        task.run(requests).await;
        closed();
    });
    Ok(SheetHandle { id, inbox, accepted, committed })
}

/// Where the sheet appends, and where it hears of what others do.
struct Line {
    seed: StreamId,
    listener: Listener,
}

/// What Postgres has of a sheet, and what the journal has beyond it.
async fn take_up(
    shared: &Shared,
    id: SheetId,
) -> Result<(SheetRecord, StreamId, Vec<Arc<Entry>>), OpenError> {
    for _ in 0..ATTEMPTS {
        // Before the record: a former task's committer may still get further, and then forgets what
        // it has committed. This way no entry is missed, only some are seen twice.
        let noted = shared.journal.tail(id);
        let record = shared.records.load_sheet(id).await?.ok_or(OpenError::NotFound)?;
        if record.deleted_micros.is_some() {
            return Err(OpenError::NotFound);
        }
        if let Some(reason) = record.set_aside {
            aside::park(shared, id, record.head, record.head).await?;
            return Err(OpenError::SetAside(reason));
        }
        let (seed, tail) = match shared.journal.take_up(id, record.head, noted).await? {
            TakenUp::At(seed, tail) => (seed, tail),
            TakenUp::Begun(seed) if shared.records.head(id).await? == record.head => {
                (seed, Vec::new())
            }
            TakenUp::Begun(seed) => {
                shared.journal.take_back(id, record.head, seed).await?;
                continue;
            }
            TakenUp::Again => continue,
        };
        if lineage::fits(&*shared.records, &record, &tail).await? {
            return Ok((record, seed, tail));
        }
    }
    Err(JournalError::Gap.into())
}

fn build(
    shared: Arc<Shared>,
    record: SheetRecord,
    recent: &[Arc<Entry>],
    accepted: watch::Sender<Revision>,
    line: Line,
) -> Result<SheetTask, Misfit> {
    // The column limit is far below u32::MAX.
    let cols = u32::try_from(record.columns.len()).unwrap_or(u32::MAX);
    let size = Size { rows: record.row_count, cols };
    let next = NextIds { row: record.next_row_id.0, col: record.next_column_id.0 };
    let known = history::entries(recent, size);
    let (start, size) = match known.first() {
        Some(first) => (Revision(first.revision.0 - 1), first.size_before),
        None => (record.head, size),
    };
    let mut sequencer = Sequencer::new(start, size, next, shared.edit_limits, HISTORY);
    for entry in known {
        // So that a client which resends what it has no answer for gets that answer.
        sequencer.replay(entry);
    }
    let mut log = RecentLog::default();
    for entry in recent {
        log.push(Arc::new(PublishedChange::new(entry.clone())));
    }
    let (id, name, epoch) = (record.id, record.name.clone(), record.epoch);
    let committer = shared.committer(id, record.head);
    let rows = RowCache::new(shared.row_cache_bytes);
    let state = SheetState::new(&record).map_err(Misfit::from)?;
    Ok(SheetTask {
        id,
        name,
        epoch,
        sequencer,
        state,
        rows,
        reads: crate::windows::Reads::default(),
        undos: crate::time_travel::undo::Undos::default(),
        joins: crate::admission::Joins::new(),
        log,
        sessions: crate::fanout::sessions::Sessions::default(),
        presences: crate::presence::Presences::new(shared.presence.clone(), id),
        clients: rustc_hash::FxHashMap::default(),
        committed: committer.watch_committed(),
        committer,
        accepted,
        shared,
        seed: line.seed,
        listener: line.listener,
        gathering: Gathering::default(),
        misses: 0,
        lingers: false,
        ended: None,
    })
}

impl SheetTask {
    /// Takes in a change that is in the journal and not yet in Postgres.
    fn restore(&mut self, entry: Arc<Entry>) -> Result<(), Misfit> {
        let history = history::entry_after(&entry, self.sequencer.size());
        self.sequencer.replay(history);
        self.try_apply(&entry)?;
        self.log.push(Arc::new(PublishedChange::new(entry)));
        Ok(())
    }
}
