//! A sheet that can't be opened is loaded once, and again when its row has changed.
//!
//! Not the loading. Invariant: each load is counted.

use std::sync::Arc;

use journal::{Journal, JournalOptions, StreamId};
use model::SheetRecord;
use model::limits::Limits;
use ot_engine::{ClientId, Delta, Revision};
use store::Store;
use tokio_postgres::Config;

use super::*;
use crate::Shared;
use crate::sample::one_sheet::{OneSheet, Row};
use crate::sample::{self, SHEET};

/// A registry whose journal has an edit of a sheet that Postgres has like this.
async fn registry(dir: &std::path::Path, record: SheetRecord) -> (Registry, OneSheet, Journal) {
    let options = JournalOptions { prefill_bytes: 0, ..JournalOptions::default() };
    let (journal, _) = Journal::open(dir, options).expect("opens");
    let edit = sample::entry(1, ClientId(1), Delta::set_cell(0, 0, 5.0));
    journal.append(StreamId::LOCAL, vec![Arc::new(edit)]).await.expect("is appended");
    let storage = OneSheet::of(record);
    let nowhere = Store::unconnected(Config::new(), 1).expect("nothing is connected");
    let shared = Shared::new(Arc::new(nowhere), journal.clone(), Limits::DEFAULT, 1 << 20);
    let shared = Shared { storage: Arc::new(storage.clone()), ..shared };
    (Registry::new(Arc::new(shared)), storage, journal)
}

type Obstacle = (&'static str, fn(&mut SheetRecord));

/// What keeps a sheet from being opened.
const OBSTACLES: [Obstacle; 3] = [
    ("it is deleted", |record| record.deleted_micros = Some(1)),
    ("Postgres has another change there", |record| record.head = Revision(9)),
    ("the edit stands on another sheet", |record| *record = sample::record(0, 0)),
];

#[tokio::test]
async fn a_sheet_that_cant_be_opened_is_loaded_once_until_it_changes() {
    for (name, spoil) in OBSTACLES {
        let dir = tempfile::tempdir().expect("a directory");
        let mut record = sample::record(3, 1);
        spoil(&mut record);
        let (registry, storage, journal) = registry(dir.path(), record).await;
        assert_eq!(registry.recover().await, 1, "{name}");
        assert!(storage.loads() > 0, "{name}");
        for _ in 0..1_000 {
            assert_eq!(registry.recover().await, 0, "{name}");
        }
        assert_eq!(storage.loads(), 0, "{name}");
        // While Postgres is away nothing is known to have changed.
        storage.row().is_away = true;
        assert_eq!(registry.recover().await, 0, "{name}");
        assert_eq!(storage.loads(), 0, "{name}");
        // A caller opens it at any time, and learns the same.
        assert!(registry.open(SHEET).await.is_err(), "{name}");
        assert!(storage.loads() > 0, "{name}");
        // It is restored, and committed without a caller.
        let restored = SheetRecord { version: 2, ..sample::record(3, 1) };
        *storage.row() = Row::of(restored);
        assert_eq!(registry.recover().await, 1, "{name}");
        let mut committed = registry.get(SHEET).expect("is open").committed.clone();
        committed.wait_for(|head| *head == Revision(1)).await.expect("is committed");
        assert_eq!(journal.uncommitted_entries(), 0, "{name}");
    }
}

#[tokio::test]
async fn sheets_that_no_longer_wait_are_forgotten() {
    let dir = tempfile::tempdir().expect("a directory");
    let record = SheetRecord { deleted_micros: Some(1), ..sample::record(3, 1) };
    let (registry, storage, journal) = registry(dir.path(), record).await;
    registry.recover().await;
    assert!(registry.inner.left.contains(SHEET));
    journal.discard(SHEET).await;
    registry.recover().await;
    assert!(!registry.inner.left.contains(SHEET));
    assert_eq!(storage.row().stamps, 1, "without a sheet nothing is read");
}
