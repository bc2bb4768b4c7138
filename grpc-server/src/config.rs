//! Every setting of the server: one table of flags, each with its environment variable.
//!
//! Not the place where a setting takes effect. Invariant: settings are read once, at the start, and each part
//! receives those that it needs.

mod accounts;
mod engine;
mod files;
mod mail;
mod oidc;
pub mod origins;
mod outbound;
mod people;
pub mod proxies;
mod secret;
mod sizes;
mod this_machine;
mod tls;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use self::accounts::{AccountOptions, SignUpRule};
pub use self::engine::{EngineChoice, EngineOptions};
pub use self::files::{BucketKey, FileOptions, FilesUrl};
pub(crate) use self::mail::MailTls;
pub use self::mail::{MailOptions, SmtpUrl};
pub use self::oidc::{ClientSecret, OidcOptions};
pub use self::origins::OriginOptions;
pub use self::outbound::OutboundOptions;
pub use self::people::{PeopleOptions, PeopleSearch};
pub use self::proxies::ProxyOptions;
pub use self::secret::DatabaseUrl;
pub(crate) use self::secret::SecretParser;
pub use self::sizes::ByteSize;
use self::sizes::MIB;
pub use self::tls::{TlsOptions, TrustOptions};
use crate::machine;
use crate::retention::Retention;
use model::limits::Limits;
use model::memory::Memory;
use redis_link::RedisUrl;
use sheet::shared::CHECKPOINT_CHANGES;

const LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 7400);
/// The data directory, unless another is named.
pub(crate) const DATA_DIR: &str = "gridloom-data";
const POOL_CONNECTIONS: usize = 24;
/// One for commits, one for access, and three for calls: a message, a mark of what is read, and another call.
const POOL_CONNECTIONS_MIN: usize = 5;
const JOURNAL_LIMIT: ByteSize = ByteSize(1024 * MIB);
const ROW_CACHE: ByteSize = ByteSize(32 * MIB);
const HISTORY_DAYS: u32 = 90;
/// A hundred years.
const HISTORY_DAYS_MAX: i64 = 36_500;
/// Some hundred megabytes of a busy sheet.
const HISTORY_CHANGES: u32 = 1_000_000;
/// A client that was away for a moment catches up over this many, also after a restart.
const HISTORY_CHANGES_MIN: u32 = 1_000;
/// Less than half of all connections that there can be.
const ADDRESS_CONNECTIONS: u32 = 4_000;
const SESSION_DAYS: u32 = 30;
const DRAIN_SECONDS: u64 = 10;
const TOKEN_HOURS: u32 = 12;

/// The URL of Postgres in a file.
pub(crate) fn read_database_url(file: &Path) -> Result<DatabaseUrl, String> {
    secret::read(file)
}

