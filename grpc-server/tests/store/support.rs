//! What the store's tests share: one Postgres for all of them, and short ways to make things.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use grpc_server::model::{
    AccountId, AccountRecord, CommitBatch, Entry, NewColumn, NewSheet, RowPatch, SheetId,
    SheetRecord, now_micros,
};
use grpc_server::postgres::EmbeddedPostgres;
use grpc_server::store::Store;
use ot_engine::{CellEdit, ClientId, ColumnKind, Delta, Edit, Revision, RowId, Sequence, Value};
use tokio::sync::OnceCell;
use tokio_postgres::{Client, Config, NoTls};

pub(crate) type Outcome = Result<(), Box<dyn std::error::Error>>;

/// One test's connections.
const POOL_CONNECTIONS: usize = 4;

/// The server ends with the process: it is bound to the thread that watches it.
static POSTGRES: OnceCell<(EmbeddedPostgres, Config)> = OnceCell::const_new();

/// A migrated database that is new in this run.
async fn database() -> &'static Config {
    let start = || async {
        // Kept from run to run, which saves making the cluster; emptied of databases instead.
        let directory: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join("store");
        let (postgres, mut config) = EmbeddedPostgres::start(&directory).await.expect("Postgres");
        let client = connect(&config).await;
        let old = "select datname from pg_database where datname like 'test\\_%'";
        for row in client.query(old, &[]).await.expect("a list of databases") {
            let name: String = row.get(0);
            client.batch_execute(&format!("drop database {name}")).await.expect("dropped");
        }
        let name = format!("test_{}", uuid::Uuid::new_v4().simple());
        client.batch_execute(&format!("create database {name}")).await.expect("a new database");
        config.dbname(name);
        let store = Store::connect(config.clone(), 1).await.expect("a store");
        store.migrate().await.expect("tables");
        (postgres, config)
    };
    &POSTGRES.get_or_init(start).await.1
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
    }
}

pub(crate) fn new_sheet(owner: AccountId, row_count: u32) -> NewSheet {
    let columns = vec![column("a"), column("b")];
    NewSheet { id: SheetId::generate(), owner, name: "Stock".into(), columns, row_count }
}

pub(crate) fn column(name: &str) -> NewColumn {
    NewColumn { name: name.into(), kind: ColumnKind::Text, width: None }
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
        delta: Arc::new(Delta { cells, ..Delta::default() }),
    }
}

/// A batch of such entries after `previous`, without effects.
pub(crate) fn batch(sheet: &SheetRecord, previous: u64, count: u64) -> CommitBatch {
    let entries = (1..=count).map(|step| Arc::new(entry(sheet, previous + step))).collect();
    CommitBatch {
        sheet: sheet.id,
        previous: Revision(previous),
        head: Revision(previous + count),
        entries,
        row_patches: Vec::new(),
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
