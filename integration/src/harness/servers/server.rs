//! One running server, and one that is stopped with its data.
//!
//! Not in the test's process: `local` is. Invariant: a server's process ends with its handle, before its directory
//! is deleted.

use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use super::home::Home;
use crate::harness::programs::{Process, binaries};
use crate::harness::stores::{embedded_config, sql, template};

/// How long a server may take from its start to its address; generous, for a busy machine.
const START_DEADLINE: Duration = Duration::from_secs(90);
/// How long a server may take to stop when it is asked to.
const STOP_DEADLINE: Duration = Duration::from_secs(60);

/// A running server.
#[derive(Debug)]
pub struct Server {
    process: Process,
    url: String,
    flags: Vec<String>,
    home: Home,
}

/// A server that is not running; its data directory is as it left it.
#[derive(Debug)]
pub struct Stopped {
    url: String,
    flags: Vec<String>,
    home: Home,
}

impl Server {
    /// Starts a server with an embedded Postgres in a fresh data directory.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same, with further flags of `gridloom serve`.
    #[must_use]
    pub fn start_with(flags: &[&str]) -> Self {
        Self::start_in(Home::new(), flags)
    }

    /// A server that shares a Postgres and a Redis, by their addresses, with others.
    #[must_use]
    pub fn start_sharing(database: &str, journal: &str, flags: &[&str]) -> Self {
        let shared = ["--database-url", database, "--redis-url", journal];
        // A proxy to Postgres or Redis may run in this process, and must not be blocked.
        tokio::task::block_in_place(|| Self::start_with(&[&shared, flags].concat()))
    }

    /// A server in a prepared directory.
    #[must_use]
    pub fn start_in(home: Home, flags: &[&str]) -> Self {
        if !flags.contains(&"--database-url") {
            template::copy_cluster_into(home.data());
        }
        let flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        Self::launch(home, flags, "127.0.0.1:0")
    }

    /// The same, with a Postgres that the flags name.
    #[must_use]
    pub fn start_with_own(home: Home, flags: &[&str]) -> Self {
        Self::launch(home, flags.iter().map(|flag| (*flag).to_owned()).collect(), "127.0.0.1:0")
    }

    /// A server whose process may have an address space of so many bytes.
    #[must_use]
    pub fn start_held_to(bytes: u64, home: Home, flags: &[String]) -> Self {
        let arguments = serve_arguments(home.data(), "127.0.0.1:0", flags);
        let limit = [format!("--as={bytes}"), binaries::gridloom().to_string_lossy().into_owned()];
        let arguments = [limit.as_slice(), &arguments].concat();
        let process = Process::start(Path::new("prlimit"), &arguments, &home.log());
        Self::listening(process, home, flags.to_vec())
    }

    fn launch(home: Home, flags: Vec<String>, listen: &str) -> Self {
        let arguments = serve_arguments(home.data(), listen, &flags);
        let process = Process::start(&binaries::gridloom(), &arguments, &home.log());
        Self::listening(process, home, flags)
    }

    /// Waits for the server's address.
    fn listening(mut process: Process, home: Home, flags: Vec<String>) -> Self {
        let url = process
            .next_line(START_DEADLINE)
            .filter(|line| line.starts_with("http://") || line.starts_with("https://"))
            .unwrap_or_else(|| {
                panic!("the server printed no address; its log:\n{}", home.log_tail())
            });
        Self { process, url, flags, home }
    }

    /// Its address, as `http://127.0.0.1:PORT`, or with `https` when it serves TLS.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its address without the scheme.
    #[must_use]
    pub fn authority(&self) -> &str {
        authority(&self.url)
    }

    /// Where its data and its log are.
    #[must_use]
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Whether its process has not ended.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.process.is_running()
    }

    /// The memory that it holds now, in bytes.
    #[must_use]
    pub fn resident_bytes(&self) -> u64 {
        self.process.resident_bytes()
    }

    /// The most memory that it has held, in bytes.
    #[must_use]
    pub fn peak_bytes(&self) -> u64 {
        self.process.peak_bytes()
    }

    /// Kills it, as `kill -9` does.
    #[must_use]
    pub fn kill(mut self) -> Stopped {
        self.process.kill();
        Stopped { url: self.url, flags: self.flags, home: self.home }
    }

    /// Asks it to stop, as an operator does, and waits until it has.
    #[must_use]
    pub fn stop(mut self) -> (Stopped, ExitStatus) {
        self.process.terminate();
        let status = self
            .process
            .wait(STOP_DEADLINE)
            .unwrap_or_else(|| panic!("the server did not stop:\n{}", self.home.log_tail()));
        (Stopped { url: self.url, flags: self.flags, home: self.home }, status)
    }

    /// Asks it to stop, without waiting.
    pub fn terminate(&self) {
        self.process.terminate();
    }

    /// A SQL session with its embedded Postgres.
    pub async fn sql(&self) -> tokio_postgres::Client {
        sql::connect(&embedded_config(self.home.data())).await
    }
}

impl Stopped {
    /// Starts it again in the same data directory, with other flags.
    #[must_use]
    pub fn restart_with(self, flags: &[&str]) -> Server {
        Server::start_with_own(self.home, flags)
    }

    /// Starts it again in the same data directory and at the same address, so that clients find it.
    #[must_use]
    pub fn restart(self) -> Server {
        let listen = authority(&self.url).to_owned();
        Server::launch(self.home, self.flags, &listen)
    }

    /// Where its data and its log are.
    #[must_use]
    pub fn home(&self) -> &Home {
        &self.home
    }
}

fn authority(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, authority)| authority)
}

/// The arguments of `gridloom serve`.
#[must_use]
pub fn serve_arguments(data: &Path, listen: &str, flags: &[String]) -> Vec<String> {
    let fixed = ["serve", "--listen", listen, "--data-dir", &data.to_string_lossy()];
    // A test's files are its own user's. Tests of the account name another.
    let is_roots = rustix::process::geteuid().is_root()
        && !flags.iter().any(|it| it == "--user")
        && std::fs::metadata(data).map_or(true, |it| std::os::unix::fs::MetadataExt::uid(&it) == 0);
    let user: &[&str] = if is_roots { &["--user", "root"] } else { &[] };
    let fixed = fixed.iter().chain(user).map(|flag| (*flag).to_owned());
    fixed.chain(flags.iter().cloned()).collect()
}
