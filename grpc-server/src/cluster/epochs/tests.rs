//! No accepted entry is forgotten when an epoch ends: it is committed, or parked, or stays in memory.
//!
//! Not the agreement of several nodes, which the drills try. Invariant: a Postgres and a Redis of each test's own.

use model::limits::Limits;
use model::{
    AccountColor, AccountId, AccountRecord, AccountState, NewColumn, NewSheet, NodeId, NodeRecord,
    Origin, now_micros,
};
use ot_engine::{ClientId, ColumnKind, Delta, Sequence};

use journal::{Journal, OpenedStream};
use sheet::Shared;

use super::*;
use crate::cluster::session_registry::SessionRegistry;
use crate::postgres::EmbeddedPostgres;

#[allow(dead_code)]
#[path = "../../../redis-link/src/own_redis.rs"]
mod own_redis;
use own_redis::OwnRedis;

struct World {
    _directory: tempfile::TempDir,
    postgres: EmbeddedPostgres,
    redis: OwnRedis,
    store: Store,
    owner: AccountId,
    keeper: EpochKeeper,
}

impl World {
    async fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let (postgres, config) = EmbeddedPostgres::start(directory.path()).await.expect("starts");
        let store = Store::connect(config, 8).await.expect("connects");
        store.migrate().await.expect("tables");
        let owner = AccountRecord {
            id: AccountId::generate(),
            email: "ada@example.com".into(),
            display_name: "Ada".into(),
            password_hash: "$argon2id$".into(),
            created_micros: now_micros(),
            state: AccountState::Active,
            color: AccountColor::default(),
            locale: None,
            is_operator: false,
        };
        store.create_account(&owner).await.expect("an account");
        let redis = OwnRedis::start().await;
        let journal = node(&redis);
        let id = NodeId(journal.node());
        let (sessions, _) = SessionRegistry::start(store.clone(), id, 10);
        let (name, address) = ("one".into(), "127.0.0.1:1".into());
        let (journal_epoch, left_epoch, confirms_email) = (None, None, None);
        let record =
            NodeRecord { id: id.0, name, address, journal_epoch, left_epoch, confirms_email };
        let (membership, _) =
            Membership::start(store.clone(), record, sessions).await.expect("a heartbeat");
        let whole = Journal::from(journal.clone());
        let shared = Shared::new(Arc::new(store.clone()), whole, Limits::DEFAULT, 1 << 20);
        let registry = Registry::new(Arc::new(shared));
        let stop = CancellationToken::new();
        let keeper = EpochKeeper::new(journal, store.clone(), registry, membership, stop);
        Self { _directory: directory, postgres, redis, store, owner: owner.id, keeper }
    }

    /// A sheet of three rows.
    async fn sheet(&self) -> SheetId {
        let column =
            NewColumn { name: "a".into(), kind: ColumnKind::Any, width: None, settings: "".into() };
        let (id, owner) = (SheetId::generate(), self.owner);
        let sheet = NewSheet { id, owner, name: "".into(), columns: vec![column], row_count: 3 };
        self.store.create_sheet(&sheet).await.expect("a sheet");
        id
    }

    /// Edits of a row, from a revision on.
    fn edits(&self, sheet: SheetId, first: u64, row: u32) -> Vec<Arc<Entry>> {
        let edit = |revision: u64| Entry {
            sheet,
            revision: Revision(revision),
            client: ClientId(1),
            sequence: Sequence(revision),
            base: Revision(revision - 1),
            account: self.owner,
            at_micros: 5,
            origin: Origin::Edit,
            group: Default::default(),
            delta: Delta::set_cell(row, 0, revision as f64).into(),
            texts: Default::default(),
            conflicts: Default::default(),
        };
        (first..first + EDITS).map(edit).map(Arc::new).collect()
    }

    /// The entries that are in Postgres: committed, and parked.
    async fn kept(&self, sheet: SheetId) -> (u64, usize) {
        let parked = self.store.parked(sheet, 100).await.expect("an answer").len();
        (self.store.head(sheet).await.expect("an answer").0, parked)
    }
}

