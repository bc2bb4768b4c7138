//! The faults of the drills, and what a cluster needs for each.
//!
//! Data only: `strike` makes a fault happen and ends it.
//!
//! Invariant: a fault needs no more of a cluster than these functions return.

/// A journal that a few seconds of edits fill.
const SMALL_JOURNAL: &str = "256KiB";
/// The same for edits of a megabyte: it takes some of them.
const HEAVY_JOURNAL: &str = "16MiB";
/// Bytes of the disk that a few seconds of edits fill: its journal fills ahead by a megabyte.
pub(crate) const SMALL_DISK_BYTES: u64 = 2 << 20;
/// The same for edits of a megabyte.
pub(crate) const HEAVY_DISK_BYTES: u64 = 24 << 20;
/// Bytes of a disk with room for Postgres, until ballast fills it.
pub(crate) const POSTGRES_DISK_BYTES: u64 = 256 << 20;
/// Text that makes edits fill a small journal, in bytes.
const LONG_TEXT_BYTES: usize = 16_000;
/// Text that makes edits fill the buffers between a server and a session that does not read, in bytes.
const LONGEST_TEXT_BYTES: usize = 40_000;
/// A failing part of the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A node is killed, stays down, and is started again.
    ServerKilled,
    /// A node is asked to stop, stays down, and is started again.
    ServerStopped,
    /// Postgres and all its backends are paused, and resumed.
    PostgresPaused,
    /// Postgres is killed; its supervisor starts it again.
    PostgresKilled,
    /// Postgres is asked to stop, stays down, and is started again.
    PostgresStopped,
    /// Each byte to and from Postgres is delayed.
    PostgresSlow,
    /// Connections to Postgres are reset, and so is each new one.
    PostgresReset,
    /// No byte to or from Postgres passes, and bytes in flight are lost.
    PostgresSilent,
    /// The disk of Postgres is full.
    PostgresDisk,
    /// Another program has taken all connections of Postgres.
    ConnectionsTaken,
    /// The journal reaches its limit, while Postgres is paused.
    JournalLimit,
    /// The disk of the journal is full, while Postgres is paused.
    JournalDisk,
    /// Redis is paused, and resumed.
    RedisPaused,
    /// Redis is killed, stays down, and is started again with its data.
    RedisKilled,
    /// The same, but it starts empty.
    RedisEmptied,
    /// No byte passes between one node and Redis, without an error; the other nodes reach it.
    RedisSilentForOne,
    /// One node's connections to Redis are reset; the other nodes reach it.
    RedisCutForOne,
    /// Redis loses its data while one node is cut off from it, so that this node does not notice.
    RedisEmptiedUnseen,
    /// Postgres is stopped and Redis is killed; both are started again.
    BothStopped,
    /// Neither Postgres nor Redis answers, and both are resumed.
    BothSilent,
    /// A session reads slowly.
    SlowReader,
    /// A session does not read at all.
    DeafReader,
}

impl Fault {
    /// Whether the nodes must reach Postgres through a proxy.
    pub(crate) fn needs_own_postgres(self) -> bool {
        matches!(
            self,
            Self::PostgresStopped
                | Self::PostgresSlow
                | Self::PostgresReset
                | Self::PostgresSilent
                | Self::PostgresDisk
                | Self::ConnectionsTaken
        )
    }

    /// Whether the first node alone must reach Redis through a proxy.
    pub(crate) fn parts_one_from_redis(self) -> bool {
        matches!(self, Self::RedisSilentForOne | Self::RedisCutForOne | Self::RedisEmptiedUnseen)
    }

    /// Whether the first node alone is struck, so that the other nodes have to keep working.
    pub(crate) fn strikes_one(self) -> bool {
        matches!(
            self,
            Self::ServerKilled
                | Self::ServerStopped
                | Self::RedisSilentForOne
                | Self::RedisCutForOne
        )
    }

    /// Further flags of the server; `heavy`: a client sends edits of the largest size.
    pub(crate) fn flags(self, heavy: bool) -> &'static [&'static str] {
        match self {
            // The clients of a single server have no other one to move to.
            Self::ServerStopped => &["--drain-seconds", "1"],
            Self::JournalLimit if heavy => &["--journal-limit", HEAVY_JOURNAL],
            Self::JournalLimit => &["--journal-limit", SMALL_JOURNAL],
            Self::SlowReader | Self::DeafReader => &["--limit-session-frames", "16"],
            _ => &[],
        }
    }

    /// Whether it needs a small disk of its own, which only root can mount.
    #[must_use]
    pub fn needs_small_disk(self) -> bool {
        matches!(self, Self::JournalDisk | Self::PostgresDisk)
    }

    /// The length of the writers' texts, in bytes; 0 for short ones.
    pub(crate) fn text_bytes(self) -> usize {
        match self {
            Self::JournalLimit | Self::JournalDisk | Self::PostgresDisk => LONG_TEXT_BYTES,
            Self::SlowReader | Self::DeafReader => LONGEST_TEXT_BYTES,
            _ => 0,
        }
    }

    /// Whether a process has to be started to end it.
    pub(crate) fn takes_starting(self) -> bool {
        matches!(
            self,
            Self::ServerKilled
                | Self::ServerStopped
                | Self::PostgresStopped
                | Self::RedisKilled
                | Self::RedisEmptied
                | Self::BothStopped
        )
    }

    /// Whether edits may be refused because the journal is full.
    pub(crate) fn fills_journal(self) -> bool {
        matches!(self, Self::JournalLimit | Self::JournalDisk)
    }
}
