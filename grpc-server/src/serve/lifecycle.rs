//! The life of a running server: recovery, serving, and the drain.
//!
//! Not the parts themselves. Invariant: the order of the shutdown. Sessions receive `Draining` first, connections end
//! next, accepted edits are committed while Postgres still runs, and Postgres stops last, after every task of the server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tasks::Tasks;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::backend::Backend;
use super::connections::{self, Port};
use super::queries::{self, FolderLock};
use super::router::{self, Built, Health};
use super::services::Parts;
use crate::cluster;
use crate::cluster::epochs::EpochKeeper;
use crate::cluster::membership::Membership;
use crate::cluster::session_registry::SessionRegistry;
use crate::config::{ByteSize, Options};
use crate::edge::keys::server_key::ServerKey;
use crate::edge::quotas::{Keeper, Quotas};
use crate::edge::rights::end_sessions::EndSessions;
use crate::edge::sign_in::provider::SignInProvider;
use crate::file_sweep::FileSweep;
use crate::housekeeping::{Prune, Sweep};
use crate::mail::{self, MailFacts, Mailer};
use crate::postgres::EmbeddedPostgres;
use crate::retention::Pruner;
use crate::serve::StartError;
use crate::serve::operator::Operator;
use crate::service::derivations::{DeriveFile, EnrichFile};
use crate::service::files::CheckedPlace;
use crate::service::tables::{Queries, ReadFile, ViewTable};
use crate::service::transfers::{FillParts, FillSheet, SaveFile, SaveParts};
use jobs::{Kind, Queue, Workers};
use journal::{Journal, RedisJournal};
use model::limits::FileLimits;
use model::{NodeId, now_micros};
use outbound::Outbound;
use redis_link::Bus;
use sheet::memory::SheetMemory;
use sheet::presence::link::PresenceBus;
use sheet::{Registry, Shared};
use store::{NodeFacts, Store};

/// How long the shutdown may wait for accepted edits to be committed; the journal keeps the rest.
const COMMIT_WITHIN: Duration = Duration::from_secs(30);
/// How long connections may take to end once their sessions have.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);
/// How long the last tasks may take to end: a commit may wait for Postgres.
const TASKS_WITHIN: Duration = Duration::from_secs(5);
/// How long the start waits until this node has entered an epoch.
const PLACE_WITHIN: Duration = Duration::from_secs(20);
struct Running {
    registry: Registry,
    health: Health,
    postgres: Option<EmbeddedPostgres>,
    drain: Duration,
    /// Of the folder of queries.
    _queries: FolderLock,
}

/// Starts to serve; the task ends when every part has ended.
pub(super) async fn start(
    options: Options,
    backend: Backend,
    (listener, port): (TcpListener, Port),
    stop: CancellationToken,
) -> Result<(JoinHandle<()>, Operator), StartError> {
    let Backend { journal, redis, store, postgres } = backend;
    let tasks = store.tasks().clone();
    let listen =
        listener.local_addr().map_err(|error| StartError::Listen(options.listen, error))?;
    let joined = Joined::join(&options, listen, &store, redis.as_ref()).await?;
    let mut owners = vec![tasks.clone(), port.tasks().clone()];
    owners.extend(joined.bus.as_ref().map(|bus| bus.tasks().clone()));
    let registry = joined.registry(&options, &store, journal);
    let reserve = (options.data_dir.clone(), options.disk_reserve.map(ByteSize::bytes));
    let storage = Arc::clone(&registry.shared().account_storage);
    let quotas = Quotas::new(store.clone(), options.limits.quotas, storage, reserve.clone());
    let place = CheckedPlace::new(store.clone(), &options.files, reserve);
    let place = place.map_err(StartError::Part)?;
    let mut ending = vec![tasks.spawn(Keeper::new(Arc::clone(&quotas)).run(stop.clone()))];
    let queue = Queue::new(store.clone());
    let key = ServerKey::load(&store).await;
    let key = key.map_err(|error| StartError::Part(Status::from(error).message().to_owned()))?;
    let trust = options.tls.trust.read()?;
    let mailer = Mailer::new(&options.mail, &trust);
    let letters = mail::kinds(&store, &key, mailer.map_err(StartError::Part)?);
    let provider = SignInProvider::new(&options.oidc, mail::public_url(&options, listen), &trust)?;
    ending.extend(provider.clone().map(|it| tasks.spawn(it.keep_current(stop.clone()))));
    let mail = MailFacts::new(&options, listen);
    let (engine, queries) = joined.queries(&options, &store).await?;
    let asks = (engine.clone(), options.outbound.client(&trust)?);
    let further = (Arc::clone(&quotas), queue.clone(), key, mail, Arc::clone(&place), asks.clone());
    let parts = joined.parts(&store, &registry, further, provider, &stop);
    let Built { router, health, ends, listening } = router::build(&options, parts).await?;
    let (drain, cut) = (CancellationToken::new(), CancellationToken::new());
    ending.extend([listening, tasks.spawn(port.transport().keep_current(stop.clone()))]);
    let serving = connections::serve(listener, port, router, drain.clone(), cut.clone());
    let connections = Connections { task: tasks.spawn(serving), drain, cut };
    let epochs = match redis {
        Some(journal) => Some(joined.keep_epochs(journal, &store, &registry, health.clone()).await),
        None => {
            health.set_ready(true).await;
            None
        }
    };
    let pruner = Pruner::new(store.clone(), registry.clone(), options.retention());
    let limits = (options.limits, options.files.limits);
    let readings = ReadFile::kinds(&store, &place, limits);
    let views = ViewTable::kinds(&store, &place, options.files.limits, &engine);
    let saves = (Arc::clone(&place), registry.clone(), options.files.limits);
    let fills = FillParts::new(&ends.check.roles, quotas, options.limits);
    let fill = FillSheet::new(store.clone(), place, fills);
    let own = own_jobs(&pruner, &store, ends, saves, asks, (readings, views, fill));
    let kinds = own.into_iter().chain(letters).collect();
    ending.push(tasks.spawn(Workers::new(queue, joined.node, kinds).run(stop.clone())));
    let operator = Operator { store, registry: registry.clone(), pruner };
    let running = Running { registry, health, postgres, drain: options.drain(), _queries: queries };
    let life = running.live(stop, ending, connections, joined, epochs, owners);
    Ok((Tasks::new().spawn(life), operator))
}

