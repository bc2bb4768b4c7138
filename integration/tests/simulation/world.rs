//! A run of one server that crashes and starts again while peers edit; at the end all faults end. A seed names
//! the run.
//!
//! Each life of the server has a runtime of one thread whose clock advances only when every task waits, and the
//! seed schedules the turns. Invariant: the same seed is the same run, except for the times of day.

use std::collections::BTreeSet;
use std::time::Duration;

use integration::harness::Random;
use model::SheetId;
use tokio::runtime::{Builder, Runtime};
use tokio::time::sleep;
use uuid::Uuid;

use super::disk::MemoryDisk;
use super::judge;
use super::peer::Peer;
use super::postgres::{Availability, Tables};
use super::server::Server;
use super::sheets::new_sheet;

pub(crate) const SHEETS: u128 = 2;
pub(crate) const ROWS: u32 = 4;
pub(crate) const COLUMNS: u32 = 3;
/// Turns after the last crash within which every edit must become committed and reach every peer.
pub(crate) const QUIESCE_TURNS: u32 = 2_000;
/// Attempts to start while the machine may stop.
const STARTS: u32 = 10;

/// The result of a run.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) wrong: Vec<String>,
    /// The names of the events of the run.
    pub(crate) seen: BTreeSet<&'static str>,
    /// A trace to compare runs.
    pub(crate) trace: Vec<u64>,
}

impl Outcome {
    /// Notes how far a peer is, and checks the invariants that hold at any time.
    pub(crate) async fn look_at(&mut self, peer: &mut Peer, tables: &Tables) {
        peer.settle().await;
        if let Some(reported) = peer.reported_committed.take()
            && reported > tables.head(peer.sheet)
        {
            self.wrong.push(format!("Committed reported {reported}, which is not committed"));
        }
        self.trace.push(peer.live.revision().0 << 32 | peer.live.pending() as u64);
    }
}

/// The state of a run.
struct World {
    random: Random,
    disk: MemoryDisk,
    tables: Tables,
    peers: Vec<Peer>,
    step: u64,
    outcome: Outcome,
}

/// Plays the run that a seed names.
pub(crate) fn play(seed: u64) -> Outcome {
    let mut random = Random::from_seed(seed);
    let ids: Vec<SheetId> = (1..=SHEETS).map(|id| SheetId(Uuid::from_u128(id))).collect();
    let peers = 2 + u128::from(random.below(4));
    let mut world = World {
        disk: MemoryDisk::new(seed),
        tables: Tables::new(seed, ids.iter().map(|id| new_sheet(*id, ROWS, COLUMNS))),
        peers: (0..peers).map(|n| Peer::new(n + 1, ids[(n % SHEETS) as usize])).collect(),
        random,
        step: 0,
        outcome: Outcome::default(),
    };
    for _ in 0..world.random.below(4) {
        let turns = 20 + world.random.below(150);
        world.live(|world, server| Box::pin(world.random_turns(server, turns)));
    }
    world.disk.enlarge();
    world.tables.set(Availability::Up);
    world.live(|world, server| Box::pin(world.quiesce(server)));
    let World { mut outcome, disk, tables, .. } = world;
    outcome.seen.extend(disk.seen());
    outcome.seen.extend(tables.seen());
    outcome
}

type Life<'a> = std::pin::Pin<Box<dyn Future<Output = ()> + 'a>>;

impl World {
    /// One life of the server, from its start to a crash.
    fn live(&mut self, life: impl for<'a> FnOnce(&'a mut Self, &'a mut Server) -> Life<'a>) {
        let runtime = runtime();
        runtime.block_on(async {
            let Some(mut server) = self.start() else { return };
            life(self, &mut server).await;
        });
        drop(runtime);
        self.peers.iter_mut().for_each(Peer::break_off);
        self.disk.crash();
    }

