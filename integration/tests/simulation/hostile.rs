//! Runs with hostile sessions: they send frames early, twice, out of order and out of every range, leave and come back,
//! and do not read, while Postgres is away at times. An ordinary session edits beside them.
//!
//! Each edit is answered once for each time that it is sent, as long as its session lasts. The ordinary session's edits
//! are all accepted. Afterwards no memory is held, and no task runs.
//!
//! Not the transport (`abuse` of the system tests). Invariant: no frame panics a task, and every run ends within a
//! bounded number of looks.

#[path = "hostile/frames.rs"]
mod frames;
#[path = "hostile/session.rs"]
mod session;

use std::time::Duration;

use integration::harness::Random;
use model::memory::Memory;
use ot_engine::{AxisDelta, ClientId, Delta};
use sheet::memory::SheetMemory;
use tokio::runtime::Handle;
use tokio::time::sleep;

use self::frames::{Frames, SHEET};
use self::session::Hostile;
use super::disk::MemoryDisk;
use super::postgres::{Availability, Tables};
use super::server::Server;
use super::sheets::new_sheet;
use super::world::{Outcome, runtime};

const ROWS: u32 = 40;
const COLUMNS: u32 = 6;
/// Hostile sessions of one run.
const HOSTILE: u128 = 4;
/// Rounds of one run; in each every session acts.
const ROUNDS: u32 = 60;
/// Edits of the ordinary session after the hostile rounds.
const ORDINARY: u64 = 10;
/// Looks until an answer counts as missing.
const LOOKS: u32 = 4_000;

struct Run {
    random: Random,
    tables: Tables,
    server: Server,
    hostile: Vec<Hostile>,
    ordinary: Hostile,
    wrong: Vec<String>,
}

/// Plays a run.
pub(crate) fn play(seed: u64) -> Outcome {
    let disk = MemoryDisk::new(seed);
    let tables = Tables::new(seed, [new_sheet(SHEET, ROWS, COLUMNS)]);
    let mut outcome = Outcome::default();
    let runtime = runtime();
    runtime.block_on(async {
        let server = Server::start(&disk, &tables).expect("the journal opens");
        let mut run = Run {
            random: Random::from_seed(seed ^ 0x5eed),
            tables: tables.clone(),
            server,
            hostile: (0..HOSTILE).map(|at| Hostile::new(ClientId(at + 1))).collect(),
            ordinary: Hostile::new(ClientId(100)),
            wrong: Vec::new(),
        };
        run.play(&mut outcome).await;
        run.quiet(&mut outcome).await;
        outcome.wrong.append(&mut run.wrong);
    });
    outcome.seen.extend(tables.seen());
    outcome
}

impl Run {
    async fn play(&mut self, outcome: &mut Outcome) {
        let frames = Frames { rows: ROWS, columns: COLUMNS };
        for _ in 0..ROUNDS {
            self.weather();
            for at in 0..self.hostile.len() {
                let (random, registry) = (&mut self.random, &self.server.registry);
                self.hostile[at].act(random, registry, &frames, outcome).await;
            }
            self.ordinary.keep_open(&self.server.registry).await;
            let edit = frames.ordinary(&mut self.random);
            self.ordinary.edit(edit);
            for _ in 0..self.random.below(4) {
                self.look().await;
            }
        }
        self.tables.set(Availability::Up);
    }

    /// Postgres comes and goes.
    fn weather(&mut self) {
        match self.random.below(12) {
            0 => self.tables.set(Availability::Away),
            1 => self.tables.set(Availability::Silent),
            2 => self.tables.set(Availability::Lossy),
            3..=5 => self.tables.set(Availability::Up),
            _ => {}
        }
    }

    async fn look(&mut self) {
        self.server.attendant.attend();
        sleep(Duration::from_millis(5)).await;
        for session in self.hostile.iter_mut().chain([&mut self.ordinary]) {
            session.read();
        }
    }

    /// All is answered, ordinary edits are accepted, and everything that was held is given back.
    async fn quiet(&mut self, outcome: &mut Outcome) {
        self.hostile.iter_mut().for_each(Hostile::read_again);
        self.look_until(|run| {
            run.hostile.iter().all(Hostile::is_answered) && run.ordinary.is_answered()
        })
        .await;
        for session in self.hostile.iter().chain([&self.ordinary]) {
            self.wrong.extend(session.wrong());
        }
        if self.hostile.iter().any(|session| session.accepted > 0) {
            outcome.seen.insert("hostile accepted");
        }
        if self.hostile.iter().any(|session| session.refused > 0) {
            outcome.seen.insert("hostile refused");
        }
        self.ordinary_edits().await;
        self.all_is_given_back().await;
    }

    async fn ordinary_edits(&mut self) {
        self.ordinary.keep_open(&self.server.registry).await;
        self.look_until(|run| run.ordinary.is_welcome()).await;
        // The hostile sessions may have deleted all rows and columns.
        let (rows, cols) = (AxisDelta::insert(0, 1), AxisDelta::insert(0, 1));
        self.ordinary.edit(Delta { rows, cols, ..Delta::identity() });
        self.look_until(|run| run.ordinary.is_answered()).await;
        let before = self.ordinary.accepted;
        for number in 0..ORDINARY {
            self.ordinary.edit(Delta::set_cell(0, 0, number as f64));
        }
        self.look_until(|run| run.ordinary.is_answered()).await;
        if self.ordinary.accepted - before != ORDINARY {
            let text = format!("ordinary edits are not accepted: {}", self.ordinary.last_refusal);
            self.wrong.push(text);
        }
    }

    /// Looks until something is so; its caller checks whether it is.
    async fn look_until(&mut self, done: impl Fn(&Self) -> bool) {
        for _ in 0..LOOKS {
            self.look().await;
            if done(self) {
                return;
            }
        }
    }

    async fn all_is_given_back(&mut self) {
        self.hostile.clear();
        self.ordinary.leave();
        let memory = || &self.server.registry.shared().memory;
        let fresh = SheetMemory::new(&Memory::default()).edits.free_bytes();
        let mut held = String::new();
        for _ in 0..LOOKS {
            self.server.attendant.attend();
            sleep(Duration::from_millis(5)).await;
            let (edits, frames, caches) = (
                fresh - memory().edits.free_bytes(),
                memory().frames.used(),
                memory().caches.used(),
            );
            let tasks = Handle::current().metrics().num_alive_tasks();
            held = format!("edits {edits}, frames {frames}, caches {caches} bytes, {tasks} tasks");
            if edits + frames + caches + tasks == 0 {
                return;
            }
        }
        self.wrong.push(format!("held after all have left: {held}"));
    }
}
