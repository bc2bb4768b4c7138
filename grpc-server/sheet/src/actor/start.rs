//! Builds the actor of a sheet from what was loaded, and starts it.
//!
//! Not here: the loading (`loading`). Invariant: the actor begins at the last durable revision.

use std::collections::VecDeque;
use std::sync::Arc;

use heavy_work::{Caller, Panicked};
use ot_engine::{HistoryLimits, NextIds, Revision, Sequencer, Size};
use tokio::sync::{Semaphore, mpsc, watch};

use super::group_commit::GroupCommit;
use super::journal_link::JournalLink;
use super::lookups::{HeavyTasks, Lookups};
use super::open_reads::Reads;
use super::requests::Requests;
use super::{FETCHES_AT_ONCE, SheetActor};
use crate::admission::Admission;
use crate::api::message::{INBOX_REQUESTS, SheetHandle};
use crate::fanout::published::PublishedChange;
use crate::fanout::recent::RecentLog;
use crate::fanout::sessions::Sessions;
use crate::fanout::sheet_changes::SheetChanges;
use crate::fanout::wire_columns::WireColumns;
use crate::open_error::OpenError;
use crate::ordering::Ordering;
use crate::ordering::core::OrderingLimits;
use crate::ports::journal::JournalError;
use crate::ports::storage::StoreError;
use crate::presence::Presences;
use crate::reading::history;
use crate::reading::loading::{Loaded, load};
use crate::shared::Shared;
use crate::state::row_cache::RowCache;
use crate::state::row_sizes::RowSizes;
use crate::state::{Misfit, SheetState};
use crate::time_travel::undo::Undos;
use model::sizes::{HISTORY_BYTES, HISTORY_WORK, LIGHT_ITEMS, LIGHT_STEPS};
use model::{Entry, SheetId, SheetName, SheetRecord};

/// Changes of an open sheet that are kept in memory: more than all its sessions can have in flight
/// at once, so that no edit of a client that keeps up is ever too old.
const HISTORY: HistoryLimits =
    HistoryLimits { max_entries: 32_768, max_work: HISTORY_WORK, max_bytes: HISTORY_BYTES };

/// Loads a sheet, at the turns of the caller, and starts its actor; `closed` runs when the actor ends.
pub(crate) async fn open(
    shared: Arc<Shared>,
    caller: Caller,
    id: SheetId,
    closed: impl FnOnce() + Send + 'static,
) -> Result<SheetHandle, OpenError> {
    let (room, tasks) = (shared.memory.edits.of_sheet(), shared.tasks.clone());
    // Its order of rows, its newest changes and the tail of the journal are decoded and compared.
    let load = async move {
        let loaded = load(&shared, id).await?;
        let (accepted_sender, accepted) = watch::channel(loaded.record.head);
        build(shared, loaded, accepted_sender).map(|task| (task, accepted))
    };
    let loaded = heavy_work::drive(caller, load).await;
    let ended = |error: Panicked| OpenError::from(StoreError::Internal(error.to_string()));
    let (task, accepted) = loaded.map_err(ended)??;
    let (inbox, requests) = mpsc::channel(INBOX_REQUESTS);
    let committed = task.committed.clone();
    tasks.spawn(async move {
        task.run(requests).await;
        closed();
    });
    Ok(SheetHandle { id, inbox, accepted, committed, room, tasks })
}

pub(super) fn build(
    shared: Arc<Shared>,
    loaded: Loaded,
    accepted: watch::Sender<Revision>,
) -> Result<SheetActor, OpenError> {
    let Loaded { record, recent, tail, stream, listener } = loaded;
    let sequencer = sequencer(&record, &recent, shared.edit_limits);
    let mut log = RecentLog::default();
    for entry in &recent {
        log.push(Arc::new(PublishedChange::new(entry.clone())));
    }
    let (id, epoch) = (record.id, record.epoch);
    let name = SheetName { version: record.version, name: record.name.clone() };
    let committer = shared.committers().start(id, record.head);
    let rows = RowCache::new(shared.row_cache_bytes);
    let state = SheetState::new(&record).map_err(Misfit::from)?;
    let (row_bytes, cell_bytes) = (shared.limits.row_bytes, shared.limits.cell_bytes);
    let sizes = RowSizes::new(row_bytes as usize, cell_bytes as usize, record.largest_row);
    let mut actor = SheetActor {
        id,
        name,
        changes: SheetChanges::none(),
        epoch,
        ordering: Ordering::new(id, sequencer, limits(&shared)),
        requests: Requests::default(),
        journal: JournalLink::new(Arc::clone(&shared), id, stream, listener),
        group_commit: GroupCommit::default(),
        state,
        wire_columns: WireColumns::default(),
        rows,
        sizes,
        caches: shared.memory.caches.of_sheet(),
        caches_limited: false,
        reads: Reads::default(),
        log,
        admission: Admission::new(epoch, shared.limits.sheet_sessions as usize),
        lookups: Lookups::new(),
        heavy: HeavyTasks::default(),
        fetches: Arc::new(Semaphore::new(FETCHES_AT_ONCE)),
        undos: Undos::default(),
        sessions: Sessions::default(),
        presences: Presences::new(shared.presence.clone(), id, &shared.tasks),
        stored: shared.account_storage.of(record.owner),
        committed: committer.watch_committed(),
        committer,
        accepted,
        shared,
        taken: VecDeque::new(),
        joining: None,
        others_in_a_row: 0,
        ended: None,
    };
    for entry in tail {
        actor.restore(&entry)?;
    }
    actor.accepted.send_replace(actor.ordering.head());
    Ok(actor)
}

fn limits(shared: &Shared) -> OrderingLimits {
    OrderingLimits {
        edit: shared.edit_limits,
        batch_bytes: shared.journal.batch_bytes(),
        light_items: LIGHT_ITEMS,
        light_steps: LIGHT_STEPS,
        spans: shared.limits.sheet_spans as usize,
    }
}

/// The sequencer at the head that Postgres has, with the newest changes. A client that sends an edit again
/// gets its first answer.
fn sequencer(record: &SheetRecord, recent: &[Arc<Entry>], limits: ot_engine::Limits) -> Sequencer {
    // The column limit is far below u32::MAX.
    let cols = u32::try_from(record.columns.len()).unwrap_or(u32::MAX);
    let size = Size { rows: record.row_count, cols };
    let next = NextIds { row: record.next_row_id.0, col: record.next_column_id.0 };
    let known = history::entries(recent, size);
    let (start, size) = match known.first() {
        Some(first) => (Revision(first.revision.0 - 1), first.size_before),
        None => (record.head, size),
    };
    let mut sequencer = Sequencer::new(start, size, next, limits, HISTORY);
    for entry in known {
        sequencer.replay(entry);
    }
    sequencer
}

impl SheetActor {
    /// Applies a change that the journal holds and Postgres does not have yet.
    fn restore(&mut self, entry: &Arc<Entry>) -> Result<(), OpenError> {
        if !self.ordering.replay(entry) {
            return Err(JournalError::Gap.into());
        }
        self.apply_entry(entry)?;
        self.log.push(Arc::new(PublishedChange::new(Arc::clone(entry))));
        Ok(())
    }
}