    /// Starts a server; the machine may stop during the start, and start again.
    fn start(&mut self) -> Option<Server> {
        for _ in 0..STARTS {
            if self.random.below(6) == 0 {
                self.disk.stop_in_calls(self.random.below(8));
            }
            match Server::start(&self.disk, &self.tables) {
                Ok(server) => {
                    if server.torn_bytes > 0 {
                        self.outcome.seen.insert("torn tail cut off");
                    }
                    return Some(server);
                }
                Err(_) if self.disk.has_stopped() => {
                    self.outcome.seen.insert("stop at the start");
                    self.disk.crash();
                }
                Err(error) => {
                    self.outcome.wrong.push(format!("the journal does not open: {error}"));
                    return None;
                }
            }
        }
        None
    }

    /// Random turns, until the crash.
    async fn random_turns(&mut self, server: &mut Server, turns: u32) {
        for _ in 0..turns {
            let turn = self.random.below(100);
            self.turn(server, turn).await;
            // No task runs once the machine has stopped.
            if self.disk.has_stopped() {
                return;
            }
            self.look(server).await;
        }
    }

    async fn turn(&mut self, server: &mut Server, turn: u32) {
        let count = self.peers.len() as u32;
        let at = self.random.below(count) as usize;
        let (step, most) = (self.step, 1 + self.random.below(6) as usize);
        let peer = &mut self.peers[at];
        match turn {
            0..=29 if peer.is_down() => peer.connect(&server.registry),
            0..=24 => peer.edit(step, &mut self.random),
            25..=39 => peer.send(most),
            40..=51 => peer.read(step, most),
            52..=54 => peer.ask(),
            55..=74 => drop(server.attendant.attend()),
            75..=84 => self.wait(3).await,
            85..=87 => self.wait(400).await,
            88 => self.wait(8_000).await,
            89 | 90 => peer.disconnect(),
            91 => self.disk.stop_in_calls(self.random.below(12)),
            92 | 93 => self.disk.leave_room(self.random.below(800) as usize),
            94 => self.disk.enlarge(),
            95 => self.disk.fail_next_sync(),
            96 => self.tables.land_orphan(),
            97 => self.tables.set(Availability::Up),
            _ => {
                self.tables.set(Availability::ALL[self.random.below(4) as usize]);
            }
        }
    }

    /// Advances the clock by a random time, up to so much.
    async fn wait(&mut self, millis: u32) {
        let millis = self.random.below(millis) + 1;
        sleep(Duration::from_millis(millis.into())).await;
    }

    /// Yields to the other tasks, and checks the invariants that hold at any time.
    async fn look(&mut self, server: &Server) {
        for _ in 0..1 + self.random.below(6) {
            tokio::task::yield_now().await;
        }
        self.step += 1;
        for peer in &mut self.peers {
            self.outcome.look_at(peer, &self.tables).await;
        }
        self.outcome.trace.push(server.journal.uncommitted_entries() as u64);
    }

    /// Ends all faults and connects all peers: then every edit must become committed and reach every peer.
    async fn quiesce(&mut self, server: &mut Server) {
        self.disk.stay_up();
        for _ in 0..QUIESCE_TURNS {
            for at in 0..self.peers.len() {
                let peer = &mut self.peers[at];
                if peer.is_down() {
                    peer.connect(&server.registry);
                }
                peer.send(usize::MAX);
                peer.read(self.step, usize::MAX);
                peer.ask();
            }
            server.attendant.attend();
            self.tables.land_orphan();
            self.wait(20).await;
            self.look(server).await;
            if self.is_settled(server) {
                let Self { outcome, peers, tables, .. } = self;
                return judge::judge(&mut outcome.wrong, peers, tables, (ROWS, COLUMNS));
            }
        }
        let peers: Vec<String> = self.peers.iter().map(Peer::progress).collect();
        let left = server.journal.uncommitted_entries();
        self.outcome.wrong.push(format!("it did not settle: {left} uncommitted, peers {peers:?}"));
    }

    fn is_settled(&self, server: &Server) -> bool {
        let settled = self.peers.iter().all(|peer| peer.is_settled(&self.tables));
        settled && server.journal.uncommitted_entries() == 0
    }
}

pub(crate) fn runtime() -> Runtime {
    // No step on another thread, so that the order of all steps is that of the seed.
    heavy_work::run_at_once();
    let mut builder = Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().expect("a runtime")
}