/// The options of `gridloom serve`. As a library: take the default and set the fields.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Address and port for everything; port 0 takes a free one
    #[arg(long, env = "GRIDLOOM_LISTEN", value_name = "ADDRESS:PORT", default_value_t = LISTEN)]
    pub listen: SocketAddr,
    /// Directory of the journal and of the embedded Postgres; made when it is missing
    #[arg(long, env = "GRIDLOOM_DATA_DIR", value_name = "DIR", default_value = DATA_DIR)]
    pub data_dir: PathBuf,
    /// Your own Postgres, as postgres://user:password@host/database?sslmode=verify-full; without
    /// it, an embedded one runs in the data directory
    #[arg(long, env = "GRIDLOOM_DATABASE_URL", value_name = "URL", hide_env_values = true,
        value_parser = SecretParser::<DatabaseUrl>::default())]
    pub database_url: Option<DatabaseUrl>,
    /// A file with the value of --database-url, which no list of processes shows
    #[arg(
        long,
        env = "GRIDLOOM_DATABASE_URL_FILE",
        value_name = "FILE",
        conflicts_with = "database_url"
    )]
    pub database_url_file: Option<PathBuf>,
    /// The name of this server among those that share its database; a server that starts takes
    /// over from a dead one of the same name. Without it, the machine's name and the address
    #[arg(long, env = "GRIDLOOM_NODE_NAME", value_name = "NAME")]
    pub node_name: Option<String>,
    /// Where the other servers reach this one; without it, --listen, with the machine's name in
    /// place of an address that stands for all. With https:// before it, or with --tls-cert, the others
    /// use TLS and check the certificate for this host
    #[arg(long, env = "GRIDLOOM_NODE_ADDRESS", value_name = "HOST:PORT")]
    pub node_address: Option<String>,
    /// A Redis that several servers share, as redis://user:password@host:port/database, or rediss:// for
    /// TLS: with it, any number of servers on one database are one; needs --database-url
    #[arg(long, env = "GRIDLOOM_REDIS_URL", value_name = "URL", hide_env_values = true,
        value_parser = SecretParser::<RedisUrl>::default())]
    pub redis_url: Option<RedisUrl>,
    /// A file with the value of --redis-url
    #[arg(
        long,
        env = "GRIDLOOM_REDIS_URL_FILE",
        value_name = "FILE",
        conflicts_with = "redis_url"
    )]
    pub redis_url_file: Option<PathBuf>,
    /// Connections to Postgres at most
    #[arg(long, env = "GRIDLOOM_DATABASE_CONNECTIONS", value_name = "COUNT",
        default_value_t = POOL_CONNECTIONS, value_parser = pool_connections)]
    pub database_connections: usize,
    /// The browser application's files; without it, looked for beside the program
    #[arg(long, env = "GRIDLOOM_WEB_DIR", value_name = "DIR")]
    pub web_dir: Option<PathBuf>,
    /// Disk space for edits that are not in Postgres yet; past it, edits are refused
    #[arg(long, env = "GRIDLOOM_JOURNAL_LIMIT", value_name = "SIZE",
        default_value_t = JOURNAL_LIMIT)]
    pub journal_limit: ByteSize,
    /// Free bytes of the disk of --data-dir below which the accounts that have stored the most may not write
    /// more; without it, 2GiB, and of a small disk a tenth
    #[arg(long, env = "GRIDLOOM_DISK_RESERVE", value_name = "SIZE")]
    pub disk_reserve: Option<ByteSize>,
    /// Memory that edits, frames, caches and the journal may take together; without it, half of what the
    /// machine, the control group and the limits of the process leave
    #[arg(long, env = "GRIDLOOM_MEMORY", value_name = "SIZE")]
    pub memory: Option<ByteSize>,
    /// Memory for the rows of one open sheet
    #[arg(long = "row-cache-bytes", env = "GRIDLOOM_ROW_CACHE_BYTES", value_name = "SIZE",
        default_value_t = ROW_CACHE)]
    pub row_cache: ByteSize,
    /// Changes of rows and columns after which a checkpoint of the order of a sheet is written, so that
    /// older revisions are read quickly
    #[arg(long, env = "GRIDLOOM_CHECKPOINT_CHANGES", value_name = "COUNT",
        default_value_t = CHECKPOINT_CHANGES, value_parser = clap::value_parser!(u32).range(1..))]
    pub checkpoint_changes: u32,
    /// Days for which the changes of a sheet are kept, to look back and to undo; 0 for no limit
    #[arg(long, env = "GRIDLOOM_HISTORY_DAYS", value_name = "DAYS", default_value_t = HISTORY_DAYS,
        value_parser = clap::value_parser!(u32).range(..=HISTORY_DAYS_MAX))]
    pub history_days: u32,
    /// Newest changes of a sheet that are kept at most, 1000 or more; 0 for no limit
    #[arg(long, env = "GRIDLOOM_HISTORY_CHANGES", value_name = "COUNT",
        default_value_t = HISTORY_CHANGES, value_parser = history_changes)]
    pub history_changes: u32,
    /// Connections of one network address at once (of one /64 for IPv6); 0 for no limit, where a proxy
    /// stands before the server that sends no PROXY header
    #[arg(long, env = "GRIDLOOM_ADDRESS_CONNECTIONS", value_name = "COUNT",
        default_value_t = ADDRESS_CONNECTIONS)]
    pub address_connections: u32,
    /// How many days ended sessions stay in the session registry; 0 for no limit
    #[arg(long, env = "GRIDLOOM_SESSION_DAYS", value_name = "DAYS", default_value_t = SESSION_DAYS,
        value_parser = clap::value_parser!(u32).range(..=HISTORY_DAYS_MAX))]
    pub session_days: u32,
    /// How long sessions may take to move to another server when this one stops
    #[arg(long, env = "GRIDLOOM_DRAIN_SECONDS", value_name = "SECONDS",
        default_value_t = DRAIN_SECONDS)]
    pub drain_seconds: u64,
    /// How long an access token is valid
    #[arg(long, env = "GRIDLOOM_TOKEN_HOURS", value_name = "HOURS", default_value_t = TOKEN_HOURS,
        value_parser = clap::value_parser!(u32).range(1..))]
    pub token_hours: u32,
    /// The same in seconds, in place of --token-hours; a client renews its token while it is valid
    #[arg(long, env = "GRIDLOOM_TOKEN_SECONDS", value_name = "SECONDS",
        value_parser = clap::value_parser!(u32).range(1..))]
    pub token_seconds: Option<u32>,
    /// The account that a server of root becomes before it serves; without it, the owner of the data
    /// directory, or `gridloom` where there is that account. `root` stays root
    #[arg(long, env = "GRIDLOOM_USER", value_name = "ACCOUNT")]
    pub user: Option<String>,
    /// The files of TLS.
    #[command(flatten)]
    pub tls: TlsOptions,
    /// Names of this server, and pages that may call it.
    #[command(flatten)]
    pub origins: OriginOptions,
    /// The proxies before the server.
    #[command(flatten)]
    pub proxies: ProxyOptions,
    /// Mail.
    #[command(flatten)]
    pub mail: MailOptions,
    /// The rule for new accounts.
    #[command(flatten)]
    pub accounts: AccountOptions,
    /// Sign-in with an OpenID Connect provider.
    #[command(flatten)]
    pub oidc: OidcOptions,
    /// Chat, comments and notices.
    #[command(flatten)]
    pub people: PeopleOptions,
    /// Files.
    #[command(flatten)]
    pub files: FileOptions,
    /// Requests to other servers.
    #[command(flatten)]
    pub outbound: OutboundOptions,
    /// Queries over tables.
    #[command(flatten)]
    pub engine: EngineOptions,
    /// Limits for callers.
    #[command(flatten)]
    pub limits: Limits,
}

