//! A run of several nodes on one Postgres and one shared journal: they race for the same sheets, are
//! killed and cut off, commit in each other's place, and at the end the weather is fair.
//!
//! One runtime of one thread for all, whose clock stands still but when everybody waits. Invariant: the
//! same seed is the same run, but for the times of day.

use std::time::Duration;

use integration::harness::Random;
use model::SheetId;
use tokio::time::sleep;
use uuid::Uuid;

use super::judge;
use super::peer::Peer;
use super::postgres::{Tables, Weather, new_sheet};
use super::server::Node;
use super::stream::{NodeJournal, Streams};
use super::way::{NodeTables, Way, WayState};
use super::world::{COLUMNS, Outcome, PEACE_TURNS, ROWS, SHEETS, runtime};

/// Nodes at any time.
pub(crate) const NODES: usize = 3;

/// A run while it goes on.
struct Nodes {
    random: Random,
    tables: Tables,
    streams: Streams,
    nodes: Vec<Node>,
    /// Nodes that there have been.
    born: usize,
    peers: Vec<Peer>,
    /// The node that each of them is at.
    at: Vec<usize>,
    step: u64,
    outcome: Outcome,
}

/// Plays the run that a seed names.
pub(crate) fn play(seed: u64) -> Outcome {
    let mut random = Random::from_seed(seed ^ 0x10de);
    let ids: Vec<SheetId> = (1..=SHEETS).map(|id| SheetId(Uuid::from_u128(id))).collect();
    let peers = 3 + u128::from(random.below(4));
    // Most of them on one sheet, so that nodes race.
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
        run.peace().await;
    });
    let Nodes { mut outcome, tables, streams, .. } = run;
    outcome.seen.extend(tables.seen());
    outcome.seen.extend(streams.seen());
    outcome
}

impl Nodes {
    fn start(&mut self) -> Node {
        self.born += 1;
        let way = Way::default();
        let journal =
            NodeJournal { streams: self.streams.clone(), node: self.born, way: way.clone() };
        let tables = NodeTables { tables: self.tables.clone(), way: way.clone() };
        Node::start(journal.into(), tables, way)
    }

    async fn turn(&mut self, turn: u32) {
        let who = self.random.below(self.peers.len() as u32) as usize;
        let which = self.random.below(NODES as u32) as usize;
        let (step, most) = (self.step, 1 + self.random.below(6) as usize);
        let peer = &mut self.peers[who];
        match turn {
            0..=29 if peer.is_down() => {
                self.at[who] = which;
                peer.connect(&self.nodes[which].registry);
            }
            0..=29 => peer.edit(step, &mut self.random),
            30..=47 => peer.send(most),
            48..=61 => peer.read(step, most),
            62..=64 => peer.ask(),
            65..=80 => self.wait(4).await,
            81..=84 => self.wait(400).await,
            85 => self.wait(8_000).await,
            86 | 87 => peer.disconnect(),
            88 => self.kill(which),
            89 => self.nodes[which].way.set(WayState::Cut),
            90 | 91 => self.nodes[which].way.set(WayState::Open),
            92 | 93 => self.streams.land_adrift(),
            94 => self.tables.land_adrift(),
            95 => self.streams.expire(),
            96 => self.nodes[which].recover(),
            97 => self.tables.set(Weather::Clear),
            _ => {
                let weathers = [Weather::Away, Weather::Silent, Weather::Lossy, Weather::Clear];
                self.tables.set(weathers[self.random.below(4) as usize]);
            }
        }
    }

    /// A node is killed, and another one starts in its place.
    fn kill(&mut self, which: usize) {
        let next = self.start();
        let dead = std::mem::replace(&mut self.nodes[which], next);
        dead.way.set(WayState::Dead);
        let there = self.peers.iter_mut().zip(&self.at).filter(|(_, at)| **at == which);
        there.for_each(|(peer, _)| peer.break_off());
        self.outcome.seen.insert("node killed");
    }

    /// Lets time pass, up to so much.
    async fn wait(&mut self, millis: u32) {
        let millis = self.random.below(millis) + 1;
        sleep(Duration::from_millis(millis.into())).await;
    }

    /// Lets the others run, and checks what can be checked at any time.
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

    /// Everybody connects, nothing fails: all is committed and seen by all, or something is wrong.
    async fn peace(&mut self) {
        self.tables.set(Weather::Clear);
        self.nodes.iter().for_each(|node| node.way.set(WayState::Open));
        for turn in 0..PEACE_TURNS {
            for who in 0..self.peers.len() {
                let which = self.random.below(NODES as u32) as usize;
                let peer = &mut self.peers[who];
                if peer.is_down() {
                    self.at[who] = which;
                    peer.connect(&self.nodes[which].registry);
                }
                peer.send(usize::MAX);
                peer.read(self.step, usize::MAX);
                peer.ask();
            }
            if turn % 100 == 0 {
                self.nodes.iter().for_each(Node::recover);
            }
            self.streams.land_adrift();
            self.tables.land_adrift();
            self.wait(20).await;
            self.look().await;
            let settled = self.peers.iter().all(|peer| peer.is_settled(&self.tables));
            if settled && self.streams.uncommitted() == 0 {
                let Self { outcome, peers, tables, .. } = self;
                return judge::judge(&mut outcome.wrong, peers, tables, (ROWS, COLUMNS));
            }
        }
        let left = self.streams.uncommitted();
        let peers: Vec<String> = self.peers.iter().map(Peer::told).collect();
        self.outcome.wrong.push(format!("it did not settle: {left} uncommitted, peers {peers:?}"));
    }
}
