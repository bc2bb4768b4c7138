//! The processes of a drill: servers, Postgres and Redis.
//!
//! Not the fault: see `strike`. Invariant: a restarted node has its former address and data.

pub(crate) mod catalog;
pub(crate) mod fault;

use std::path::Path;
use std::process::Command;

use client::Client;

use self::catalog::{Beside, Drill};
use self::fault::{Fault, HEAVY_DISK_BYTES, POSTGRES_DISK_BYTES, SMALL_DISK_BYTES};
use crate::harness::{
    DEADLINE, Home, Link, OwnPostgres, OwnRedis, PASSWORD, Server, SmallDisk, Stopped, binaries,
    run,
};

/// Where a node keeps its journal, in its data directory.
const JOURNAL_DIR: &str = "journal";

/// The database of the nodes.
#[derive(Debug)]
pub(crate) enum Database {
    /// The first node's embedded Postgres.
    Embedded,
    /// One of its own, which all nodes reach through a proxy.
    Own(Box<OwnPostgres>),
}

/// All processes of a drill.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) nodes: Vec<Node>,
    /// The Redis of several nodes.
    pub(crate) redis: Option<OwnRedis>,
    pub(crate) database: Database,
    /// A token of the account of all clients.
    pub(crate) token: String,
    pub(crate) sheet: String,
}

/// One server, running or not.
#[derive(Debug)]
pub(crate) struct Node {
    url: String,
    // In this order: the disk is unmounted after the server has ended.
    state: State,
    _disk: Option<SmallDisk>,
}

#[derive(Debug)]
enum State {
    Up(Server),
    Down(Stopped),
    /// Only while it changes.
    Changing,
}

impl Cluster {
    /// Starts the processes of a drill, and signs up at the first node.
    pub(crate) async fn start(drill: Drill) -> Self {
        let fault = drill.fault;
        let database = if fault.needs_own_postgres() || drill.nodes > 1 {
            Database::Own(Box::new(match fault {
                Fault::PostgresDisk => OwnPostgres::start_on_disk_of(POSTGRES_DISK_BYTES).await,
                _ => OwnPostgres::start().await,
            }))
        } else {
            Database::Embedded
        };
        let url = match &database {
            Database::Own(own) => Some(own.tcp_url()),
            Database::Embedded => None,
        };
        let redis = if drill.nodes > 1 { Some(OwnRedis::start().await) } else { None };
        let shared = |number| match &redis {
            // The node that the drill cuts off alone.
            Some(redis) if number == 0 && fault.parts_one_from_redis() => Some(redis.proxy_url()),
            Some(redis) => Some(redis.url()),
            None => None,
        };
        let nodes: Vec<Node> = (0..drill.nodes)
            .map(|number| Node::launch(drill, url.as_deref(), shared(number).as_deref()))
            .collect();
        let client = Client::connect(nodes[0].url()).await.expect("the server is there");
        let signed_up = client.sign_up("drill@example.org", PASSWORD, "").await;
        let (_, session) = signed_up.expect("the address is new");
        Self { nodes, redis, database, token: session.token, sheet: String::new() }
    }

    /// A signed-in client that starts at one node and knows the others; `number` may be any.
    pub(crate) fn client(&self, number: usize) -> Client {
        let count = self.nodes.len();
        let urls: Vec<&str> =
            (0..count).map(|step| self.nodes[(number + step) % count].url()).collect();
        sign_in(&urls.join(","), &self.token)
    }

    /// The data directory that the running Postgres is in.
    pub(crate) fn postgres_home(&self) -> &Path {
        match (&self.database, &self.nodes[0].state) {
            (Database::Own(own), _) => own.data(),
            (Database::Embedded, State::Up(server)) => server.home().data(),
            (Database::Embedded, _) => panic!("the embedded Postgres is down with its server"),
        }
    }

    /// Runs `gridloom admin check`; returns its findings.
    pub(crate) fn check(&self) -> Option<String> {
        let mut command = Command::new(binaries::gridloom());
        command.args(["admin", "check"]);
        match &self.database {
            Database::Own(own) => command.args(["--database-url", &own.socket_url()]),
            Database::Embedded => command.arg("--data-dir").arg(self.postgres_home()),
        };
        let checked = tokio::task::block_in_place(|| run(command, DEADLINE));
        (!checked.status.success())
            .then(|| format!("admin check: {}{}", checked.stdout, checked.stderr))
    }

    /// The Redis of several nodes.
    pub(crate) fn redis(&mut self) -> &mut OwnRedis {
        self.redis.as_mut().expect("only several nodes have a Redis")
    }

    pub(crate) async fn stop_postgres(&mut self) {
        if let Database::Own(own) = &mut self.database {
            own.stop().await;
        }
    }

    pub(crate) fn set_postgres_link(&self, link: Link) {
        let Database::Own(own) = &self.database else { panic!("there is no proxy") };
        own.proxy().set(link);
    }

    pub(crate) async fn sql(&self) -> tokio_postgres::Client {
        match (&self.database, &self.nodes[0].state) {
            (Database::Own(own), _) => own.sql().await,
            (Database::Embedded, State::Up(server)) => server.sql().await,
            (Database::Embedded, _) => panic!("the embedded Postgres is down with its server"),
        }
    }
}

/// A connection of its own to a server that may be away just now.
pub(crate) fn sign_in(url: &str, token: &str) -> Client {
    let client = Client::connect_lazy(url).expect("the server printed its address");
    client.with_token(token).expect("a token can be sent")
}

impl Node {
    fn launch(drill: Drill, database: Option<&str>, redis: Option<&str>) -> Self {
        let Drill { fault, beside, .. } = drill;
        let heavy = beside == Beside::Heavy;
        let mut flags = fault.flags(heavy).to_vec();
        if beside == Beside::Texts {
            // No row stays in the cache.
            flags.extend(["--row-cache-bytes", "1"]);
        }
        if let Some(url) = database {
            flags.extend(["--database-url", url]);
        }
        if let Some(url) = redis {
            flags.extend(["--redis-url", url]);
        }
        let home = Home::new();
        let disk = (fault == Fault::JournalDisk).then(|| {
            let journal = home.data().join(JOURNAL_DIR);
            let bytes = if heavy { HEAVY_DISK_BYTES } else { SMALL_DISK_BYTES };
            SmallDisk::mount(&journal, bytes).expect("only root can mount a disk")
        });
        let server = tokio::task::block_in_place(|| Server::start_in(home, &flags));
        Self { url: server.url().to_owned(), state: State::Up(server), _disk: disk }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn kill(&mut self) {
        self.change(|state| match state {
            State::Up(server) => State::Down(server.kill()),
            down => down,
        });
    }

    pub(crate) fn stop(&mut self) {
        self.change(|state| match state {
            State::Up(server) => {
                let (stopped, status) = server.stop();
                assert!(status.success(), "the server stops in order: {status}");
                State::Down(stopped)
            }
            down => down,
        });
    }

    /// Starts it if it is down.
    pub(crate) fn start(&mut self) {
        self.change(|state| match state {
            State::Down(stopped) => State::Up(stopped.restart()),
            up => up,
        });
    }

    fn change(&mut self, change: impl FnOnce(State) -> State) {
        let state = std::mem::replace(&mut self.state, State::Changing);
        self.state = tokio::task::block_in_place(|| change(state));
    }
}
