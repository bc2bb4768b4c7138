//! Three servers on one Postgres and one Redis act as one.
//!
//! Not what they answer. Invariant: they end before Redis and Postgres.

use integration::harness::{OwnPostgres, OwnRedis, Server};

/// How many servers there are.
pub(crate) const NODES: usize = 3;

/// All processes. In this order, so that servers end first.
pub(crate) struct Three {
    nodes: [Option<Server>; NODES],
    pub(crate) redis: OwnRedis,
    pub(crate) postgres: OwnPostgres,
}

impl Three {
    /// Starts them, each server with these flags.
    pub(crate) async fn start(flags: &[&str]) -> Self {
        let (postgres, redis) = (OwnPostgres::start().await, OwnRedis::start().await);
        let (database, journal) = (postgres.tcp_url(), redis.url());
        let nodes = [(); NODES].map(|()| Some(Server::start_sharing(&database, &journal, flags)));
        Self { nodes, redis, postgres }
    }

    /// A server that runs.
    pub(crate) fn node(&self, node: usize) -> &Server {
        self.nodes[node].as_ref().expect("it runs")
    }

    /// The servers that run.
    pub(crate) fn running(&self) -> impl Iterator<Item = &Server> {
        self.nodes.iter().flatten()
    }

    /// The addresses of all servers, that of one of them first.
    pub(crate) fn urls(&self, first: usize) -> String {
        let url = |step: usize| self.node((first + step) % NODES).url();
        (0..NODES).map(url).collect::<Vec<_>>().join(",")
    }

    /// Kills a server.
    pub(crate) fn kill(&mut self, node: usize) {
        drop(self.nodes[node].take().expect("it runs").kill());
    }
}
