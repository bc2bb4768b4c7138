//! The parts that a server needs before it listens: the data directory, the journal, Postgres and its tables.
//!
//! Not what runs on them (`lifecycle`). Invariant: the journal is opened first, because its lock keeps a second
//! server out of the data directory.

use std::io;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::connections::{self, Port};
use super::router;

use crate::config::Options;
use crate::postgres::{EmbeddedPostgres, PostgresError};
use crate::serve::StartError;
use journal::private::{self, Others};
use journal::{self, Journal, JournalOptions, OpenJournalError, RedisJournal};
use redis_link::{Redis, RedisUrl};
use store::{Store, StoreError};

/// The journal's folder in the data directory.
pub(crate) const JOURNAL_DIR: &str = "journal";

/// How long to wait before Postgres is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// The parts that keep what was accepted.
pub(super) struct Backend {
    pub(super) journal: Journal,
    /// The journal again, where it is in Redis.
    pub(super) redis: Option<RedisJournal>,
    pub(super) store: Store,
    /// `None` with the operator's own.
    pub(super) postgres: Option<EmbeddedPostgres>,
}

impl Backend {
    /// The journal first: its lock is what keeps two servers out of one data directory.
    pub(super) async fn open(options: &Options) -> Result<Self, StartError> {
        let redis = match &options.redis_url {
            Some(url) => Some(open_redis(options, url).await?),
            None => None,
        };
        let journal = match redis.clone() {
            Some(redis) => redis.into(),
            None => open_journal(options).await?,
        };
        let (store, postgres) = open_store(options).await?;
        Ok(Self { journal, redis, store, postgres })
    }
}

/// Opens the parts of a server among several, and waits as long as that takes: an operator starts all parts at
/// the same time. Health checks meanwhile answer that the server lives and is not ready.
pub(super) async fn wait_for(
    options: &Options,
    listener: &TcpListener,
    port: &Port,
) -> Result<Backend, StartError> {
    let (mut connections, never) = (JoinSet::new(), CancellationToken::new());
    let router = router::waiting(options).await;
    let answering = connections::accept(listener, port, router, &never, &mut connections);
    tokio::select! {
        opened = open_with_patience(options) => opened,
        () = answering => Err(StartError::Part("the server stopped".into())),
    }
}

async fn open_with_patience(options: &Options) -> Result<Backend, StartError> {
    let mut logged = String::new();
    loop {
        match Backend::open(options).await {
            // Waiting does not give it another password.
            Err(error @ StartError::Database(StoreError::NotLetIn(_))) => return Err(error),
            Err(StartError::Database(error)) if error.is_unavailable() => {
                let text = error.to_string();
                if logged != text {
                    tracing::warn!(%error, "Postgres of --database-url not reached; retrying");
                    logged = text;
                }
                tokio::time::sleep(RETRY).await;
            }
            opened => return opened,
        }
    }
}

/// Redis need not be there yet.
async fn open_redis(options: &Options, url: &RedisUrl) -> Result<RedisJournal, StartError> {
    if options.database_url.is_none() {
        return Err(StartError::Part("--redis-url needs --database-url".into()));
    }
    // Entries that an earlier start without Redis has left would be forgotten.
    let dir = options.data_dir.join(JOURNAL_DIR);
    let left = tokio::task::spawn_blocking(move || journal::inspect(&dir)).await;
    let left = left.map_err(|error| StartError::Part(error.to_string()))?;
    if let Some(left) = left.map_err(StartError::Journal)?.filter(|left| !left.tails.is_empty()) {
        return Err(StartError::Part(format!(
            "the journal in {} holds changes of {} sheets that may not be in Postgres; start once \
             without --redis-url and stop, so that they are",
            options.data_dir.display(),
            left.tails.len()
        )));
    }
    let redis = Redis::with_trust(url, &options.tls.trust.read()?);
    let redis = redis.map_err(|error| StartError::Part(error.to_string()))?;
    let bus = redis.bus();
    Ok(RedisJournal::new(redis, bus, Uuid::new_v4(), options.memory().journal))
}

async fn open_journal(options: &Options) -> Result<Journal, StartError> {
    let data_dir = options.data_dir.clone();
    make_data_dir(options)?;
    let limited = JournalOptions::limited(Some(options.journal_limit.bytes()));
    let limits = JournalOptions { memory_bytes: options.memory().journal, ..limited };
    let dir = data_dir.join(JOURNAL_DIR);
    let opened = tokio::task::spawn_blocking(move || Journal::open(&dir, limits));
    match opened.await.map_err(|error| StartError::Part(error.to_string()))? {
        Ok((journal, report)) => {
            tracing::info!(?report, "journal opened");
            Ok(journal)
        }
        Err(OpenJournalError::InUse(_)) => Err(StartError::DataDirInUse(data_dir)),
        Err(error) => Err(StartError::Journal(error)),
    }
}

/// Connects to Postgres (starting the embedded one without a URL) and brings the tables up to date.
pub(super) async fn open_store(
    options: &Options,
) -> Result<(Store, Option<EmbeddedPostgres>), StartError> {
    let pool = options.database_connections;
    if let Some(url) = &options.database_url {
        let database = url.database(&options.tls.trust.read()?).map_err(StartError::Database)?;
        let store = Store::connect(database, pool).await.map_err(StartError::Database)?;
        store.migrate().await.map_err(StartError::Database)?;
        return Ok((store, None));
    }
    make_data_dir(options)?;
    let started = EmbeddedPostgres::start(&options.data_dir).await;
    let (postgres, config) = started.map_err(|error| match error {
        PostgresError::InUse(_) => StartError::DataDirInUse(options.data_dir.clone()),
        error => StartError::Postgres(error),
    })?;
    let store = Store::connect(config, pool).await.map_err(StartError::Store)?;
    store.migrate().await.map_err(StartError::Store)?;
    Ok((store, Some(postgres)))
}

/// The data directory is for its owner alone. Root's embedded Postgres runs as another user, which goes
/// through to its own part.
pub(super) fn make_data_dir(options: &Options) -> Result<(), StartError> {
    let dir = &options.data_dir;
    let embedded = options.database_url.is_none();
    let others = match embedded && rustix::process::geteuid().is_root() {
        true => Others::PassThrough,
        false => Others::KeepOut,
    };
    match private::make_dir(dir, others) {
        // A volume whose modes are not this user's to set; the journal in it is.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied && dir.is_dir() => {
            tracing::warn!(%error, dir = %dir.display(), "the data directory stays open to others");
            Ok(())
        }
        made => made.map_err(|error| StartError::DataDir(dir.clone(), error)),
    }
}
