//! The committer against a small stand-in for Postgres that fails in every way it may.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use ot_engine::{AxisDelta, ClientId, ColumnId, Delta, LineId, RowId, Run, Sequence};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::ports::storage::Answer;
use crate::shared::CHECKPOINT_CHANGES;
use crate::state::SheetState;
use journal::{JournalOptions, StreamId};
use model::{AccountId, ColumnRecord, Origin, RowBody, SheetRecord, Span};

mod refused;

/// What becomes of one attempt to commit.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Lands,
    /// It does not land.
    Away,
    /// It lands and the answer is lost.
    AnswerLost,
}

#[derive(Debug, Default)]
struct Tables {
    head: Revision,
    log: Vec<Revision>,
    rows: BTreeMap<RowId, RowBody>,
    spans: BTreeMap<i64, Span>,
    /// Fates of the attempts to come; afterwards all land.
    fates: VecDeque<Fate>,
    transactions: usize,
    /// A batch of more is refused.
    most_entries: Option<usize>,
    /// It can't be stored.
    poison: Option<Revision>,
    set_aside: Option<(Revision, String)>,
}

#[derive(Clone, Debug, Default)]
struct Postgres(Arc<Mutex<Tables>>);

impl Postgres {
    async fn try_commit(&self, batch: &CommitBatch) -> Result<(), StoreError> {
        tokio::time::sleep(Duration::from_millis(3)).await;
        let mut tables = self.0.lock().unwrap();
        let fate = tables.fates.pop_front().unwrap_or(Fate::Lands);
        if let Fate::Away = fate {
            return Err(StoreError::Unavailable("away".into()));
        }
        let poisoned = |entry: &Arc<Entry>| Some(entry.revision) == tables.poison;
        let too_many = tables.most_entries.is_some_and(|most| batch.entries.len() > most);
        if too_many || batch.entries.iter().any(poisoned) {
            return Err(StoreError::Refused("it can't be stored".into()));
        }
        if tables.head == batch.previous {
            tables.land(batch);
        } else if !tables.log.contains(&batch.head) {
            return Err(StoreError::Conflict { expected: batch.previous, found: tables.head });
        }
        match fate {
            Fate::AnswerLost => Err(StoreError::Unavailable("lost".into())),
            _ => Ok(()),
        }
    }
}

impl Commits for Postgres {
    fn head(&self, _: SheetId) -> Answer<'_, Revision> {
        Box::pin(async { Ok(self.0.lock().unwrap().head) })
    }

    fn commit<'a>(&'a self, batch: &'a CommitBatch) -> Answer<'a, ()> {
        Box::pin(self.try_commit(batch))
    }

    fn note_order(&self, _: SheetId, _: u32) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn set_aside<'a>(&'a self, _: SheetId, head: Revision, why: &'a str) -> Answer<'a, ()> {
        self.0.lock().unwrap().set_aside = Some((head, why.to_owned()));
        Box::pin(async { Ok(()) })
    }
}

impl Tables {
    fn land(&mut self, batch: &CommitBatch) {
        self.transactions += 1;
        self.head = batch.head;
        self.log.extend(batch.entries.iter().map(|entry| entry.revision));
        for (row, patch) in &batch.row_patches {
            self.rows.entry(*row).or_default().merge(patch);
        }
        for key in &batch.removed_spans {
            self.spans.remove(key);
        }
        self.spans.extend(batch.upserted_spans.iter().map(|span| (span.key, *span)));
    }
}

const SHEET: SheetId = SheetId(Uuid::from_u128(5));

fn record() -> SheetRecord {
    SheetRecord {
        id: SHEET,
        owner: AccountId(Uuid::nil()),
        name: "".into(),
        version: 1,
        epoch: 1,
        head: Revision(0),
        next_row_id: RowId(1),
        next_column_id: ColumnId(2),
        row_count: 0,
        columns: vec![ColumnRecord {
            id: ColumnId(1),
            name: "".into(),
            kind: ot_engine::ColumnKind::Any,
            width: None,
        }],
        spans: vec![],
        created_micros: 0,
        changed_micros: 0,
        deleted_micros: None,
        set_aside: None,
    }
}

/// An open sheet as its task has it: state, journal, committer.
struct Sheet {
    state: SheetState,
    journal: Journal,
    committer: Committer,
    revision: u64,
    cells: BTreeMap<RowId, RowBody>,
    _dir: tempfile::TempDir,
}

impl Sheet {
    fn open(postgres: &Postgres) -> Self {
        Self::open_with(postgres, &Arc::default())
    }

    fn open_with(postgres: &Postgres, suspects: &Arc<Suspects>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (journal, _) = Journal::open(dir.path(), JournalOptions::default()).unwrap();
        let committer = Committer::spawn(
            Arc::new(postgres.clone()),
            journal.clone(),
            Arc::new(Semaphore::new(COMMITS_AT_ONCE)),
            SHEET,
            Revision(0),
            CHECKPOINT_CHANGES,
            Arc::clone(suspects),
        );
        let state = SheetState::new(&record()).unwrap();
        Self { state, journal, committer, revision: 0, cells: BTreeMap::new(), _dir: dir }
    }