impl Options {
    /// Reads the URLs that are in files.
    ///
    /// # Errors
    /// A sentence that names the file and repeats nothing of it.
    pub fn read_files(&mut self) -> Result<(), String> {
        if let Some(file) = self.database_url_file.take() {
            self.database_url = Some(secret::read(&file)?);
        }
        if let Some(file) = self.redis_url_file.take() {
            self.redis_url = Some(secret::read(&file)?);
        }
        if let Some(file) = self.mail.smtp_url_file.take() {
            self.mail.smtp_url = Some(secret::read(&file)?);
        }
        self.files.read_file()?;
        self.oidc.read_file()
    }

    /// How long sessions may take to move to another server.
    pub fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_seconds)
    }

    /// The kept history of each sheet.
    pub fn retention(&self) -> Retention {
        Retention {
            days: self.history_days,
            changes: self.history_changes,
            session_days: self.session_days,
        }
    }

    /// The memory that callers may occupy, and its shares.
    pub fn memory(&self) -> Memory {
        let machine = || ByteSize(machine::memory_bytes() / 2);
        Memory::of(self.memory.unwrap_or_else(machine).bytes())
    }

    /// How long an access token is valid.
    pub fn token_lifetime(&self) -> Duration {
        let hours = || u64::from(self.token_hours) * 3600;
        Duration::from_secs(self.token_seconds.map_or_else(hours, u64::from))
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: LISTEN,
            data_dir: DATA_DIR.into(),
            database_url: None,
            database_url_file: None,
            node_name: None,
            node_address: None,
            redis_url: None,
            redis_url_file: None,
            database_connections: POOL_CONNECTIONS,
            web_dir: None,
            journal_limit: JOURNAL_LIMIT,
            disk_reserve: None,
            memory: None,
            row_cache: ROW_CACHE,
            checkpoint_changes: CHECKPOINT_CHANGES,
            history_days: HISTORY_DAYS,
            history_changes: HISTORY_CHANGES,
            address_connections: ADDRESS_CONNECTIONS,
            session_days: SESSION_DAYS,
            drain_seconds: DRAIN_SECONDS,
            token_hours: TOKEN_HOURS,
            token_seconds: None,
            user: None,
            tls: TlsOptions::default(),
            origins: OriginOptions::default(),
            proxies: ProxyOptions::default(),
            mail: MailOptions::default(),
            accounts: AccountOptions::default(),
            oidc: OidcOptions::default(),
            people: PeopleOptions::default(),
            files: FileOptions::default(),
            outbound: OutboundOptions::default(),
            engine: EngineOptions::default(),
            limits: Limits::DEFAULT,
        }
    }
}

