//! The command line of `gridloom-engine`, with its environment variables.
//!
//! Invariants: an address that strangers may reach is refused, unless a flag allows it; no secret is printed.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand};
use files::{BucketOptions, PlaceUrl, Vault};

const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const MIB: u64 = 1024 * 1024;
/// The disk that executors leave free, as servers do.
const DISK_RESERVE_MIB: u64 = 2048;
/// As the engine in a server.
const MEMORY_MIB: u64 = 256;
/// As the engine in a server.
const DISK_MIB: u64 = 16 * 1024;

/// Queries over tables of files on several machines.
///
/// One scheduler and any number of executors, for servers that run with `--engine ballista://HOST:PORT`. There is no
/// authentication and no encryption: anyone who reaches a port of these processes can read all tables. Run them on a private
/// network that only they and the servers are in.
#[derive(Parser)]
#[command(name = "gridloom-engine", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// What is logged, such as `info` or `ballista_scheduler=debug`
    #[arg(long, env = "GRIDLOOM_ENGINE_LOG", value_name = "FILTER", global = true)]
    pub(crate) log: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Divides queries into tasks; prints its address on stdout once it answers
    Scheduler(SchedulerOptions),
    /// Runs tasks; prints its address on stdout once the scheduler knows it
    Executor(Box<ExecutorOptions>),
}

#[derive(Args)]
pub(crate) struct SchedulerOptions {
    /// Address and port for servers and executors; port 0 takes a free one
    #[arg(long, env = "GRIDLOOM_ENGINE_LISTEN", value_name = "ADDRESS:PORT",
        default_value_t = SocketAddr::new(LOCALHOST, 50_050))]
    pub(crate) listen: SocketAddr,
    /// The name or address under which executors reach the scheduler; without it, that of --listen
    #[arg(long, env = "GRIDLOOM_ENGINE_HOST", value_name = "HOST")]
    pub(crate) host: Option<String>,
    /// Allows --listen to be an address that is not private. Strangers who reach it can read all tables
    #[arg(long, env = "GRIDLOOM_ENGINE_LISTEN_ANYWHERE")]
    pub(crate) listen_anywhere: bool,
    /// Seconds without a heartbeat after which the tasks of an executor run again in another one
    #[arg(long, env = "GRIDLOOM_ENGINE_EXECUTOR_SECONDS", value_name = "SECONDS", default_value_t = 20,
        value_parser = clap::value_parser!(u64).range(3..))]
    pub(crate) executor_seconds: u64,
}

#[derive(Args)]
pub(crate) struct ExecutorOptions {
    /// Where the scheduler is
    #[arg(long, env = "GRIDLOOM_ENGINE_SCHEDULER", value_name = "HOST:PORT")]
    pub(crate) scheduler: HostPort,
    /// The address at which the scheduler and other executors reach this one
    #[arg(long, env = "GRIDLOOM_ENGINE_LISTEN", value_name = "ADDRESS", default_value_t = LOCALHOST)]
    pub(crate) listen: IpAddr,
    /// Allows --listen to be an address that is not private. Strangers who reach it can read all tables
    #[arg(long, env = "GRIDLOOM_ENGINE_LISTEN_ANYWHERE")]
    pub(crate) listen_anywhere: bool,
    /// The port for rows between executors; 0 takes a free one
    #[arg(long, env = "GRIDLOOM_ENGINE_ROWS_PORT", value_name = "PORT", default_value_t = 0)]
    pub(crate) rows_port: u16,
    /// The port for tasks; 0 takes a free one
    #[arg(long, env = "GRIDLOOM_ENGINE_TASKS_PORT", value_name = "PORT", default_value_t = 0)]
    pub(crate) tasks_port: u16,
    /// Tasks at once; without it, as many as the machine has cores
    #[arg(long, env = "GRIDLOOM_ENGINE_CORES", value_name = "COUNT",
        value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) cores: Option<u32>,
    /// MiB of memory of all tasks together, beside a few batches of each; a task has an equal part
    #[arg(long, env = "GRIDLOOM_ENGINE_MEMORY_MIB", value_name = "MIB", default_value_t = MEMORY_MIB,
        value_parser = clap::value_parser!(u64).range(16..))]
    pub(crate) memory_mib: u64,
    /// MiB of disk for what does not fit the memory, of all tasks together
    #[arg(long, env = "GRIDLOOM_ENGINE_DISK_MIB", value_name = "MIB", default_value_t = DISK_MIB)]
    pub(crate) disk_mib: u64,
    /// MiB of the disk of --work-dir that stay free; with less, a task ends with an error
    #[arg(long, env = "GRIDLOOM_ENGINE_DISK_RESERVE_MIB", value_name = "MIB",
        default_value_t = DISK_RESERVE_MIB)]
    pub(crate) disk_reserve_mib: u64,
    /// Folder of rows between two stages and of what does not fit the memory; nothing in it is needed after the end
    #[arg(
        long,
        env = "GRIDLOOM_ENGINE_WORK_DIR",
        value_name = "DIR",
        default_value = "gridloom-engine-work"
    )]
    pub(crate) work_dir: PathBuf,
    /// Where the tables lie.
    #[command(flatten)]
    pub(crate) place: PlaceOptions,
}

