//! A Redis on a free port that syncs each write to disk before it answers. A server that a test cuts off from
//! Redis connects through its [`Proxy`].
//!
//! Not the Redis of a production setup. Invariant: the process and its data end with the handle.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use redis::aio::MultiplexedConnection;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::harness::faults::Proxy;
use crate::harness::wait::eventually;

/// Name of the socket in Redis' directory.
const SOCKET: &str = "redis.sock";

/// A running Redis, or one that can be started again.
#[derive(Debug)]
pub struct OwnRedis {
    process: Option<Child>,
    port: u16,
    proxy: Proxy,
    directory: TempDir,
}

impl OwnRedis {
    /// Starts an empty Redis.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let port = listener.local_addr().expect("it is bound").port();
        drop(listener);
        let directory = tempfile::tempdir().expect("a directory");
        let proxy = Proxy::start(directory.path().join(SOCKET)).await;
        let mut redis = Self { process: None, port, proxy, directory };
        redis.start_again().await;
        redis
    }

    /// Its address, for `--redis-url`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The proxy in front of it, which can cut, delay or silence connections.
    #[must_use]
    pub fn proxy(&self) -> &Proxy {
        &self.proxy
    }

    /// Its address through the proxy.
    #[must_use]
    pub fn proxy_url(&self) -> String {
        format!("redis://{}", self.proxy.addr())
    }

    /// A connection of the test's own.
    ///
    /// # Panics
    /// When it is away.
    pub async fn connection(&self) -> MultiplexedConnection {
        self.connect().await.expect("Redis is there")
    }

    async fn connect(&self) -> Option<MultiplexedConnection> {
        let client = redis::Client::open(self.url()).ok()?;
        client.get_multiplexed_async_connection().await.ok()
    }

    /// Stops the process (SIGSTOP) until [`Self::resume`].
    pub fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// Continues the process (SIGCONT), if it runs.
    pub fn resume(&self) {
        if self.process.is_some() {
            self.signal(Signal::CONT);
        }
    }

    /// Kills it; each answered write is on disk.
    ///
    /// # Panics
    /// When it does not end.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("can be ended");
            process.wait().expect("ends");
        }
    }

    /// Kills it and deletes its data.
    ///
    /// # Panics
    /// When it does not end.
    pub fn lose_all(&mut self) {
        self.kill();
        fs::remove_dir_all(self.directory.path().join("appendonlydir")).expect("can be removed");
    }

    /// Starts it again if it is down, at its address and with its data.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_again(&mut self) {
        if self.process.is_none() {
            self.process = Some(spawn(self.port, self.directory.path()));
        }
        eventually("Redis starts", || self.answers()).await;
    }

    async fn answers(&self) -> Option<()> {
        let mut connection = self.connect().await?;
        redis::cmd("PING").query_async::<String>(&mut connection).await.ok().map(drop)
    }

    fn signal(&self, signal: Signal) {
        let process = self.process.as_ref().and_then(|process| i32::try_from(process.id()).ok());
        let process = process.and_then(Pid::from_raw).expect("it runs");
        kill_process(process, signal).expect("it takes the signal");
    }
}

impl Drop for OwnRedis {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(port: u16, directory: &Path) -> Child {
    let mut command = Command::new("redis-server");
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""]);
    command.args(["--appendonly", "yes", "--appendfsync", "always", "--dir"]).arg(directory);
    command.arg("--unixsocket").arg(directory.join(SOCKET));
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    child.unwrap_or_else(|error| panic!("cannot run redis-server: {error}"))
}
