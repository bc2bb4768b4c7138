//! A Postgres that no server under test has started, reached by socket or through a [`Proxy`] that can delay,
//! reset or silence connections.
//!
//! Not the embedded one of a server. Invariant: the process and its data end with the handle.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use grpc_server::postgres::EmbeddedPostgres;
use tempfile::TempDir;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use super::{sql, template};
use crate::harness::faults::{Proxy, SmallDisk};

/// Name of the socket in Postgres' directory.
const SOCKET: &str = ".s.PGSQL.5432";

/// A running Postgres.
#[derive(Debug)]
pub struct OwnPostgres {
    /// None while it is stopped.
    postgres: Option<EmbeddedPostgres>,
    config: Config,
    password: String,
    socket: PathBuf,
    proxy: Proxy,
    // In this order: the disk is unmounted after Postgres has ended.
    _disk: Option<SmallDisk>,
    directory: TempDir,
}

impl OwnPostgres {
    /// Starts one with an empty database.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start() -> Self {
        Self::start_in(tempfile::tempdir().expect("a directory"), None).await
    }

    /// Starts one on a disk of so many bytes. Only root may.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_on_disk_of(bytes: u64) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let disk = SmallDisk::mount(directory.path(), bytes).expect("only root can mount a disk");
        Self::start_in(directory, Some(disk)).await
    }

    async fn start_in(directory: TempDir, disk: Option<SmallDisk>) -> Self {
        template::copy_cluster_into(directory.path());
        let started = EmbeddedPostgres::start(directory.path()).await;
        let (postgres, config) = started.expect("Postgres starts");
        let [Host::Unix(socket)] = config.get_hosts() else { panic!("{:?}", config.get_hosts()) };
        let socket = socket.clone();
        let password = config.get_password().expect("it has a password");
        let password = String::from_utf8(password.into()).expect("of plain letters");
        let proxy = Proxy::start(socket.join(SOCKET)).await;
        Self { postgres: Some(postgres), config, password, socket, proxy, _disk: disk, directory }
    }

    /// The proxy that the servers under test connect through.
    #[must_use]
    pub fn proxy(&self) -> &Proxy {
        &self.proxy
    }

    /// Its address by TCP.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.proxy.addr()
    }

    /// The password that is part of the addresses.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Its address by TCP, for `--database-url`.
    #[must_use]
    pub fn tcp_url(&self) -> String {
        format!("postgres://gridloom:{}@{}/gridloom", self.password, self.addr())
    }

    /// Its address by socket.
    #[must_use]
    pub fn socket_url(&self) -> String {
        let socket = self.socket.to_string_lossy().replace('/', "%2F");
        format!("postgres://gridloom:{}@{socket}/gridloom", self.password)
    }

    /// How to connect past the proxy.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// A SQL session past the proxy.
    pub async fn sql(&self) -> tokio_postgres::Client {
        sql::connect(&self.config).await
    }

    /// The directory with its cluster.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.directory.path()
    }

    /// Asks it to stop and waits until it has, as an operator does before an upgrade.
    pub async fn stop(&mut self) {
        if let Some(postgres) = self.postgres.take() {
            postgres.stop().await;
        }
    }

    /// Starts it again if it is stopped; addresses stay as they are.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_again(&mut self) {
        if self.postgres.is_none() {
            let started = EmbeddedPostgres::start(self.data()).await;
            let (postgres, config) = started.expect("Postgres starts again");
            assert_eq!(config.get_hosts(), self.config.get_hosts(), "it moved");
            self.postgres = Some(postgres);
        }
    }
}
