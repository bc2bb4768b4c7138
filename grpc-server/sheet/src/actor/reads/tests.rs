//! A read ends with its session, also where no request says that the session left.
//!
//! Not here: which rows a read takes next (`windows`). Invariant: each case counts the queries of the read.

use std::sync::atomic::{AtomicUsize, Ordering};

use gridloom::rpc;
use ot_engine::{ClientId, Revision, Sequence, Window};
use tokio_postgres::Config;

use super::*;
use crate::api::message::{ClientMessage, Join, Request};
use crate::fanout::session::{self, SessionLimits, SessionStream};
use crate::memory::EditHold;
use crate::ports::storage::{Answer, Commits, Storage};
use crate::sample::{self, SHEET};
use crate::{Registry, Shared};
use journal::{Journal, JournalOptions};
use model::limits::Limits;
use model::{CommitBatch, Entry, Parked, SheetId, SheetRecord};
use store::{ClientState, Store};

const ROWS: u32 = 1_000_000;
/// Turns of the scheduler in which a read of all rows would get far.
const TURNS: usize = 5_000;

/// A sheet of empty rows, and the number of queries for them.
#[derive(Clone, Debug, Default)]
struct EmptyRows(Arc<AtomicUsize>);

impl Commits for EmptyRows {
    fn head(&self, _: SheetId) -> Answer<'_, Revision> {
        Box::pin(async { Ok(Revision(0)) })
    }

    fn commit<'a>(&'a self, _: &'a CommitBatch) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn note_order(&self, _: SheetId, _: u32) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn set_aside<'a>(&'a self, _: SheetId, _: Revision, _: &'a str) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}

impl Storage for EmptyRows {
    fn load_sheet(&self, _: SheetId) -> Answer<'_, Option<SheetRecord>> {
        Box::pin(async { Ok(Some(sample::record(ROWS, 1))) })
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
        Box::pin(async { Ok(Vec::new()) })
    }

    fn client_state(&self, _: SheetId, _: ClientId) -> Answer<'_, Option<ClientState>> {
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

fn join(key: SessionKey) -> (Request, SessionStream) {
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

/// As long as `unread` lives, the session has not left.
async fn reads_after(pings: u64) -> usize {
    let dir = tempfile::tempdir().expect("a directory");
    let options = JournalOptions { prefill_bytes: 0, ..JournalOptions::default() };
    let (journal, _) = Journal::open(dir.path(), options).expect("opens");
    let storage = EmptyRows::default();
    let nowhere = Store::unconnected(Config::new(), 1).expect("nothing is connected");
    let shared = Shared::new(Arc::new(nowhere), journal, Limits::DEFAULT, 1 << 20);
    let registry = Registry::new(Arc::new(Shared { storage: Arc::new(storage.clone()), ..shared }));
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
