//! Begins a fault on a cluster, and ends it.
//!
//! Not the definition of the faults: see `fault`.
//!
//! Invariant: after [`Ongoing::end`] every process of the cluster runs, and every proxy forwards at once.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_postgres::NoTls;

use super::clients::slow_session::SlowSession;
use super::cluster::fault::Fault;
use super::cluster::{Cluster, Database};
use super::evidence::history::Clock;
use crate::harness::{Ballast, Link, Paused, kill_postgres};

/// The delay of each byte to and from a slow Postgres, each way.
const SLOW: Duration = Duration::from_millis(150);
/// Pause between two attempts to take a connection.
const TAKE_INTERVAL: Duration = Duration::from_millis(5);

/// Begins a fault.
pub(super) async fn strike(fault: Fault, cluster: &mut Cluster, clock: &Clock) -> Ongoing {
    match fault {
        Fault::ServerKilled => cluster.nodes[0].kill(),
        Fault::ServerStopped => cluster.nodes[0].stop(),
        Fault::PostgresPaused | Fault::JournalLimit | Fault::JournalDisk => {
            return Ongoing::Paused(Paused::postgres(cluster.postgres_home()));
        }
        Fault::PostgresKilled => kill_postgres(cluster.postgres_home()),
        Fault::PostgresStopped => cluster.stop_postgres().await,
        Fault::RedisPaused => cluster.redis().pause(),
        Fault::RedisKilled => cluster.redis().kill(),
        Fault::RedisEmptied => cluster.redis().lose_all(),
        Fault::RedisSilentForOne => cluster.redis().proxy().set(Link::Silent),
        Fault::RedisCutForOne => cluster.redis().proxy().set(Link::Cut),
        Fault::RedisEmptiedUnseen => {
            let redis = cluster.redis();
            redis.proxy().set(Link::Silent);
            redis.lose_all();
            redis.start_again().await;
        }
        Fault::BothStopped => {
            cluster.stop_postgres().await;
            cluster.redis().kill();
        }
        Fault::BothSilent => {
            cluster.set_postgres_link(Link::Silent);
            cluster.redis().pause();
        }
        Fault::PostgresSlow => cluster.set_postgres_link(Link::Slow(SLOW)),
        Fault::PostgresReset => cluster.set_postgres_link(Link::Cut),
        Fault::PostgresSilent => cluster.set_postgres_link(Link::Silent),
        Fault::PostgresDisk => {
            return Ongoing::Full(Ballast::fill(cluster.postgres_home()));
        }
        Fault::ConnectionsTaken => return Ongoing::Taking(take_connections(cluster)),
        Fault::SlowReader => return Ongoing::Slow(SlowSession::open(cluster, clock, true).await),
        Fault::DeafReader => return Ongoing::Slow(SlowSession::open(cluster, clock, false).await),
    }
    Ongoing::Struck
}

/// A fault that has begun.
#[derive(Debug)]
pub(super) enum Ongoing {
    Struck,
    Paused(Paused),
    Full(Ballast),
    Taking(JoinHandle<()>),
    Slow(SlowSession),
}

impl Ongoing {
    /// Ends the fault; returns the findings of a slow session.
    pub(super) async fn end(self, cluster: &mut Cluster) -> Vec<String> {
        match self {
            Self::Struck => {
                if let Database::Own(own) = &mut cluster.database {
                    own.start_again().await;
                    own.proxy().set(Link::Open);
                }
                if let Some(redis) = &mut cluster.redis {
                    redis.resume();
                    redis.start_again().await;
                    redis.proxy().set(Link::Open);
                }
                cluster.nodes.iter_mut().for_each(|node| node.start());
            }
            Self::Paused(paused) => drop(paused),
            Self::Full(ballast) => drop(ballast),
            Self::Taking(taking) => taking.abort(),
            Self::Slow(session) => return session.end().await,
        }
        Vec::new()
    }
}

/// Takes every connection of Postgres, also those of the servers, until the task is aborted.
fn take_connections(cluster: &Cluster) -> JoinHandle<()> {
    let Database::Own(own) = &cluster.database else {
        panic!("this fault needs a Postgres of its own")
    };
    let mut config = own.config().clone();
    config.application_name("drill");
    tokio::spawn(async move {
        let mut taken = Vec::new();
        loop {
            while let Ok((client, connection)) = config.connect(NoTls).await {
                tokio::spawn(connection);
                taken.push(client);
            }
            // All connections are taken: the servers' own ones are closed, so that they can be taken too.
            if let Some(client) = taken.first() {
                let others = "select pg_terminate_backend(pid) from pg_stat_activity \
                    where application_name = 'gridloom'";
                // The next round tries again.
                let _ = client.execute(others, &[]).await;
            }
            tokio::time::sleep(TAKE_INTERVAL).await;
        }
    })
}