fn history_changes(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(count) if count == 0 || count >= HISTORY_CHANGES_MIN => Ok(count),
        _ => Err(format!("give 0, or {HISTORY_CHANGES_MIN} or more")),
    }
}

fn pool_connections(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count) if count >= POOL_CONNECTIONS_MIN => Ok(count),
        _ => Err(format!("give {POOL_CONNECTIONS_MIN} or more")),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn a_bad_secret_is_refused_by_its_flag_and_not_repeated() {
        for flag in ["--database-url", "--redis-url", "--smtp-url"] {
            let refused = Line::try_parse_from(["x", flag, "http://me:secret@host:port"]);
            let text = refused.map(|_| ()).expect_err(flag).to_string();
            assert!(text.contains(&format!("the value of {flag} is not of the form ")), "{text}");
            assert!(!text.contains("secret"), "{text}");
        }
    }

    #[test]
    fn too_few_connections_for_all_purposes_are_refused() {
        let of = |count| Line::try_parse_from(["x", "--database-connections", count]);
        assert_eq!(of("5").map(|line| line.options.database_connections).ok(), Some(5));
        for few in ["0", "4", "x"] {
            let text = of(few).map(|_| ()).expect_err(few).to_string();
            assert!(text.contains("--database-connections") && text.contains("give 5"), "{text}");
        }
    }

    #[test]
    fn flags_reach_their_fields() {
        let line = ["x", "--listen", "0.0.0.0:0", "--journal-limit", "8MiB", "--limit-rows", "5"];
        let options = Line::parse_from(line).options;
        assert_eq!(options.listen.to_string(), "0.0.0.0:0");
        assert_eq!(options.journal_limit, ByteSize(8 * MIB));
        assert_eq!((options.limits.rows, options.limits.columns), (5, Limits::DEFAULT.columns));
    }

    #[test]
    fn history_is_limited_by_days_and_by_changes() {
        let read = |days, changes| {
            let line = ["x", "--history-days", days, "--history-changes", changes];
            Line::try_parse_from(line).map(|line| line.options.retention()).ok()
        };
        let kept = |days, changes| Retention { days, changes, session_days: SESSION_DAYS };
        assert_eq!(read("7", "1000"), Some(kept(7, 1_000)));
        assert_eq!(read("0", "0"), Some(kept(0, 0)));
        for (days, changes) in [("7", "999"), ("7", "-1"), ("-1", "0"), ("36501", "0"), ("x", "0")]
        {
            assert_eq!(read(days, changes), None, "{days} {changes}");
        }
    }
}