impl ExecutorOptions {
    pub(crate) fn memory_bytes(&self) -> u64 {
        self.memory_mib.saturating_mul(MIB)
    }

    pub(crate) fn disk_bytes(&self) -> u64 {
        self.disk_mib.saturating_mul(MIB)
    }

    pub(crate) fn disk_reserve(&self) -> u64 {
        self.disk_reserve_mib.saturating_mul(MIB)
    }
}

/// The place of the files, with the flags and the variables of the server.
#[derive(Args)]
#[command(next_help_heading = "Files")]
pub(crate) struct PlaceOptions {
    /// The place of the files of the servers: a folder that is the same one here (/path), or a bucket (s3://bucket/prefix)
    #[arg(long, env = "GRIDLOOM_FILES", value_name = "PLACE", hide_env_values = true)]
    files: PlaceUrl,
    /// The address of a server with the protocol of S3; without it, S3 itself
    #[arg(long, env = "GRIDLOOM_FILES_ENDPOINT", value_name = "URL", hide_env_values = true)]
    files_endpoint: Option<String>,
    /// The region of the bucket
    #[arg(long, env = "GRIDLOOM_FILES_REGION", value_name = "REGION")]
    files_region: Option<String>,
    /// The id of the key to the bucket; without it, the credentials of the environment or of the machine
    #[arg(long, env = "GRIDLOOM_FILES_ACCESS_KEY_ID", value_name = "ID", hide_env_values = true)]
    files_access_key_id: Option<String>,
    /// The key to the bucket
    #[arg(
        long,
        env = "GRIDLOOM_FILES_SECRET_ACCESS_KEY",
        value_name = "KEY",
        hide_env_values = true,
        requires = "files_access_key_id"
    )]
    files_secret_access_key: Option<String>,
    /// A file with the value of --files-secret-access-key, which no list of processes shows
    #[arg(
        long,
        env = "GRIDLOOM_FILES_SECRET_ACCESS_KEY_FILE",
        value_name = "FILE",
        conflicts_with = "files_secret_access_key",
        requires = "files_access_key_id"
    )]
    files_secret_access_key_file: Option<PathBuf>,
    /// Allows --files-endpoint to be http://, where all files can be read on their way
    #[arg(long, env = "GRIDLOOM_FILES_ALLOW_HTTP", requires = "files_endpoint")]
    files_allow_http: bool,
}

impl PlaceOptions {
    /// The place. Nothing is opened.
    pub(crate) fn vault(&self) -> Result<Vault, String> {
        let of_file = |file: &PathBuf| {
            let text = std::fs::read_to_string(file);
            let text = text.map_err(|error| format!("can't read {}: {error}", file.display()))?;
            Ok::<_, String>(text.trim().to_owned())
        };
        let key = match &self.files_secret_access_key_file {
            Some(file) => Some(of_file(file)?),
            None => self.files_secret_access_key.clone(),
        };
        let bucket = BucketOptions {
            endpoint: self.files_endpoint.clone(),
            region: self.files_region.clone(),
            access_key_id: self.files_access_key_id.clone(),
            secret_access_key: key,
            allow_http: self.files_allow_http,
        };
        Vault::new(&self.files, &bucket).map_err(|error| error.to_string())
    }
}

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostPort {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl FromStr for HostPort {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.rsplit_once(':').filter(|(host, _)| !host.is_empty());
        let parts = parts.and_then(|(host, port)| Some((host.to_owned(), port.parse().ok()?)));
        let (host, port) = parts.ok_or("no host and port, such as localhost:50050")?;
        Ok(Self { host, port })
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// Refuses an address that strangers may reach.
pub(crate) fn check_private(address: IpAddr, is_allowed: bool) -> Result<(), String> {
    let is_private = match address {
        IpAddr::V4(address) => {
            address.is_loopback() || address.is_private() || address.is_link_local()
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    };
    match is_private || is_allowed {
        true => Ok(()),
        false => Err(format!(
            "{address} is not a private address, and nothing here is authenticated: listen on a private one, or add \
             --listen-anywhere"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_strangers_may_reach_need_a_flag() {
        for private in ["127.0.0.1", "10.1.2.3", "192.168.0.9", "172.20.0.2", "::1", "fd00::1"] {
            let address = private.parse().expect(private);
            assert_eq!(check_private(address, false), Ok(()), "{private}");
        }
        for open in ["0.0.0.0", "::", "8.8.8.8", "2001:db8::1"] {
            let address = open.parse().expect(open);
            let error = check_private(address, false).expect_err(open);
            assert!(error.contains("--listen-anywhere"), "{error}");
            assert_eq!(check_private(address, true), Ok(()), "{open}");
        }
    }

    #[test]
    fn a_scheduler_is_a_host_and_a_port() {
        let read = |text: &str| text.parse::<HostPort>().ok().map(|it| (it.host, it.port));
        assert_eq!(read("engine:50050"), Some(("engine".to_owned(), 50_050)));
        for text in ["engine", ":1", "engine:", "engine:70000"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
