//! A server inside the test's process, for a call that no other process can make: to prune history as if it
//! were later.
//!
//! Not the binary: `Server` starts that. Invariant: the server shuts down with its handle, or by `stop`.

use std::net::SocketAddr;

use grpc_server::config::Options;
use grpc_server::retention::Pruned;
use grpc_server::serve::{RunningServer, Server};
use model::{AccountId, now_micros};
use sheet::memory::EditHold;

use super::home::Home;
use crate::harness::stores::{embedded_config, sql, template};

/// A free port of this machine.
const ANYWHERE: &str = "127.0.0.1:0";

/// A running server.
#[derive(Debug)]
pub struct LocalServer {
    running: RunningServer,
    options: Options,
    home: Home,
}

impl LocalServer {
    /// Starts a server with an embedded Postgres in a fresh data directory.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(change: impl FnOnce(&mut Options)) -> Self {
        let home = Home::new();
        template::copy_cluster_into(home.data());
        let data_dir = home.data().to_owned();
        let mut options = Options { data_dir, drain_seconds: 1, ..Options::default() };
        change(&mut options);
        Self::serve(home, options, ANYWHERE.parse().expect("an address")).await
    }

    async fn serve(home: Home, options: Options, listen: SocketAddr) -> Self {
        let running = Server::start(Options { listen, ..options.clone() }).await;
        Self { running: running.expect("the server starts"), options, home }
    }

    /// Stops it and starts another server on the same data: at `listen`, or at an address that no client
    /// knows.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn restart(self, listen: Option<SocketAddr>) -> Self {
        let Self { running, options, home } = self;
        running.shutdown().await;
        let listen = listen.unwrap_or_else(|| ANYWHERE.parse().expect("an address"));
        Self::serve(home, options, listen).await
    }

    /// Stops it, and returns its directory.
    pub async fn stop(self) -> Home {
        let Self { running, home, .. } = self;
        running.shutdown().await;
        home
    }

    /// How to connect to its embedded Postgres.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn database(&self) -> tokio_postgres::Config {
        embedded_config(self.home.data())
    }

    /// The address at which it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.running.addr()
    }

    /// Prunes history, as if it were so many seconds later.
    ///
    /// # Panics
    /// When that fails.
    pub async fn prune_after(&self, seconds: i64) -> Pruned {
        let pruned = self.running.prune(now_micros() + seconds * 1_000_000).await;
        pruned.expect("history can be pruned")
    }

    /// Takes all the room that an account has for edits that wait, until the hold is dropped.
    ///
    /// # Panics
    /// When the server is about to stop.
    pub async fn take_room(&self, account: AccountId) -> EditHold {
        let sheet = self.running.edits().expect("it runs").of_sheet();
        let bytes = self.options.memory().edits_of_account;
        sheet.take(account, bytes).await.expect("the room is never closed")
    }

    /// Its address, as `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        self.running.url()
    }

    /// A SQL session with its embedded Postgres.
    pub async fn sql(&self) -> tokio_postgres::Client {
        sql::connect(&embedded_config(self.home.data())).await
    }
}