fn node(redis: &OwnRedis) -> RedisJournal {
    let connection = redis.connect();
    let bus = connection.bus();
    RedisJournal::new(connection, bus, Uuid::new_v4(), usize::MAX)
}

/// The edits of a sheet: more than are read of a former epoch at one go.
const EDITS: u64 = 10;

/// What keeps edits from being committed, and those that are committed all the same.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Fit,
    AnotherSheet,
    ChangesBeforeMissing,
    SetAside,
}

impl Kind {
    const ALL: [Self; 4] =
        [Self::Fit, Self::AnotherSheet, Self::ChangesBeforeMissing, Self::SetAside];

    async fn make(self, world: &World) -> (SheetId, Vec<Arc<Entry>>) {
        let sheet = world.sheet().await;
        if matches!(self, Self::SetAside) {
            world.store.set_aside(sheet, Revision(0), "a test").await.expect("is set aside");
        }
        let entries = match self {
            Self::Fit | Self::SetAside => world.edits(sheet, 1, 0),
            Self::AnotherSheet => world.edits(sheet, 1, 999),
            Self::ChangesBeforeMissing => world.edits(sheet, 5, 0),
        };
        (sheet, entries)
    }

    fn kept(self) -> (u64, usize) {
        match self {
            Self::Fit => (EDITS, 0),
            _ => (0, EDITS as usize),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_node_holds_at_the_end_of_an_epoch_is_committed_or_parked_and_then_forgotten() {
    let world = World::new().await;
    let journal = &world.keeper.journal;
    let mut sheets = Vec::new();
    for kind in Kind::ALL {
        let (sheet, entries) = kind.make(&world).await;
        Journal::from(journal.clone()).followed(&entries);
        sheets.push((kind, sheet));
    }
    assert_eq!(journal.held().len(), Kind::ALL.len());
    assert!(world.keeper.flush_held().await);
    for (kind, sheet) in sheets {
        assert_eq!(world.kept(sheet).await, kind.kept(), "{kind:?}");
    }
    assert_eq!(journal.held(), []);
    // Without Postgres nothing is forgotten, whatever would become of it.
    let mut held = 0;
    for kind in Kind::ALL {
        let (_, entries) = kind.make(&world).await;
        Journal::from(journal.clone()).followed(&entries);
        held += entries.len();
    }
    world.postgres.stop().await;
    assert!(!world.keeper.flush_held().await);
    assert_eq!(journal.held().iter().map(|(_, entries)| entries.len()).sum::<usize>(), held);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_dead_nodes_have_left_in_redis_is_committed_or_parked_and_then_deleted() {
    let world = World::new().await;
    let dead = node(&world.redis);
    let epoch = JournalEpoch::new(Uuid::new_v4());
    let id = epoch.id();
    assert!(dead.begin(&epoch, None).await.expect("an answer"));
    dead.enter(epoch);
    let dead = Journal::from(dead);
    let mut sheets = Vec::new();
    for kind in Kind::ALL {
        let (sheet, entries) = kind.make(&world).await;
        let before = Revision(entries[0].revision.0 - 1);
        let opened = dead.open_stream(sheet, before, Vec::new()).await.expect("an answer");
        let OpenedStream::Begun(stream) = opened else { panic!("{opened:?}") };
        for entry in entries {
            dead.append(stream, vec![entry]).await.expect("is appended");
        }
        sheets.push((kind, sheet));
    }
    world.keeper.flush_left(id).await.expect("both answer");
    for (kind, sheet) in sheets {
        assert_eq!(world.kept(sheet).await, kind.kept(), "{kind:?}");
    }
    assert_eq!(world.keeper.journal.dirty_sheets(id).await.expect("an answer"), []);
}
