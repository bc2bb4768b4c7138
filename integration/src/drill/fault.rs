//! What can fail, and the drills that make it fail.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_postgres::NoTls;

use super::cluster::{Cluster, Database};
use super::history::Clock;
use super::onlooker::Deaf;
use crate::harness::{Ballast, Paused, Weather, kill_postgres};

/// How much later everything from and to a slow Postgres is, each way.
const SLOW: Duration = Duration::from_millis(150);
/// A journal that a few seconds of edits fill.
const SMALL_JOURNAL: &str = "256KiB";
/// The same for edits of a megabyte: it takes some of them.
const HEAVY_JOURNAL: &str = "16MiB";
/// Bytes of the disk that a few seconds of edits fill: its journal fills ahead by a megabyte.
pub(super) const SMALL_DISK_BYTES: u64 = 2 << 20;
/// The same for edits of a megabyte.
pub(super) const HEAVY_DISK_BYTES: u64 = 24 << 20;
/// Bytes of a disk with room for Postgres, until something else takes it.
pub(super) const POSTGRES_DISK_BYTES: u64 = 256 << 20;
/// Text that makes edits fill a small journal, in bytes.
const LONG_TEXT_BYTES: usize = 16_000;
/// Text that makes edits fill what is between a server and somebody who does not read, in bytes.
const LONGEST_TEXT_BYTES: usize = 40_000;
/// Pause between two attempts to take a connection away.
const TAKE_INTERVAL: Duration = Duration::from_millis(5);

/// Something that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A node is killed, stays away, and is started again.
    ServerKilled,
    /// A node is asked to stop, stays away, and is started again.
    ServerStopped,
    /// Postgres and all its backends stand still, and go on.
    PostgresPaused,
    /// Postgres is killed; its supervisor starts it again.
    PostgresKilled,
    /// Postgres is asked to stop, stays away, and is started again.
    PostgresStopped,
    /// Everything to and from Postgres is late.
    PostgresSlow,
    /// Connections to Postgres are reset, and so is each new one.
    PostgresReset,
    /// Nothing to or from Postgres passes, and what was under way never comes.
    PostgresSilent,
    /// The disk of Postgres is full.
    PostgresDisk,
    /// Others have taken all connections of Postgres.
    ConnectionsTaken,
    /// The journal reaches its limit, while Postgres stands still.
    JournalLimit,
    /// The disk of the journal is full, while Postgres stands still.
    JournalDisk,
    /// Redis stands still, and goes on.
    RedisPaused,
    /// Redis is killed, stays away, and is started again with what it had.
    RedisKilled,
    /// The same, but it comes back with nothing.
    RedisEmptied,
    /// Nothing passes between one node and Redis, and nobody is told; the others have it.
    RedisSilentForOne,
    /// Redis is refused to one node; the others have it.
    RedisCutForOne,
    /// Redis loses all it had while nothing passes between it and one node, which does not see it.
    RedisEmptiedUnseen,
    /// Postgres is stopped and Redis is killed; both are started again.
    BothStopped,
    /// Neither Postgres nor Redis answers, and both go on.
    BothSilent,
    /// A session reads slowly.
    SlowReader,
    /// A session does not read at all.
    DeafReader,
}

impl Fault {
    /// Whether it needs a Postgres that is reached through a proxy.
    pub(super) fn needs_own_postgres(self) -> bool {
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

    /// Whether the first node reaches Redis through a proxy, and the others do not.
    pub(super) fn parts_one_from_redis(self) -> bool {
        matches!(self, Self::RedisSilentForOne | Self::RedisCutForOne | Self::RedisEmptiedUnseen)
    }

    /// Whether it is the first node alone that lacks something, so that the others have to go on.
    pub(super) fn strikes_one(self) -> bool {
        matches!(
            self,
            Self::ServerKilled
                | Self::ServerStopped
                | Self::RedisSilentForOne
                | Self::RedisCutForOne
        )
    }

    /// Further flags of the server; `heavy`: a program sends edits as heavy as they may be.
    pub(super) fn flags(self, heavy: bool) -> &'static [&'static str] {
        match self {
            // One server's clients have nowhere to go.
            Self::ServerStopped => &["--drain-seconds", "1"],
            Self::JournalLimit if heavy => &["--journal-limit", HEAVY_JOURNAL],
            Self::JournalLimit => &["--journal-limit", SMALL_JOURNAL],
            Self::SlowReader | Self::DeafReader => &["--limit-session-frames", "16"],
            _ => &[],
        }
    }

    /// Whether it needs a disk that can be filled, which only root can make.
    #[must_use]
    pub fn needs_small_disk(self) -> bool {
        matches!(self, Self::JournalDisk | Self::PostgresDisk)
    }

