//! Requests to all sheets where one of them stands still.

use std::path::Path;
use std::time::Duration;

use journal::{Journal, JournalOptions};
use model::limits::Limits;
use store::Store;
use tokio::sync::{mpsc, watch};
use tokio_postgres::Config;

use super::*;
use crate::api::message::INBOX_REQUESTS;

/// An open sheet whose task takes nothing yet.
fn sheet(registry: &Registry, number: u128) -> mpsc::Receiver<Request> {
    let (inbox, requests) = mpsc::channel(INBOX_REQUESTS);
    let revision = || watch::channel(Revision(0)).1;
    let id = SheetId(uuid::Uuid::from_u128(number));
    let room = registry.shared().memory.edits.of_sheet();
    let tasks = registry.shared().tasks.clone();
    let handle =
        SheetHandle { id, inbox, accepted: revision(), committed: revision(), room, tasks };
    let opening = std::future::ready(Ok(handle.clone())).boxed().shared();
    let early = Arc::<Early>::default();
    early.open(&handle);
    let slot = Slot { number: 0, opening, early };
    registry.inner.slots().insert(id, slot);
    requests
}

fn fill(registry: &Registry, number: u128) {
    let handle = registry.get(SheetId(uuid::Uuid::from_u128(number))).expect("is open");
    while handle.inbox.try_send(Request::Drain(0)).is_ok() {}
}

#[tokio::test(start_paused = true)]
async fn a_sheet_that_stands_still_holds_up_no_other() {
    let dir = tempfile::tempdir().expect("a directory");
    let options = JournalOptions { prefill_bytes: 0, ..JournalOptions::default() };
    let (journal, _) = Journal::open(dir.path(), options).expect("opens");
    let nowhere = Store::unconnected(Config::new(), 1).expect("nothing is connected");
    let shared = Shared::new(Arc::new(nowhere), journal, Limits::DEFAULT, 1 << 20);
    let registry = Registry::new(Arc::new(shared));
    let (mut still, mut other) = (sheet(&registry, 1), sheet(&registry, 2));
    fill(&registry, 1);
    let id = |number| SheetId(uuid::Uuid::from_u128(number));
    for number in [1, 2] {
        registry.revoke(id(number), [7; 32]);
    }
    registry.drain(9);
    registry.close(id(1), EndReason::NotFound);
    registry.close(id(2), EndReason::NotFound);
    let mut next = || other.try_recv().expect("was sent");
    assert!(matches!(next(), Request::Revoke(_)));
    assert!(matches!(next(), Request::Drain(9)));
    assert!(matches!(next(), Request::Close(_)));
    // The shutdown waits for commits, and no longer than it may.
    let shutdown = registry.shut_down(Duration::from_secs(30));
    tokio::time::timeout(Duration::from_secs(60), shutdown).await.expect("has a time limit");
    // The sheet gets them all when its task continues.
    let mut left = vec!["revoke", "drain", "close", "close"];
    while !left.is_empty() {
        let request = still.recv().await.expect("is sent");
        let name = match request {
            Request::Revoke(_) => "revoke",
            Request::Drain(9) => "drain",
            Request::Close(_) => "close",
            _ => continue,
        };
        left.remove(left.iter().position(|it| *it == name).expect("once"));
    }
}

/// A registry whose database can't be reached.
fn unconnected(dir: &Path) -> Registry {
    let options = JournalOptions { prefill_bytes: 0, ..JournalOptions::default() };
    let (journal, _) = Journal::open(dir, options).expect("opens");
    let mut nowhere = Config::new();
    nowhere.host("127.0.0.1").port(1);
    let nowhere = Store::unconnected(nowhere, 1).expect("nothing is connected");
    let shared = Shared::new(Arc::new(nowhere), journal, Limits::DEFAULT, 1 << 20);
    Registry::new(Arc::new(shared))
}

#[tokio::test(start_paused = true)]
async fn all_callers_of_an_opening_receive_its_failure() {
    let dir = tempfile::tempdir().expect("a directory");
    let registry = unconnected(dir.path());
    let id = SheetId(uuid::Uuid::from_u128(1));
    let callers = (0..100).map(|_| registry.open(id));
    // The first caller leaves; the others do not begin again.
    drop(tokio::time::timeout(Duration::ZERO, registry.open(id)).await);
    let results = futures_util::future::join_all(callers).await;
    let errors: Vec<_> =
        results.into_iter().map(|result| result.expect_err("no database")).collect();
    let OpenError::Store(first) = &errors[0] else { panic!("{:?}", errors[0]) };
    for error in &errors {
        assert!(matches!(error, OpenError::Store(other) if Arc::ptr_eq(first, other)), "{error:?}");
    }
    assert!(registry.inner.slots().is_empty(), "the next caller tries again");
}

#[tokio::test(start_paused = true)]
async fn an_opening_whose_callers_have_all_left_leaves_no_slot() {
    let dir = tempfile::tempdir().expect("a directory");
    let registry = unconnected(dir.path());
    let id = SheetId(uuid::Uuid::from_u128(1));
    drop(tokio::time::timeout(Duration::ZERO, registry.open(id)).await);
    assert_eq!(registry.inner.slots().len(), 1, "it is being opened");
    registry.shared().tasks.ended().await;
    assert!(registry.inner.slots().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_sheet_that_is_being_opened_receives_its_name_when_it_is_open() {
    let dir = tempfile::tempdir().expect("a directory");
    let registry = unconnected(dir.path());
    let mut requests = sheet(&registry, 1);
    let id = SheetId(uuid::Uuid::from_u128(1));
    let handle = registry.get(id).expect("is open");
    let early = Arc::<Early>::default();
    let opening = std::future::pending().boxed().shared();
    let slot = Slot { number: 1, opening, early: Arc::clone(&early) };
    registry.inner.slots().insert(id, slot);
    assert!(registry.get(id).is_none(), "is not open yet");
    for (version, name) in [(2, "First"), (3, "Stock")] {
        registry.set_name(id, SheetName { version, name: name.into() });
    }
    registry.revoke(id, [7; 32]);
    assert!(requests.try_recv().is_err(), "nothing arrives before it is open");
    early.open(&handle);
    let Ok(Request::Name(name)) = requests.try_recv() else { panic!("no name") };
    assert_eq!((name.version, &*name.name), (3, "Stock"), "of the names the newest one waited");
    assert!(matches!(requests.try_recv(), Ok(Request::Revoke(_))), "in the order of the calls");
}
