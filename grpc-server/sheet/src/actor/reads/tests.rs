//! A read ends with its session, also where no request says that the session left; and what is decoded and compared for
//! a sheet leaves the thread.
//!
//! Not here: which rows a read takes next (`windows`). Invariant: each case counts the queries, or names their threads.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ThreadId};
use std::time::Duration;

use gridloom::rpc;
use ot_engine::{ClientId, Revision, Sequence, Window};
use tokio_postgres::Config;

use super::*;
use crate::actor::lookups::{self, LookedUp};
use crate::admission::Lookup;
use crate::api::message::{ClientMessage, Join, Request};
use crate::fanout::session::{self, SessionLimits, SessionStream};
use crate::memory::{EditHold, SheetMemory};
use crate::ordering::ParkedId;
use crate::ordering::heavy::Heavy;
use crate::ports::storage::{Answer, Commits, LargeRows, Storage};
use crate::sample::{self, SHEET};
use crate::{Registry, Shared};
use journal::{Journal, JournalOptions};
use model::limits::Limits;
use model::memory::Memory;
use model::{CommitBatch, Entry, Parked, SheetId, SheetRecord};
use store::{ClientState, SheetStamp, Store};

const ROWS: u32 = 1_000_000;
/// Turns of the scheduler in which a read of all rows would get far.
const TURNS: usize = 5_000;

/// A sheet of empty rows, the number of queries for them, and the threads on which the sheet and its changes are read.
#[derive(Clone, Debug, Default)]
pub(in crate::actor) struct EmptyRows(Arc<AtomicUsize>, Arc<Mutex<Vec<ThreadId>>>);

impl EmptyRows {
    fn note(&self) {
        self.1.lock().expect("no panic").push(thread::current().id());
    }
}

impl Commits for EmptyRows {
    fn head(&self, _: SheetId) -> Answer<'_, Revision> {
        Box::pin(async { Ok(Revision(0)) })
    }

    fn commit<'a>(&'a self, _: &'a CommitBatch) -> Answer<'a, LargeRows> {
        Box::pin(async { Ok(LargeRows::new()) })
    }

    fn note_order(&self, _: SheetId, _: u32) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn set_aside<'a>(&'a self, _: SheetId, _: Revision, _: &'a str) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}

impl Storage for EmptyRows {
    fn load_sheet(&self, id: SheetId) -> Answer<'_, Option<SheetRecord>> {
        self.note();
        Box::pin(async move { Ok(Some(SheetRecord { id, ..sample::record(ROWS, 1) })) })
    }

    fn stamps<'a>(&'a self, _: &'a [SheetId]) -> Answer<'a, Vec<(SheetId, SheetStamp)>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn park<'a>(&'a self, _: SheetId, _: &'a [Parked]) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn reopen(&self, _: SheetId) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn history_floor(&self, _: SheetId) -> Answer<'_, Option<Revision>> {
        Box::pin(async { Ok(None) })
    }

    fn changes(&self, _: SheetId, _: Revision, _: u32) -> Answer<'_, Vec<Entry>> {
        self.note();
        Box::pin(async { Ok(Vec::new()) })
    }

    fn client_state(&self, _: SheetId, _: ClientId) -> Answer<'_, Option<ClientState>> {
        Box::pin(async { Ok(None) })
    }

    fn named_edit(&self, _: SheetId, _: ClientId) -> Answer<'_, Option<ClientState>> {
        Box::pin(async { Ok(None) })
    }

    fn edit(&self, _: SheetId, _: ClientId, _: Sequence) -> Answer<'_, Option<ClientState>> {
        Box::pin(async { Ok(None) })
    }

    fn read_rows_at<'a>(
        &'a self,
        _: SheetId,
        _: &'a [Range<RowId>],
        _: usize,
    ) -> Answer<'a, (Vec<(RowId, RowBody)>, Revision)> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Ok((Vec::new(), Revision(0))) })
    }
}

pub(in crate::actor) fn join(key: SessionKey) -> (Request, SessionStream) {
    let status = |_: &Refusal| rpc::Status::default();
    let limits = SessionLimits { queue_frames: 8, message_bytes: 4 << 20 };
    let (outbox, stream) =
        session::channel(key, ClientId(1), Window::ALL, status, limits, sample::frame_room());
    let owner = sample::owner();
    let join = Join {
        key,
        session_id: String::new(),
        owner,
        client: ClientId(1),
        presented: false,
        resume: None,
        window: Window::ALL,
        outbox,
    };
    (Request::Join(Box::new(join)), stream)
}

