//! The system of record: sheets, rows, the operation log and accounts in Postgres.
//!
//! **What it is not.** It knows the domain types of `model` and no wire type, and it has no state of a sheet
//! between calls. All SQL of the server is here, with parameters only.
//!
//! **Where to start.** `commit.rs` writes a batch to all tables that it concerns. Each folder is a group of
//! tables: `sheets`, `rows`, `log`, `accounts`, `nodes` (with their sessions), `jobs`, `people`, `files`. `bulk` reads
//! and writes whole sheets, and `audit` reads the tables for the check. `database` has the connections.
//!
//! Invariants: a sheet's tables are at one revision, `sheets.head`, because one statement writes a whole batch
//! and is conditional on the head before; a connection that did not answer in time is not used again.

mod accounts;
mod ask;
mod audit;
mod bulk;
mod commit;
mod database;
mod error;
mod files;
mod jobs;
mod log;
mod migration;
mod nodes;
mod people;
mod query;
mod rows;
mod sharing;
mod sheets;
mod sql;

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tasks::Tasks;
use tokio_postgres::NoTls;
use tokio_postgres_rustls::MakeRustlsConnect;

pub use accounts::changes::{AccountToken, Profile};
pub use accounts::identities::PersonOf;
pub use accounts::mailed_links::{LinkFor, LinkPurpose};
pub use accounts::operator::ListedAccount;
pub use accounts::provider_sign_ins::NamedPerson;
pub use accounts::renewal::{Renewal, Renewed};
pub use accounts::resets::PasswordReset;
pub use audit::{
    Audit, AuditedBefore, AuditedChange, AuditedColumn, AuditedRow, AuditedSheet, AuditedSpan,
    MarkedOrder, Pruned, RepeatedName,
};
pub use bulk::export::ExportReader;
pub use bulk::import::{ImportWriter, NewImport};
pub use commit::LargeRows;
pub use database::{BadUrl, Database};
pub use error::StoreError;
pub use files::changes::Renamed;
pub use files::finish::Finished;
pub use files::links::{LinkedFile, MadeLink};
pub use files::list::{FileFilter, FileKey, FilePlace, FileScope};
pub use files::made::{CommittedFile, MadeFile};
pub use files::original::DeletedOriginal;
pub use files::pieces::Noted;
pub use files::tables::commit::{CommittedTables, NewTable};
pub use files::tables::drafts::{DraftPiece, Grown};
pub use files::uploads::{NewUpload, Started};
pub use files::views::{CommittedView, NewView};
pub use jobs::persons::operated::{JobPlan, OperatedJob};
pub use jobs::persons::readings::FileReading;
pub use jobs::persons::views::TableQuestion;
pub use jobs::persons::{JobFilter, JobPlace, PersonJob, Retried};
pub use jobs::queue::TakenOver;
pub use jobs::{Hold, JobId, JobRecord, JobState, NewJob, TakenJob};
pub use log::changes::{CHANGES_AT_PLACE, ClientState, Logged, OwnChange};
pub use log::checkpoints::Around;
pub use log::history::{ChangeFilter, Listed, ListedBack, SCANNED_REVISIONS};
pub use log::retention::{DueSheet, Kept};
pub use nodes::sessions::{LISTED_SESSIONS, SessionFilter};
pub use nodes::workers::{NodeFacts, WorkingNode};
pub use people::{CommentFilter, FoundPeople, NoticesAfter, PeopleFilter, PersonPlace, Sent};
pub use query::{Found, FoundRow, RowFinder};
pub use rows::snapshot::{HeldQuery, Moment, RowVersions};
pub use sharing::UsedRole;
pub use sharing::links::LinkPlace;
pub use sheets::SheetFilter;
pub use sheets::aside::{Aside, ParkedChange};
pub use sheets::stamps::SheetStamp;

pub use sql::kind_to_sql as kind_name;

use database::connection::{Connection, Pools, Purpose};
use model::limits::edge::BULK_CONNECTIONS;

