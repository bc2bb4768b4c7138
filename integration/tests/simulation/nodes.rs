//! A run of several nodes on one Postgres and one shared journal: they append to the same sheets, are killed
//! and cut off, and take over leases. At the end all faults end and the run is judged.
//!
//! One runtime of one thread for all nodes, whose clock advances only when every task waits. Invariant: the
//! same seed is the same run, except for the times of day.

use std::time::Duration;

use integration::harness::Random;
use model::SheetId;
use tokio::time::sleep;
use uuid::Uuid;

use super::judge;
use super::link::{Link, LinkState, NodeTables};
use super::peer::Peer;
use super::postgres::{Availability, Tables};
use super::server::Node;
use super::sheets::new_sheet;
use super::stream::{NodeJournal, Streams};
use super::world::{COLUMNS, Outcome, QUIESCE_TURNS, ROWS, SHEETS, runtime};

/// Nodes at any time.
pub(crate) const NODES: usize = 3;

/// The state of a run.
struct Nodes {
    random: Random,
    tables: Tables,
    streams: Streams,
    nodes: Vec<Node>,
    /// Nodes started so far.
    born: usize,
    peers: Vec<Peer>,
    /// The node of each peer.
    at: Vec<usize>,
    step: u64,
    outcome: Outcome,
}

/// Plays the run that a seed names.
pub(crate) fn play(seed: u64) -> Outcome {
    let mut random = Random::from_seed(seed ^ 0x10de);
    let ids: Vec<SheetId> = (1..=SHEETS).map(|id| SheetId(Uuid::from_u128(id))).collect();
    let peers = 3 + u128::from(random.below(4));
    // Most peers are on one sheet, so that appends conflict.
    let sheet = |n: u128| ids[usize::from(n == 3)];
    let mut run = Nodes {
        tables: Tables::new(seed, ids.iter().map(|id| new_sheet(*id, ROWS, COLUMNS))),
        streams: Streams::new(seed),
        nodes: Vec::new(),
        born: 0,
        at: (0..peers).map(|_| 0).collect(),
        peers: (0..peers).map(|n| Peer::new(n + 1, sheet(n))).collect(),
        random,
        step: 0,
        outcome: Outcome::default(),
    };
    let runtime = runtime();
    runtime.block_on(async {
        for _ in 0..NODES {
            let node = run.start();
            run.nodes.push(node);
        }
        let turns = 100 + run.random.below(400);
        for _ in 0..turns {
            let turn = run.random.below(100);
            run.turn(turn).await;
            run.look().await;
        }
        run.quiesce().await;
    });
    let Nodes { mut outcome, tables, streams, .. } = run;
    outcome.seen.extend(tables.seen());
    outcome.seen.extend(streams.seen());
    outcome
}

impl Nodes {
    fn start(&mut self) -> Node {
        self.born += 1;
        let link = Link::default();
        let journal =
            NodeJournal { streams: self.streams.clone(), node: self.born, link: link.clone() };
        let tables = NodeTables { tables: self.tables.clone(), link: link.clone() };
        Node::start(journal.into(), tables, link)
    }

    async fn turn(&mut self, turn: u32) {
        let at = self.random.below(self.peers.len() as u32) as usize;
        let node = self.random.below(NODES as u32) as usize;
        let (step, most) = (self.step, 1 + self.random.below(6) as usize);
        let peer = &mut self.peers[at];
        match turn {
            0..=29 if peer.is_down() => {
                self.at[at] = node;
                peer.connect(&self.nodes[node].registry);
            }
            0..=29 => peer.edit(step, &mut self.random),
            30..=47 => peer.send(most),
            48..=61 => peer.read(step, most),
            62..=64 => peer.ask(),
            65..=80 => self.wait(4).await,
            81..=84 => self.wait(400).await,
            85 => self.wait(8_000).await,
            86 | 87 => peer.disconnect(),
            88 => self.kill(node),
            89 => self.nodes[node].link.set(LinkState::Cut),
            90 | 91 => self.nodes[node].link.set(LinkState::Open),
            92 | 93 => self.streams.land_orphan(),
            94 => self.tables.land_orphan(),
            95 => self.streams.expire(),
            96 => self.nodes[node].recover(),
            97 => self.tables.set(Availability::Up),
            _ => {
                self.tables.set(Availability::ALL[self.random.below(4) as usize]);
            }
        }
    }

    /// A node is killed, and another one starts in its place.
    fn kill(&mut self, which: usize) {
        let next = self.start();
        let dead = std::mem::replace(&mut self.nodes[which], next);
        dead.link.set(LinkState::Dead);
        let there = self.peers.iter_mut().zip(&self.at).filter(|(_, at)| **at == which);
        there.for_each(|(peer, _)| peer.break_off());
        self.outcome.seen.insert("node killed");
    }

    /// Advances the clock by a random time, up to so much.
    async fn wait(&mut self, millis: u32) {
        let millis = self.random.below(millis) + 1;
        sleep(Duration::from_millis(millis.into())).await;
    }

    /// Yields to the other tasks, and checks the invariants that hold at any time.
    async fn look(&mut self) {
        for _ in 0..1 + self.random.below(6) {
            tokio::task::yield_now().await;
        }
        self.step += 1;
        for peer in &mut self.peers {
            self.outcome.look_at(peer, &self.tables).await;
        }
        self.outcome.trace.push(self.streams.uncommitted());
    }

    /// Ends all faults and connects all peers: then every edit must become committed and reach every peer.
    async fn quiesce(&mut self) {
        self.tables.set(Availability::Up);
        self.nodes.iter().for_each(|node| node.link.set(LinkState::Open));
        for turn in 0..QUIESCE_TURNS {
            for at in 0..self.peers.len() {
                let node = self.random.below(NODES as u32) as usize;
                let peer = &mut self.peers[at];
                if peer.is_down() {
                    self.at[at] = node;
                    peer.connect(&self.nodes[node].registry);
                }
                peer.send(usize::MAX);
                peer.read(self.step, usize::MAX);
                peer.ask();
            }
            if turn % 100 == 0 {
                self.nodes.iter().for_each(Node::recover);
            }
            self.streams.land_orphan();
            self.tables.land_orphan();
            self.wait(20).await;
            self.look().await;
            let settled = self.peers.iter().all(|peer| peer.is_settled(&self.tables));
            let held: usize =
                self.nodes.iter().map(|node| node.journal.uncommitted_entries()).sum();
            if settled && self.streams.uncommitted() == 0 && held == 0 {
                let Self { outcome, peers, tables, .. } = self;
                return judge::judge(&mut outcome.wrong, peers, tables, (ROWS, COLUMNS));
            }
        }
        let left = self.streams.uncommitted();
        let held: Vec<_> =
            self.nodes.iter().map(|node| node.journal.uncommitted_entries()).collect();
        self.outcome.wrong.push(format!("the nodes hold {held:?} entries"));
        let peers: Vec<String> = self.peers.iter().map(Peer::progress).collect();
        self.outcome.wrong.push(format!("it did not settle: {left} uncommitted, peers {peers:?}"));
    }
}