/// The kinds of jobs that need no letter.
fn own_jobs(
    pruner: &Pruner,
    store: &Store,
    ends: EndSessions,
    (place, registry, files): (Arc<CheckedPlace>, Registry, FileLimits),
    (engine, outbound): (Queries, Outbound),
    ([small, large], [small_views, views], fill): ([ReadFile; 2], [ViewTable; 2], FillSheet),
) -> [Arc<dyn Kind>; 12] {
    let access = ends.check.roles.access.clone();
    let sweep = FileSweep::new(store.clone(), Arc::clone(&place));
    let parts = SaveParts { store: store.clone(), place, access, registry, files };
    let derive = DeriveFile::new(parts.clone(), engine);
    let enrich = EnrichFile::new(parts.clone(), outbound);
    [
        Arc::new(Prune(pruner.clone())),
        Arc::new(Sweep(store.clone())),
        Arc::new(sweep),
        Arc::new(small),
        Arc::new(large),
        Arc::new(small_views),
        Arc::new(views),
        Arc::new(SaveFile::new(parts)),
        Arc::new(derive),
        Arc::new(enrich),
        Arc::new(fill),
        Arc::new(ends),
    ]
}

/// This server as one of those that share its Postgres.
struct Joined {
    node: NodeId,
    /// Where the others reach it.
    address: String,
    sessions: SessionRegistry,
    /// Ends after the sessions.
    recording: JoinHandle<()>,
    membership: Membership,
    /// Ends with the membership.
    heartbeats: JoinHandle<()>,
    bus: Option<Bus>,
    /// Cancelled when it leaves the others.
    leaving: CancellationToken,
}

impl Joined {
    async fn join(
        options: &Options,
        listen: SocketAddr,
        store: &Store,
        redis: Option<&RedisJournal>,
    ) -> Result<Self, StartError> {
        let node = redis.map_or_else(NodeId::generate, |it| NodeId(it.node()));
        let kept = options.limits.quotas.account_recorded_sessions;
        let (sessions, recording) = SessionRegistry::start(store.clone(), node, kept);
        let record = cluster::record(node, options, listen);
        let address = record.address.clone();
        let started = Membership::start(store.clone(), record, sessions.clone()).await;
        let (membership, heartbeats) = started.map_err(StartError::Store)?;
        let (bus, leaving) = (redis.map(|it| it.bus().clone()), CancellationToken::new());
        Ok(Self { node, address, sessions, recording, membership, heartbeats, bus, leaving })
    }

    /// The engine of queries, for whose operator this notes what it has.
    async fn queries(
        &self,
        options: &Options,
        store: &Store,
    ) -> Result<(Queries, FolderLock), StartError> {
        let (engine, lock) = queries::open(options).await?;
        let (threads, memory) = engine.room();
        let facts = NodeFacts {
            threads: u32::try_from(threads).unwrap_or(u32::MAX),
            memory_bytes: u64::try_from(memory).unwrap_or(u64::MAX),
            release: env!("CARGO_PKG_VERSION").to_owned(),
        };
        store.describe_node(self.node, &facts).await.map_err(StartError::Store)?;
        Ok((engine, lock))
    }

    /// The open sheets: none yet.
    fn registry(&self, options: &Options, store: &Store, journal: Journal) -> Registry {
        // On a machine with less than this, an open sheet would not work anyway.
        let row_cache = usize::try_from(options.row_cache.bytes()).unwrap_or(usize::MAX);
        let peers = self.membership.peers();
        let presence = self.bus.clone().map(|bus| PresenceBus { node: self.node, bus, peers });
        Registry::new(Arc::new(Shared {
            checkpoint_changes: options.checkpoint_changes,
            memory: SheetMemory::new(&options.memory()),
            tasks: store.tasks().clone(),
            presence,
            ..Shared::new(Arc::new(store.clone()), journal, options.limits, row_cache)
        }))
    }