/// How long a call waits for a free connection.
const WAIT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long making a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a query may take, seen from here.
const QUERY_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a lookup of one row may take on which a call depends: its token, the owner of its sheet.
/// Short, so that callers soon receive the answer that Postgres is away.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);
/// A lookup that is not answered within this may stand on a dead connection.
const LOOKUP_SOON: Duration = Duration::from_secs(1);
/// How long a commit may take, seen from here: batches are large after an outage.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(150);
/// How long any statement may take, seen from Postgres. Below [`COMMIT_TIMEOUT`], so that Postgres
/// ends a slow statement, with its reason, before the clock here does.
const STATEMENT_TIMEOUT_MS: u32 = 120_000;
/// How long a peer may leave sent bytes unacknowledged before the connection counts as broken.
const TCP_TIMEOUT: Duration = Duration::from_secs(15);
/// One of so many connections is kept back for commits, and one for access.
const KEPT_BACK: usize = 4;
/// Names the lock that keeps two nodes from migrating at once.
const MIGRATION_LOCK: i64 = 0x67_72_69_64_6c_6f_6f_6d;

/// A handle on the database; cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Store {
    pools: Arc<Pools>,
    /// Whose connections the statements of this handle use.
    purpose: Purpose,
}

impl Store {
    /// Connects with up to `pool_size` connections (and a few for imports and exports), and makes
    /// sure that one works.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] with the reason.
    pub async fn connect(
        database: impl Into<Database>,
        pool_size: usize,
    ) -> Result<Self, StoreError> {
        let store = Self::unconnected(database, pool_size)?;
        store.ping().await?;
        Ok(store)
    }

    /// The same without a connection yet: the first query makes one.
    ///
    /// # Errors
    /// [`StoreError::Internal`]: the pool does not take these settings.
    pub fn unconnected(
        database: impl Into<Database>,
        pool_size: usize,
    ) -> Result<Self, StoreError> {
        let database = database.into();
        let kept_back = (pool_size / KEPT_BACK).max(1);
        let pool_size = pool_size.saturating_sub(2 * kept_back).max(1);
        let pools = Pools {
            calls: build_pool(&database, pool_size)?,
            commits: build_pool(&database, kept_back)?,
            access: build_pool(&database, kept_back)?,
            bulk: build_pool(&database, BULK_CONNECTIONS)?,
            tls: database.tls.clone().map(MakeRustlsConnect::new),
            tasks: Tasks::new(),
            noted: Default::default(),
        };
        Ok(Self { pools: Arc::new(pools), purpose: Purpose::Calls })
    }

    /// The owner of the tasks of this store and of the server that it serves.
    #[must_use]
    pub fn tasks(&self) -> &Tasks {
        &self.pools.tasks
    }

    /// The most connections that calls use at once; their statements wait for one another beyond.
    #[must_use]
    pub fn call_connections(&self) -> usize {
        self.pools.calls.status().max_size
    }

    /// The same store, whose statements use the connections that are kept back for access.
    pub(crate) fn for_access(&self) -> Self {
        Self { purpose: Purpose::Access, ..self.clone() }
    }

    /// The same store, whose statements use the connections that are kept back for commits.
    pub(crate) fn for_commits(&self) -> Self {
        Self { purpose: Purpose::Commits, ..self.clone() }
    }

    /// Pings Postgres.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn ping(&self) -> Result<(), StoreError> {
        let connection = self.connection().await?;
        connection.within(QUERY_TIMEOUT, connection.batch_execute("")).await
    }

    async fn connection(&self) -> Result<Connection, StoreError> {
        Connection::get(&self.pools, self.purpose).await
    }
}

fn build_pool(database: &Database, size: usize) -> Result<Pool, StoreError> {
    let mut config = database.config.clone();
    let given = config.get_options().map(|options| format!("{options} ")).unwrap_or_default();
    config.options(format!("{given}-c statement_timeout={STATEMENT_TIMEOUT_MS}"));
    config.application_name("gridloom");
    config.connect_timeout(CONNECT_TIMEOUT).tcp_user_timeout(TCP_TIMEOUT);
    config.keepalives_idle(TCP_TIMEOUT);
    let recycling_method = RecyclingMethod::Fast;
    let settings = ManagerConfig { recycling_method };
    let manager = match &database.tls {
        Some(tls) => Manager::from_config(config, MakeRustlsConnect::new(tls.clone()), settings),
        None => Manager::from_config(config, NoTls, settings),
    };
    Pool::builder(manager)
        .max_size(size)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(WAIT_TIMEOUT))
        .create_timeout(Some(CONNECT_TIMEOUT))
        .build()
        .map_err(|error| StoreError::Internal(error.to_string()))
}
