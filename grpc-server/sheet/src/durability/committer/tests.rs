//! The committer against tables that fail in each way that Postgres may.
//!
//! Not about the decisions alone (`core/tests`). Invariant: each entry is committed once and in order.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::durability::sample::{Maker, SHEET, Tables};
use crate::ports::storage::Answer;
use journal::{JournalOptions, StreamId};
use model::allowance::{Rate, TOKEN_BYTES};
use model::{AccountId, CommitBatch};
use store::StoreError;

mod heavy;
mod refused;

/// So slow that nothing is earned in a test.
const RATE: Rate = Rate { burst: 100, one_each: Duration::from_secs(3_600) };

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
struct Server {
    tables: Tables,
    /// Fates of the attempts to come; afterwards all are committed.
    fates: VecDeque<Fate>,
    transactions: usize,
    /// A batch of more is refused.
    most_entries: Option<usize>,
    /// It can't be stored.
    poison: Option<Revision>,
    set_aside: Option<(Revision, String)>,
    /// The bytes of each row that is written.
    row_bytes: u64,
}

#[derive(Clone, Debug, Default)]
struct Postgres(Arc<Mutex<Server>>);

impl Postgres {
    async fn try_commit(&self, batch: &CommitBatch) -> Result<LargeRows, StoreError> {
        tokio::time::sleep(Duration::from_millis(3)).await;
        let mut server = self.0.lock().unwrap();
        let fate = server.fates.pop_front().unwrap_or(Fate::Lands);
        if let Fate::Away = fate {
            return Err(StoreError::Unavailable("away".into()));
        }
        let poisoned = |entry: &Arc<Entry>| Some(entry.revision) == server.poison;
        let too_many = server.most_entries.is_some_and(|most| batch.entries.len() > most);
        if too_many || batch.entries.iter().any(poisoned) {
            return Err(StoreError::Refused("it can't be stored".into()));
        }
        server.transactions += usize::from(server.tables.commit(batch)?);
        match fate {
            Fate::AnswerLost => Err(StoreError::Unavailable("lost".into())),
            _ => Ok(batch.row_patches.iter().map(|(row, _)| (*row, server.row_bytes)).collect()),
        }
    }
}

impl Commits for Postgres {
    fn head(&self, _: SheetId) -> Answer<'_, Revision> {
        Box::pin(async { Ok(self.0.lock().unwrap().tables.head) })
    }

    fn commit<'a>(&'a self, batch: &'a CommitBatch) -> Answer<'a, LargeRows> {
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

/// An open sheet as its task has it: state, journal, committer.
struct Sheet {
    maker: Maker,
    journal: Journal,
    committer: Committer,
    allowance: Arc<AccountAllowance>,
    _dir: tempfile::TempDir,
}

impl Sheet {
    fn open(postgres: &Postgres) -> Self {
        Self::open_with(postgres, &Arc::default())
    }

    fn open_with(postgres: &Postgres, quarantine: &Arc<Quarantine>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (journal, _) = Journal::open(dir.path(), JournalOptions::default()).unwrap();
        let committers = Committers {
            storage: Arc::new(postgres.clone()),
            journal: journal.clone(),
            turns: Arc::new(Semaphore::new(COMMITS_AT_ONCE)),
            checkpoint_changes: 1000,
            quarantine: Arc::clone(quarantine),
            tasks: Tasks::new(),
            allowance: Arc::new(AccountAllowance::new(RATE)),
        };
        let allowance = Arc::clone(&committers.allowance);
        let committer = committers.start(SHEET, Revision(0));
        Self { maker: Maker::default(), journal, committer, allowance, _dir: dir }
    }

    /// Inserts a row at a share of the sheet and writes its number into it.
    async fn edit(&mut self, place: u32) {
        let entry = self.maker.next(place);
        self.journal.append(StreamId::LOCAL, vec![entry.clone()]).await.unwrap();
        self.accept(entry);
    }

    fn accept(&mut self, entry: Arc<Entry>) {
        let writes = self.maker.apply(&entry);
        self.committer.push(entry, writes);
    }

    async fn all_committed(&self) {
        let head = self.maker.head();
        let mut committed = self.committer.watch_committed();
        committed.wait_for(|revision| *revision >= head).await.unwrap();
    }

    fn check(&self, postgres: &Postgres) {
        postgres.0.lock().unwrap().tables.check(&self.maker);
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
    fn every_entry_is_committed_once_and_in_order_whatever_postgres_does(
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
            // The journal receives the head after the watchers.
            tokio::time::sleep(Duration::from_millis(1)).await;
            assert_eq!(sheet.journal.uncommitted_entries(), 0);
        });
    }
}

#[test]
fn entries_that_arrive_during_a_transaction_share_the_next_one() {
    paused().block_on(async {
        let postgres = Postgres::default();
        let mut sheet = Sheet::open(&postgres);
        let first = sheet.maker.next(0);
        sheet.accept(first);
        tokio::time::sleep(Duration::from_millis(1)).await;
        for place in 0..500 {
            let entry = sheet.maker.next(place);
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
        postgres.0.lock().unwrap().tables.head = Revision(3);
        let mut sheet = Sheet::open(&postgres);
        sheet.edit(0).await;
        assert!(sheet.committer.watch_committed().changed().await.is_err());
        assert_eq!(sheet.journal.uncommitted_entries(), 1, "the journal keeps it");
    });
}

#[test]
fn a_batch_that_another_node_has_committed_in_part_is_not_written_again() {
    paused().block_on(async {
        let postgres = Postgres::default();
        let mut sheet = Sheet::open(&postgres);
        // One transaction would write them.
        for place in 0..3 {
            let entry = sheet.maker.next(place);
            sheet.accept(entry);
        }
        postgres.0.lock().unwrap().tables.head = Revision(2);
        sheet.committer.committed_by_other(Revision(2));
        let mut committed = sheet.committer.watch_committed();
        assert!(committed.wait_for(|revision| *revision >= Revision(3)).await.is_err());
        assert_eq!(postgres.0.lock().unwrap().transactions, 0);
    });
}

#[test]
fn an_account_pays_for_the_rows_that_its_writes_rewrite() {
    paused().block_on(async {
        let postgres = Postgres::default();
        postgres.0.lock().unwrap().row_bytes = 10 * TOKEN_BYTES as u64;
        let mut sheet = Sheet::open(&postgres);
        let account = |number| AccountId(uuid::Uuid::from_u128(number));
        (1..4).for_each(|number| sheet.allowance.take(account(number)).expect("an edit"));
        // Also in one transaction.
        for number in [1, 2, 2, 2] {
            let entry = sheet.maker.next(0);
            sheet.accept(Arc::new(Entry { account: account(number), ..Entry::clone(&entry) }));
        }
        sheet.all_committed().await;
        tokio::time::sleep(Duration::from_millis(1)).await;
        for (number, paid) in [(1, 10), (2, 30), (3, 0)] {
            let left = (0..).take_while(|_| sheet.allowance.take(account(number)).is_ok()).count();
            assert_eq!(left, 99 - paid, "account {number}");
        }
    });
}
