//! The support of the store's tests: one Postgres for all of them, and functions that create accounts and sheets.

use std::path::Path;
use std::sync::Arc;

use grpc_server::postgres::{EmbeddedPostgres, PostgresError};
use model::{
    AccountColor, AccountId, AccountRecord, AccountState, CommitBatch, Entry, NewColumn, NewSheet,
    Origin, RowPatch, SheetId, SheetRecord, now_micros,
};
use ot_engine::{CellEdit, ClientId, ColumnKind, Delta, Edit, Revision, RowId, Sequence, Value};
use store::{Store, StoreError};
use tokio::sync::OnceCell;
use tokio_postgres::{Client, Config, NoTls};

pub(crate) type Outcome = Result<(), Box<dyn std::error::Error>>;

/// One test's connections.
const POOL_CONNECTIONS: usize = 4;

/// Clusters to try, one for each process that runs tests of this binary at the same time.
const SLOTS: usize = 64;
/// The database of the tests is emptied when it has grown to this size.
const DATABASE_MAX_BYTES: i64 = 200 * 1024 * 1024;

/// The server ends with the process: it is bound to the thread that watches it.
static POSTGRES: OnceCell<(EmbeddedPostgres, Config)> = OnceCell::const_new();

/// A migrated database. It and its cluster are kept from run to run, and may hold what earlier
/// tests left: making them takes longer than most tests, and some runners start a process for each.
async fn database() -> &'static Config {
    let start = || async {
        let (postgres, maintenance) = start_postgres().await;
        let config = maintenance;
        let size = "select pg_database_size(current_database())";
        let client = connect(&config).await;
        let bytes: i64 = client.query_one(size, &[]).await.expect("an answer").get(0);
        if bytes > DATABASE_MAX_BYTES || migrate(&config).await.is_err() {
            // The server's role owns its database and creates no other.
            let empty = "drop schema public cascade; create schema public";
            client.batch_execute(empty).await.expect("emptied");
            migrate(&config).await.expect("tables");
        }
        (postgres, config)
    };
    &POSTGRES.get_or_init(start).await.1
}

/// In the first directory that no other process uses.
async fn start_postgres() -> (EmbeddedPostgres, Config) {
    for slot in 0..SLOTS {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("store-{slot}"));
        match EmbeddedPostgres::start(&directory).await {
            Err(PostgresError::InUse(_)) => {}
            started => return started.expect("Postgres"),
        }
    }
    panic!("{SLOTS} processes run these tests");
}

async fn migrate(config: &Config) -> Result<(), StoreError> {
    Store::connect(config.clone(), 1).await?.migrate().await
}

/// A plain connection, to look at the tables as a person would.
pub(crate) async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.expect("a connection");
    tokio::spawn(connection);
    client
}

/// A store with an account of its own; the tables are shared with other tests.
pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) config: Config,
    pub(crate) owner: AccountId,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let config = database().await.clone();
        let store = Store::connect(config.clone(), POOL_CONNECTIONS).await.expect("a store");
        let account = account(&format!("{}@example.com", uuid::Uuid::new_v4()));
        store.create_account(&account).await.expect("an account");
        Self { store, config, owner: account.id }
    }

    /// A sheet with text columns `a` and `b` and blank rows.
    pub(crate) async fn sheet(&self, row_count: u32) -> SheetRecord {
        let sheet = new_sheet(self.owner, row_count);
        self.store.create_sheet(&sheet).await.expect("a sheet")
    }
}

pub(crate) fn account(email: &str) -> AccountRecord {
    AccountRecord {
        id: AccountId::generate(),
        email: email.into(),
        display_name: "Ada".into(),
        password_hash: "$argon2id$".into(),
        created_micros: now_micros(),
        state: AccountState::Active,
        color: AccountColor::default(),
        locale: None,
        is_operator: false,
    }
}

pub(crate) fn new_sheet(owner: AccountId, row_count: u32) -> NewSheet {
    let columns = vec![column("a"), column("b")];
    NewSheet { id: SheetId::generate(), owner, name: "Stock".into(), columns, row_count }
}

pub(crate) fn column(name: &str) -> NewColumn {
    NewColumn { name: name.into(), kind: ColumnKind::Text, width: None, settings: "".into() }
}

/// An entry that sets one cell.
pub(crate) fn entry(sheet: &SheetRecord, revision: u64) -> Entry {
    let value = Value::Number(f64::from(u32::try_from(revision).expect("small")));
    let cells = vec![CellEdit { row: 0, col: 0, edit: Edit::Set(value) }];
    Entry {
        sheet: sheet.id,
        revision: Revision(revision),
        client: ClientId(7),
        sequence: Sequence(revision),
        base: Revision(revision - 1),
        account: sheet.owner,
        at_micros: now_micros(),
        origin: Origin::Edit,
        group: Default::default(),
        delta: ot_engine::SharedDelta::new(Delta { cells, ..Delta::default() }),
        texts: Default::default(),
        conflicts: Default::default(),
    }
}

/// A batch of such entries after `previous`, without effects.
pub(crate) fn batch(sheet: &SheetRecord, previous: u64, count: u64) -> CommitBatch {
    let entries: Vec<_> = (1..=count).map(|step| Arc::new(entry(sheet, previous + step))).collect();
    CommitBatch {
        sheet: sheet.id,
        previous: Revision(previous),
        head: Revision(previous + count),
        inverses: vec![None; entries.len()],
        first_new_row: sheet.next_row_id,
        entries,
        row_patches: Vec::new(),
        row_accounts: Vec::new(),
        removed_spans: Vec::new(),
        upserted_spans: Vec::new(),
        columns: None,
        next_row_id: sheet.next_row_id,
        next_column_id: sheet.next_column_id,
        row_count: sheet.row_count,
    }
}

/// A patch of one row.
pub(crate) fn patch(sheet: &SheetRecord, row: u64, cells: &[(usize, Value)]) -> (RowId, RowPatch) {
    let cells = cells.iter().map(|(column, value)| (sheet.columns[*column].id, value.clone()));
    (RowId(row), cells.collect())
}