    /// How long the texts are that writers write, in bytes; 0 for short ones.
    pub(super) fn text_bytes(self) -> usize {
        match self {
            Self::JournalLimit | Self::JournalDisk | Self::PostgresDisk => LONG_TEXT_BYTES,
            Self::SlowReader | Self::DeafReader => LONGEST_TEXT_BYTES,
            _ => 0,
        }
    }

    /// Whether something has to be started to end it.
    pub(super) fn takes_starting(self) -> bool {
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

    /// Whether edits may be refused for want of room.
    pub(super) fn fills_journal(self) -> bool {
        matches!(self, Self::JournalLimit | Self::JournalDisk)
    }

    /// Makes it happen.
    pub(super) async fn begin(self, cluster: &mut Cluster, clock: &Clock) -> Ongoing {
        match self {
            Self::ServerKilled => cluster.nodes[0].kill(),
            Self::ServerStopped => cluster.nodes[0].stop(),
            Self::PostgresPaused | Self::JournalLimit | Self::JournalDisk => {
                return Ongoing::Paused(Paused::postgres(cluster.postgres_home()));
            }
            Self::PostgresKilled => kill_postgres(cluster.postgres_home()),
            Self::PostgresStopped => cluster.stop_postgres().await,
            Self::RedisPaused => cluster.redis().pause(),
            Self::RedisKilled => cluster.redis().kill(),
            Self::RedisEmptied => cluster.redis().lose_all(),
            Self::RedisSilentForOne => cluster.redis().proxy().set(Weather::Silent),
            Self::RedisCutForOne => cluster.redis().proxy().set(Weather::Cut),
            Self::RedisEmptiedUnseen => {
                let redis = cluster.redis();
                redis.proxy().set(Weather::Silent);
                redis.lose_all();
                redis.start_again().await;
            }
            Self::BothStopped => {
                cluster.stop_postgres().await;
                cluster.redis().kill();
            }
            Self::BothSilent => {
                cluster.weather(Weather::Silent);
                cluster.redis().pause();
            }
            Self::PostgresSlow => cluster.weather(Weather::Slow(SLOW)),
            Self::PostgresReset => cluster.weather(Weather::Cut),
            Self::PostgresSilent => cluster.weather(Weather::Silent),
            Self::PostgresDisk => {
                return Ongoing::Full(Ballast::fill(cluster.postgres_home()));
            }
            Self::ConnectionsTaken => return Ongoing::Taking(take_connections(cluster)),
            Self::SlowReader => return Ongoing::Deaf(Deaf::listen(cluster, clock, true).await),
            Self::DeafReader => return Ongoing::Deaf(Deaf::listen(cluster, clock, false).await),
        }
        Ongoing::Struck
    }
}

/// A fault that lasts.
#[derive(Debug)]
pub(super) enum Ongoing {
    Struck,
    Paused(Paused),
    Full(Ballast),
    Taking(JoinHandle<()>),
    Deaf(Deaf),
}

impl Ongoing {
    /// Makes good what was broken. Gives what is wrong with what was seen of it.
    pub(super) async fn end(self, cluster: &mut Cluster) -> Vec<String> {
        match self {
            Self::Struck => {
                if let Database::Own(own) = &mut cluster.database {
                    own.start_again().await;
                    own.proxy().set(Weather::Clear);
                }
                if let Some(redis) = &mut cluster.redis {
                    redis.go_on();
                    redis.start_again().await;
                    redis.proxy().set(Weather::Clear);
                }
                cluster.nodes.iter_mut().for_each(|node| node.start());
            }
            Self::Paused(paused) => drop(paused),
            Self::Full(ballast) => drop(ballast),
            Self::Taking(taking) => taking.abort(),
            Self::Deaf(deaf) => return deaf.end().await,
        }
        Vec::new()
    }
}

/// Takes every connection that Postgres has, also those of the servers, until it is aborted.
fn take_connections(cluster: &Cluster) -> JoinHandle<()> {
    let Database::Own(own) = &cluster.database else { panic!("this takes a Postgres of its own") };
    let mut config = own.config().clone();
    config.application_name("drill");
    tokio::spawn(async move {
        let mut taken = Vec::new();
        loop {
            while let Ok((client, connection)) = config.connect(NoTls).await {
                tokio::spawn(connection);
                taken.push(client);
            }
            // Refused: all are taken. Who else has one is to lose it.
            if let Some(client) = taken.first() {
                let others = "select pg_terminate_backend(pid) from pg_stat_activity \
                    where application_name = 'gridloom'";
                // Tried again in a moment.
                let _ = client.execute(others, &[]).await;
            }
            tokio::time::sleep(TAKE_INTERVAL).await;
        }
    })
}
