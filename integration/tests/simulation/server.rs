//! One life of a server: the real sheets and the real journal, on a simulated disk and Postgres.
//!
//! Not gRPC, and no accounts: peers send requests to the sheets' tasks as the service does. Invariant: a life
//! ends with its runtime, which drops every task at an await: that is the crash.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gridloom::convert;
use gridloom::v1;
use journal::{Attendant, Journal, JournalOptions, OpenJournalError};
use model::limits::Limits;
use model::{AccountColor, AccountId, Role, SheetId};
use ot_engine::{ClientId, Revision, Window};
use sheet::api::message::{Join, Request, SheetHandle};
use sheet::fanout::published::SessionKey;
use sheet::fanout::session::{self, SessionStream};
use sheet::fanout::sessions::SessionOwner;
use sheet::open_error::OpenError;
use sheet::ports::storage::Storage;
use sheet::{Registry, Shared};
use store::Store;
use tokio_postgres::Config;
use uuid::Uuid;

use super::disk::MemoryDisk;
use super::link::{Link, NodeTables};
use super::postgres::Tables;

/// Segments so small that a short run has several.
const JOURNAL: JournalOptions = JournalOptions {
    segment_bytes: 1_000,
    prefill_bytes: 300,
    limit_bytes: None,
    memory_bytes: usize::MAX,
};
/// So few bytes that the cache evicts rows and reads them again.
const ROW_CACHE_BYTES: usize = 600;
/// So short that sheets close and open again within a run.
const IDLE: Duration = Duration::from_secs(1);
/// Attempts to join an open sheet, as many as the service makes.
const JOIN_ATTEMPTS: usize = 3;

/// A running server.
pub(crate) struct Server {
    pub(crate) registry: Registry,
    pub(crate) journal: Journal,
    pub(crate) attendant: Attendant,
    /// Bytes that a torn write left.
    pub(crate) torn_bytes: u64,
}

/// A session, as the transport holds it.
pub(crate) struct OpenSession {
    pub(crate) handle: SheetHandle,
    pub(crate) key: SessionKey,
    pub(crate) stream: SessionStream,
}

impl Server {
    /// Starts on the present disk and tables. Needs a runtime, as do its tasks.
    pub(crate) fn start(disk: &MemoryDisk, tables: &Tables) -> Result<Self, OpenJournalError> {
        let disk = Arc::new(disk.clone());
        let (journal, attendant, report) =
            Journal::open_attended(disk, Path::new("journal"), JOURNAL)?;
        let registry = registry(journal.clone(), tables.clone());
        recover(&registry);
        Ok(Self { registry, journal, attendant, torn_bytes: report.torn_bytes })
    }
}

/// One of several servers.
pub(crate) struct Node {
    pub(crate) registry: Registry,
    pub(crate) journal: Journal,
    pub(crate) link: Link,
}

impl Node {
    /// Starts. Needs a runtime, as do its tasks.
    pub(crate) fn start(journal: Journal, tables: NodeTables, link: Link) -> Self {
        let node = Self { registry: registry(journal.clone(), tables), journal, link };
        node.recover();
        node
    }

    /// Opens the sheets with uncommitted entries, as servers do regularly.
    pub(crate) fn recover(&self) {
        recover(&self.registry);
    }
}

fn registry(journal: Journal, storage: impl Storage) -> Registry {
    let nowhere = Store::unconnected(Config::new(), 1).expect("no connection is made");
    let limits = Limits { session_frames: 64, ..Limits::DEFAULT };
    Registry::new(Arc::new(Shared {
        storage: Arc::new(storage),
        idle: IDLE,
        ..Shared::new(Arc::new(nowhere), journal, limits, ROW_CACHE_BYTES)
    }))
}

fn recover(registry: &Registry) {
    let registry = registry.clone();
    tokio::spawn(async move { registry.recover().await });
}

/// Opens a session as the service does.
pub(crate) async fn enter(
    registry: Registry,
    sheet: SheetId,
    new_client: ClientId,
    hello: v1::Hello,
) -> Result<OpenSession, OpenError> {
    let presented = !hello.client_id.is_empty();
    let client = match presented {
        true => convert::client_id_from_wire(&hello.client_id).expect("the server gave it"),
        false => new_client,
    };
    let window = hello.window.map_or(Window::ALL, convert::window_from_wire);
    let resume = hello.resume.map(|point| (point.epoch, Revision(point.revision)));
    let mut left = JOIN_ATTEMPTS;
    loop {
        let handle = registry.open(sheet).await?;
        let key = registry.session_key();
        let limits = &registry.shared().limits;
        let limits = session::SessionLimits {
            queue_frames: limits.session_frames as usize,
            message_bytes: limits.message_bytes as usize,
        };
        let status = |refusal: &_| gridloom::rpc::Status {
            message: format!("{refusal:?}"),
            ..gridloom::rpc::Status::default()
        };
        let room = registry.shared().memory.frames.of(account_of(client));
        let (outbox, stream) = session::channel(key, client, window.clone(), status, limits, room);
        let join = Join {
            key,
            session_id: format!("{}-{}", key.0, client.0),
            owner: SessionOwner {
                account: account_of(client),
                token_hash: [0; 32],
                role: Role::Owner,
                role_asked: 0,
                name: "".into(),
                color: AccountColor::default(),
                person_asked: 0,
            },
            client,
            presented,
            resume,
            window: window.clone(),
            outbox,
        };
        left -= 1;
        match handle.send(Request::Join(Box::new(join))).await {
            Ok(()) => return Ok(OpenSession { handle, key, stream }),
            Err(_) if left > 0 => {}
            Err(_) => return Err(OpenError::Draining),
        }
    }
}

/// Each client has an account of its own.
pub(crate) fn account_of(client: ClientId) -> AccountId {
    AccountId(Uuid::from_u128(client.0 | 1 << 100))
}