    /// Inserts a row at a share of the sheet and writes its number into it.
    async fn edit(&mut self, place: u32) {
        let entry = self.next(place);
        self.journal.append(StreamId::LOCAL, vec![entry.clone()]).await.unwrap();
        self.accept(entry);
    }

    fn next(&mut self, place: u32) -> Arc<Entry> {
        self.revision += 1;
        let at = place % (self.state.row_count() + 1);
        let first = Some(LineId(self.state.next_row_id().0));
        let delta = Delta {
            rows: AxisDelta::from_runs([Run::Keep(at), Run::Insert { count: 1, first }]),
            ..Delta::set_cell(at, 0, self.revision as f64)
        };
        Arc::new(Entry {
            sheet: SHEET,
            revision: Revision(self.revision),
            client: ClientId(1),
            sequence: Sequence(self.revision),
            base: Revision(self.revision - 1),
            account: AccountId(Uuid::nil()),
            at_micros: 0,
            origin: Origin::Edit,
            delta: Arc::new(delta),
            texts: Default::default(),
            conflicts: Default::default(),
        })
    }

    fn accept(&mut self, entry: Arc<Entry>) {
        let effects = self.state.apply(&entry).unwrap();
        for (row, patch) in &effects.row_patches {
            self.cells.entry(*row).or_default().merge(patch);
        }
        self.committer.push(entry, effects);
    }

    async fn all_committed(&self) {
        let head = Revision(self.revision);
        let mut committed = self.committer.watch_committed();
        committed.wait_for(|revision| *revision >= head).await.unwrap();
    }

    fn check(&self, postgres: &Postgres) {
        let tables = postgres.0.lock().unwrap();
        let revisions: Vec<_> = (1..=self.revision).map(Revision).collect();
        assert_eq!(tables.log, revisions, "each entry once, in order");
        assert!(tables.spans.values().eq(self.state.spans().spans()));
        assert_eq!(tables.rows, self.cells);
    }
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![Just(Fate::Lands), Just(Fate::Away), Just(Fate::AnswerLost)]
}

fn paused() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn everything_lands_once_and_in_order_whatever_postgres_does(
        bursts in prop::collection::vec((prop::collection::vec(any::<u32>(), 1..8), 0..9_u64), 1..8),
        fates in prop::collection::vec(fate(), 0..12),
    ) {
        paused().block_on(async {
            let postgres = Postgres::default();
            postgres.0.lock().unwrap().fates = fates.into();
            let mut sheet = Sheet::open(&postgres);
            for (places, pause_ms) in bursts {
                for place in places {
                    sheet.edit(place).await;
                }
                tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            }
            sheet.all_committed().await;
            sheet.check(&postgres);
            // The journal is told after the watchers.
            tokio::time::sleep(Duration::from_millis(1)).await;
            assert_eq!(sheet.journal.uncommitted_entries(), 0);
        });
    }
}

#[test]
fn what_gathers_during_a_transaction_goes_into_the_next_one() {
    paused().block_on(async {
        let postgres = Postgres::default();
        let mut sheet = Sheet::open(&postgres);
        let first = sheet.next(0);
        sheet.accept(first);
        tokio::time::sleep(Duration::from_millis(1)).await;
        for place in 0..500 {
            let entry = sheet.next(place);
            sheet.accept(entry);
        }
        sheet.all_committed().await;
        sheet.check(&postgres);
        assert_eq!(postgres.0.lock().unwrap().transactions, 2);
    });
}

#[test]
fn another_history_in_postgres_ends_the_committer() {
    paused().block_on(async {
        let postgres = Postgres::default();
        postgres.0.lock().unwrap().head = Revision(3);
        let mut sheet = Sheet::open(&postgres);
        sheet.edit(0).await;
        assert!(sheet.committer.watch_committed().changed().await.is_err());
        assert_eq!(sheet.journal.uncommitted_entries(), 1, "the journal keeps it");
    });
}

#[test]
fn what_others_have_committed_a_part_of_is_not_written_again() {
    paused().block_on(async {
        let postgres = Postgres::default();
        let mut sheet = Sheet::open(&postgres);
        // One transaction would write them.
        for place in 0..3 {
            let entry = sheet.next(place);
            sheet.accept(entry);
        }
        postgres.0.lock().unwrap().head = Revision(2);
        sheet.committer.landed(Revision(2));
        let mut committed = sheet.committer.watch_committed();
        assert!(committed.wait_for(|revision| *revision >= Revision(3)).await.is_err());
        assert_eq!(postgres.0.lock().unwrap().transactions, 0);
    });
}