    fn parts<'a>(
        &'a self,
        store: &'a Store,
        registry: &'a Registry,
        (quotas, queue, key, mail, place, (engine, outbound)): (
            Arc<Quotas>,
            Queue,
            ServerKey,
            MailFacts,
            Arc<CheckedPlace>,
            (Queries, Outbound),
        ),
        provider: Option<Arc<SignInProvider>>,
        stop: &CancellationToken,
    ) -> Parts<'a> {
        let Self { sessions, membership, address, .. } = self;
        let (bus, stop) = (self.bus.clone(), stop.clone());
        Parts {
            store,
            registry,
            sessions,
            membership,
            address,
            bus,
            quotas,
            queue,
            key,
            mail,
            provider,
            place,
            engine,
            outbound,
            stop,
        }
    }

    /// Starts the task that keeps this node in the epoch of the others, and waits a moment for it. Until
    /// the node has entered an epoch the server is not ready: it serves, and refuses to open sheets.
    async fn keep_epochs(
        &self,
        journal: RedisJournal,
        store: &Store,
        registry: &Registry,
        health: Health,
    ) -> JoinHandle<()> {
        let (tasks, stop) = (store.tasks(), self.leaving.clone());
        let membership = self.membership.clone();
        let keeper =
            EpochKeeper::new(journal, store.clone(), registry.clone(), membership, stop.clone());
        let mut place = keeper.watch_place();
        let mut found = keeper.watch_place();
        let task = tasks.spawn(keeper.run());
        tasks.spawn(async move {
            let reporting = async {
                while place.changed().await.is_ok() {
                    let found = *place.borrow_and_update();
                    health.set_ready(found).await;
                }
            };
            stop.run_until_cancelled(reporting).await;
        });
        // The task continues when it takes longer.
        let _ = tokio::time::timeout(PLACE_WITHIN, found.wait_for(|found| *found)).await;
        task
    }

    /// Leaves the others, once every session has ended.
    async fn leave(self, epochs: Option<JoinHandle<()>>) {
        self.sessions.finish().await;
        drop(self.recording.await);
        self.leaving.cancel();
        if let Some(epochs) = epochs {
            drop(epochs.await);
        }
        self.membership.stop();
        drop((self.membership, self.heartbeats.await));
    }
}

/// The task of the connections, and what ends it.
struct Connections {
    task: JoinHandle<()>,
    drain: CancellationToken,
    cut: CancellationToken,
}

impl Running {
    /// Recovers, serves until `stop`, and ends all parts in their order; the tasks of `ending` end after `stop`.
    async fn live(
        self,
        stop: CancellationToken,
        ending: Vec<JoinHandle<()>>,
        connections: Connections,
        joined: Joined,
        epochs: Option<JoinHandle<()>>,
        owners: Vec<Tasks>,
    ) {
        let recovered = self.registry.recover().await;
        if recovered > 0 {
            tracing::info!(sheets = recovered, "entries in the journal recovered");
        }
        stop.cancelled().await;
        for task in ending {
            drop(task.await);
        }
        let postgres = self.end(connections).await;
        joined.leave(epochs).await;
        end_tasks(&owners).await;
        if let Some(postgres) = postgres {
            postgres.stop().await;
        }
        tracing::info!("stopped");
    }

    /// Ends everything but Postgres, which it gives back.
    async fn end(self, connections: Connections) -> Option<EmbeddedPostgres> {
        let Connections { task: mut connections, drain, cut } = connections;
        tracing::info!(within = ?self.drain, "draining");
        self.health.drain().await;
        let within = i64::try_from(self.drain.as_micros()).unwrap_or(i64::MAX);
        self.registry.drain(now_micros().saturating_add(within));
        drain.cancel();
        let mut left = tokio::time::timeout(self.drain, &mut connections).await.is_err();
        self.registry.shut_down(COMMIT_WITHIN).await;
        if left {
            left = tokio::time::timeout(CLOSE_WITHIN, &mut connections).await.is_err();
        }
        if left {
            tracing::warn!("open connections cut");
            cut.cancel();
            // The only error is a panic, which has been reported where it happened.
            drop(connections.await);
        }
        drop(self.registry);
        self.postgres
    }
}

/// Waits for the tasks that parts of the server have started and not waited for.
async fn end_tasks(owners: &[Tasks]) {
    let ended = futures_util::future::join_all(owners.iter().map(Tasks::ended));
    if tokio::time::timeout(TASKS_WITHIN, ended).await.is_err() {
        let left: usize = owners.iter().map(Tasks::running).sum();
        tracing::warn!(left, "tasks still run; they end with the process");
    }
}
