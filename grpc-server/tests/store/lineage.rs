//! A journal and a Postgres with different histories: the sheet stays closed, the journal is unchanged, and one error
//! is logged. With one history the sheet opens.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use journal::{Journal, JournalOptions, StreamId};
use model::limits::Limits;
use model::{Entry, Order, SheetRecord, now_micros};
use ot_engine::{ClientId, Delta, Revision, Sequence};
use sheet::open_error::Difference;
use sheet::open_error::OpenError;
use sheet::{Registry, Shared};
use tempfile::TempDir;

use crate::support::{Fixture, Outcome, batch, entry};

const ROW_CACHE_BYTES: usize = 1 << 20;

/// A server's journal in a directory of its own, and its open sheets on the tests' Postgres.
pub(crate) struct Node {
    journal: Journal,
    pub(crate) registry: Registry,
    _directory: TempDir,
}

impl Node {
    pub(crate) async fn with_journal(fixture: &Fixture, entries: &[Entry]) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let opened = Journal::open(directory.path(), JournalOptions::default());
        let (journal, _) = opened.expect("a journal");
        let entries = entries.iter().cloned().map(Arc::new).collect();
        journal.append(StreamId::LOCAL, entries).await.expect("room");
        let (store, limits) = (Arc::new(fixture.store.clone()), Limits::DEFAULT);
        let shared = Shared::new(store, journal.clone(), limits, ROW_CACHE_BYTES);
        Self { journal, registry: Registry::new(Arc::new(shared)), _directory: directory }
    }

    /// Opening fails, each time alike, and changes nothing.
    async fn refuses(&self, fixture: &Fixture, sheet: &SheetRecord, expected: (u64, Difference)) {
        let (tail, head) = (self.journal.tail(sheet.id), head_of(fixture, sheet).await);
        for _ in 0..2 {
            let opened = self.registry.open(sheet.id).await.map(|_| ());
            let Err(OpenError::Split { journal, committed, difference }) = opened else {
                panic!("{expected:?} was not seen: {opened:?}");
            };
            assert_eq!((journal.0, difference), expected);
            assert_eq!(committed, head);
        }
        assert_eq!(self.journal.tail(sheet.id), tail, "the journal is as it was");
        assert_eq!(head_of(fixture, sheet).await, head, "and so is Postgres");
    }
}

async fn head_of(fixture: &Fixture, sheet: &SheetRecord) -> Revision {
    fixture.store.load_sheet(sheet.id).await.expect("an answer").expect("is there").head
}

/// A sheet with `count` changes in Postgres, and those changes.
async fn committed(fixture: &Fixture, count: u64) -> (SheetRecord, Vec<Entry>) {
    let sheet = fixture.sheet(10).await;
    let changes = batch(&sheet, 0, count);
    fixture.store.commit(&changes).await.expect("lands");
    (sheet, changes.entries.iter().map(|entry| Entry::clone(entry)).collect())
}

#[tokio::test]
async fn a_journal_that_was_committed_in_part_continues() -> Outcome {
    let fixture = Fixture::new().await;
    let (sheet, mut entries) = committed(&fixture, 3).await;
    entries.extend((4..=6).map(|revision| entry(&sheet, revision)));
    let node = Node::with_journal(&fixture, &entries[1..]).await;
    let handle = node.registry.open(sheet.id).await?;
    assert_eq!(handle.head(), Revision(6));
    handle.committed(Revision(6)).await.expect("stays open");
    assert_eq!(fixture.store.changes(sheet.id, Revision(0), 100).await?, entries);
    Ok(())
}

#[tokio::test]
async fn changes_that_were_pruned_are_not_missed() -> Outcome {
    let fixture = Fixture::new().await;
    let (sheet, entries) = committed(&fixture, 3).await;
    let order = Order {
        spans: sheet.spans.clone(),
        columns: sheet.columns.clone(),
        knows_settings: true,
        next_row_id: sheet.next_row_id,
        next_column_id: sheet.next_column_id,
    };
    let way = (Revision(0), Revision(3));
    assert!(fixture.store.raise_floor(sheet.id, way, &order, now_micros()).await?);
    fixture.store.delete_below(sheet.id, Revision(3), 0).await?;
    let node = Node::with_journal(&fixture, &entries[..2]).await;
    assert_eq!(node.registry.open(sheet.id).await?.head(), Revision(3));
    Ok(())
}

#[tokio::test]
async fn another_change_under_the_same_revision_is_seen() {
    let fixture = Fixture::new().await;
    let (sheet, mut entries) = committed(&fixture, 3).await;
    entries[2].client = ClientId(8);
    entries.push(entry(&sheet, 4));
    let node = Node::with_journal(&fixture, &entries).await;
    node.refuses(&fixture, &sheet, (3, Difference::OtherChange)).await;
    // Also where nothing is ahead of Postgres: what differs was accepted and must not be dropped.
    let node = Node::with_journal(&fixture, &entries[2..3]).await;
    node.refuses(&fixture, &sheet, (3, Difference::OtherChange)).await;
}

#[tokio::test]
async fn a_database_that_is_too_old_is_seen() {
    let fixture = Fixture::new().await;
    let (sheet, _) = committed(&fixture, 3).await;
    let entries = [entry(&sheet, 6), entry(&sheet, 7)];
    let node = Node::with_journal(&fixture, &entries).await;
    node.refuses(&fixture, &sheet, (6, Difference::Gap)).await;
}

#[tokio::test]
async fn an_edit_that_is_committed_elsewhere_is_seen() {
    let fixture = Fixture::new().await;
    let (sheet, _) = committed(&fixture, 3).await;
    let again = Entry { sequence: Sequence(2), at_micros: now_micros(), ..entry(&sheet, 4) };
    let node = Node::with_journal(&fixture, &[again]).await;
    node.refuses(&fixture, &sheet, (4, Difference::OtherPlace)).await;
}

#[tokio::test]
async fn a_change_of_a_larger_sheet_is_seen_before_anything_lands() {
    let fixture = Fixture::new().await;
    let (sheet, _) = committed(&fixture, 3).await;
    let mut outside = entry(&sheet, 5);
    outside.delta = Delta::set_cell(10, 0, "x").into();
    let node = Node::with_journal(&fixture, &[entry(&sheet, 4), outside]).await;
    node.refuses(&fixture, &sheet, (5, Difference::Unfit)).await;
}

#[tokio::test]
async fn the_error_is_logged_once() {
    let fixture = Fixture::new().await;
    let (sheet, _) = committed(&fixture, 3).await;
    let node = Node::with_journal(&fixture, &[entry(&sheet, 6)]).await;
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer({
        let log = log.clone();
        move || log.clone()
    });
    let logging = tracing::subscriber::set_default(subscriber.finish());
    node.registry.recover().await;
    node.refuses(&fixture, &sheet, (6, Difference::Gap)).await;
    drop(logging);
    let log = log.text();
    assert_eq!(log.matches(&sheet.id.to_string()).count(), 1, "{log}");
    assert!(log.contains("different histories"), "{log}");
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