pub(in crate::actor) fn shared(storage: &EmptyRows, dir: &Path) -> Arc<Shared> {
    shared_within(storage, dir, &Memory::default())
}

/// The same with another memory.
pub(in crate::actor) fn shared_within(
    storage: &EmptyRows,
    dir: &Path,
    memory: &Memory,
) -> Arc<Shared> {
    let options = JournalOptions { prefill_bytes: 0, ..JournalOptions::default() };
    let (journal, _) = Journal::open(dir, options).expect("opens");
    let nowhere = Store::unconnected(Config::new(), 1).expect("nothing is connected");
    let shared = Shared::new(Arc::new(nowhere), journal, Limits::DEFAULT, 1 << 20);
    let memory = SheetMemory::new(memory);
    Arc::new(Shared { storage: Arc::new(storage.clone()), memory, ..shared })
}

/// On a runtime of one thread whatever holds that thread holds every task.
#[tokio::test]
async fn what_is_decoded_for_a_sheet_leaves_the_thread() {
    let dir = tempfile::tempdir().expect("a directory");
    let storage = EmptyRows::default();
    let shared = shared(&storage, dir.path());
    Registry::new(Arc::clone(&shared)).open(SHEET).await.expect("opens");
    let loaded = storage.1.lock().expect("no panic").len();
    assert!(loaded > 0, "the sheet is loaded");
    let (after, until) = (Revision(0), Revision(7));
    let (session, account) = (SessionKey(1), sample::ACCOUNT);
    let lookup = Lookup { session, account, client: None, after: Some(after), until };
    // The log has none of them, which both receive.
    let found = lookups::session(Arc::clone(&shared), SHEET, lookup).await;
    assert!(matches!(found, LookedUp::Session(found) if found.missed.is_err()));
    let found = lookups::missed(shared, SHEET, (account, after, until)).await;
    assert!(found.is_err());
    let here = thread::current().id();
    let threads = storage.1.lock().expect("no panic");
    assert!(threads.len() > loaded + 1 && threads.iter().all(|thread| *thread != here));
}

/// Reads that Postgres does not answer keep their turns.
#[tokio::test]
async fn heavy_work_waits_for_no_read() {
    let dir = tempfile::tempdir().expect("a directory");
    let shared = shared(&EmptyRows::default(), dir.path());
    let account = sample::ACCOUNT;
    // The server of 4 GiB has two, and an account has one of them.
    let turn = shared.memory.replays.turn(account).await;
    for heavy in Heavy::samples() {
        let caller = heavy_work::Caller::Account(account);
        let work = lookups::heavy(Arc::clone(&shared), caller, ParkedId::FIRST, heavy);
        let done = tokio::time::timeout(Duration::from_secs(60), work).await;
        assert!(matches!(done, Ok(LookedUp::Heavy { .. })));
    }
    drop(turn);
}

/// As long as `unread` lives, the session has not left.
async fn reads_after(pings: u64) -> usize {
    let dir = tempfile::tempdir().expect("a directory");
    let storage = EmptyRows::default();
    let registry = Registry::new(shared(&storage, dir.path()));
    let handle = registry.open(SHEET).await.expect("opens");
    let key = registry.session_key();
    let (join, unread) = join(key);
    handle.send(join).await.expect("is open");
    let revision = Revision(0);
    let fetch = std::iter::once(0..ROWS).collect();
    let look = ClientMessage::Look { revision, window: Window::ALL, fetch };
    let pings = (0..pings).map(ClientMessage::Ping);
    let frames = std::iter::once(look).chain(pings).collect();
    handle
        .send(Request::Frames { session: key, frames, hold: EditHold::default() })
        .await
        .expect("is open");
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
    drop(unread);
    storage.0.load(Ordering::Relaxed)
}

#[tokio::test]
async fn a_session_that_does_not_read_is_read_for_no_further() {
    let reads = reads_after(0).await;
    assert!((1..10).contains(&reads), "{reads} reads for a queue of 8");
}

#[tokio::test]
async fn nothing_is_read_for_a_session_that_was_taken_out() {
    // More answers than its queue holds: the sheet takes the session out, which has not left.
    let reads = reads_after(20).await;
    assert!(reads < 10, "{reads} reads for nobody");
}
