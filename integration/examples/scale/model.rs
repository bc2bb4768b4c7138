//! The steps of an edit in a cluster, as events in the order of time.
//!
//! Its server sequences it. Redis appends it (a primary chosen by sheet). Every other server that has the sheet
//! open follows it and sends it to its sessions. The server with the lease commits a batch (a database chosen by
//! sheet). Not modelled: append conflicts and a saturated network. Invariant: events are handled in the order
//! of their times.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use hdrhistogram::Histogram;
use integration::harness::Random;

use crate::queues::{Queue, Time};

const SECOND: Time = 1_000_000;
/// Microseconds of a server's core, measured: to sequence an edit, and to send a change to a session.
const EDIT: u64 = 50;
const DELIVERY: u64 = 3;
/// The same for an edit in Postgres, measured: 15 to 30.
const COMMITTED_EDIT: u64 = 30;
/// Cores of a server. Assumed, as are all figures below.
const CORES: u32 = 4;
/// One way between two machines.
const HOP: u64 = 100;
/// Microseconds of a Redis primary for one append and its event.
const APPEND: u64 = 30;
/// Microseconds of a server's core to follow another server's change.
const FOLLOW: u64 = 15;
/// A transaction of Postgres beside its edits, and how many run at once in one database.
const TRANSACTION: u64 = 1_000;
const TRANSACTIONS_AT_ONCE: u32 = 16;
/// How long a sheet collects edits before a commit.
const COMMIT_DELAY: u64 = 100_000;
/// To open a session, and to open a sheet that a server does not have.
const JOIN: u64 = 500;
const OPEN: u64 = 5_000;
/// A session that lost its server reconnects after this, and up to so much more.
const BACK_OFF: u64 = 100_000;
const BACK_OFF_CHANCE: u32 = 900_000;
/// The longest time that the histograms resolve.
const LONGEST: u64 = 600 * SECOND;

/// The size of the simulated cluster.
#[derive(Debug)]
pub(crate) struct Scale {
    pub(crate) nodes: u32,
    pub(crate) sheets: u32,
    pub(crate) sessions: u32,
    pub(crate) edits_per_second: u32,
    pub(crate) redis: u32,
    pub(crate) postgres: u32,
    pub(crate) seconds: u32,
    pub(crate) seed: u64,
}

/// The result. Times are in microseconds.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) accepted: Histogram<u64>,
    pub(crate) seen: Histogram<u64>,
    pub(crate) committed: Histogram<u64>,
    pub(crate) back: Histogram<u64>,
    /// Percent of the time: servers, Redis, Postgres.
    pub(crate) busy: [f64; 3],
    /// The busiest Redis and the busiest Postgres.
    pub(crate) fullest: [f64; 2],
}

/// Ordered as in the heap only by time and number, so that runs repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// The next edit of any session.
    Edit,
    /// The edit is sequenced and reaches Redis.
    Append { session: u32, since: Time },
    /// The edit is appended: its server accepts it, and the other servers receive an event.
    Appended { session: u32, since: Time },
    /// Another server has received the event.
    Followed { sheet: u32, node: u32, since: Time },
    /// The collected edits of a sheet go to Postgres.
    Commit { sheet: u32 },
    /// A server dies.
    Death,
    /// A session of the dead server reaches another one.
    Back { session: u32, since: Time },
}

struct World<'a> {
    scale: &'a Scale,
    random: Random,
    events: BinaryHeap<Reverse<(Time, u64, Event)>>,
    number: u64,
    /// The server and the sheet of each session.
    sessions: Vec<(u32, u32)>,
    by_sheet: Vec<Vec<u32>>,
    /// The times of the uncommitted edits of each sheet.
    dirty: Vec<Vec<Time>>,
    nodes: Vec<Queue>,
    redis: Vec<Queue>,
    postgres: Vec<Queue>,
    report: Report,
}

/// Runs the simulation.
pub(crate) fn simulate(scale: &Scale) -> Report {
    let mut world = World::new(scale);
    let end = Time::from(scale.seconds) * SECOND;
    world.at(0, Event::Edit);
    world.at(end / 2, Event::Death);
    while let Some(Reverse((now, _, event))) = world.events.pop() {
        if now < end || event != Event::Edit {
            world.handle(now, event);
        }
    }
    world.finish(end)
}

impl<'a> World<'a> {
    fn new(scale: &'a Scale) -> Self {
        let mut random = Random::from_seed(scale.seed);
        let mut by_sheet = vec![Vec::new(); scale.sheets as usize];
        let mut sessions = Vec::with_capacity(scale.sessions as usize);
        for session in 0..scale.sessions {
            // The first of a million sheets has about fifty sessions, most have none.
            let place = f64::from(random.below(u32::MAX)) / f64::from(u32::MAX);
            let sheet = (place.powf(1.5) * f64::from(scale.sheets)) as u32;
            let sheet = sheet.min(scale.sheets - 1);
            by_sheet[sheet as usize].push(session);
            sessions.push((random.below(scale.nodes), sheet));
        }
        let queues = |count: u32, workers| (0..count).map(|_| Queue::new(workers)).collect();
        Self {
            scale,
            random,
            events: BinaryHeap::new(),
            number: 0,
            sessions,
            by_sheet,
            dirty: vec![Vec::new(); scale.sheets as usize],
            nodes: queues(scale.nodes, CORES),
            redis: queues(scale.redis, 1),
            postgres: queues(scale.postgres, TRANSACTIONS_AT_ONCE),
            report: Report {
                accepted: times(),
                seen: times(),
                committed: times(),
                back: times(),
                busy: [0.0; 3],
                fullest: [0.0; 2],
            },
        }
    }

    fn at(&mut self, time: Time, event: Event) {
        self.number += 1;
        self.events.push(Reverse((time, self.number, event)));
    }

    fn handle(&mut self, now: Time, event: Event) {
        match event {
            Event::Edit => self.edit(now),
            Event::Append { session, since } => {
                let (_, sheet) = self.sessions[session as usize];
                let done = self.redis[(sheet % self.scale.redis) as usize].work(now, APPEND);
                self.at(done + HOP, Event::Appended { session, since });
            }
            Event::Appended { session, since } => self.appended(now, session, since),
            Event::Followed { sheet, node, since } => {
                let here = self.sessions_at(sheet, node);
                let done = self.nodes[node as usize].work(now, FOLLOW + DELIVERY * here);
                record(&mut self.report.seen, done + HOP - since);
            }
            Event::Commit { sheet } => self.commit(now, sheet),
            Event::Death => self.death(now),
            Event::Back { session, since } => self.back(now, session, since),
        }
    }

    fn edit(&mut self, now: Time) {
        // Random arrivals at a steady rate.
        let chance = (f64::from(self.random.below(u32::MAX)) + 1.0) / f64::from(u32::MAX);
        let pause = -chance.ln() * SECOND as f64 / f64::from(self.scale.edits_per_second);
        self.at(now + pause.round() as u64, Event::Edit);
        let session = self.random.below(self.scale.sessions);
        let (node, _) = self.sessions[session as usize];
        let done = self.nodes[node as usize].work(now + HOP, EDIT);
        self.at(done + HOP, Event::Append { session, since: now });
    }

    fn appended(&mut self, now: Time, session: u32, since: Time) {
        let (node, sheet) = self.sessions[session as usize];
        let here = self.sessions_at(sheet, node);
        let done = self.nodes[node as usize].work(now, DELIVERY * here);
        record(&mut self.report.accepted, done + HOP - since);
        let mut others: Vec<u32> = self.by_sheet[sheet as usize]
            .iter()
            .map(|other| self.sessions[*other as usize].0)
            .collect();
        others.sort_unstable();
        others.dedup();
        for other in others.into_iter().filter(|other| *other != node) {
            self.at(now, Event::Followed { sheet, node: other, since });
        }
        let dirty = &mut self.dirty[sheet as usize];
        dirty.push(since);
        if dirty.len() == 1 {
            self.at(now + COMMIT_DELAY, Event::Commit { sheet });
        }
    }

    fn commit(&mut self, now: Time, sheet: u32) {
        let batch = std::mem::take(&mut self.dirty[sheet as usize]);
        let lasts = TRANSACTION + COMMITTED_EDIT * batch.len() as u64;
        let done = self.postgres[(sheet % self.scale.postgres) as usize].work(now + HOP, lasts);
        for since in batch {
            record(&mut self.report.committed, done + 2 * HOP - since);
        }
    }

    /// Moves each session of a dead server to another one, after a random delay.
    fn death(&mut self, now: Time) {
        let dead = 0;
        for session in 0..self.scale.sessions {
            if self.sessions[session as usize].0 == dead {
                self.sessions[session as usize].0 = 1 + self.random.below(self.scale.nodes - 1);
                let later = BACK_OFF + u64::from(self.random.below(BACK_OFF_CHANCE));
                self.at(now + later, Event::Back { session, since: now });
            }
        }
    }

    fn back(&mut self, now: Time, session: u32, since: Time) {
        let (node, sheet) = self.sessions[session as usize];
        let mut ready = now + HOP;
        if self.sessions_at(sheet, node) <= 1 {
            ready = self.postgres[(sheet % self.scale.postgres) as usize].work(ready, OPEN);
        }
        let done = self.nodes[node as usize].work(ready, JOIN);
        record(&mut self.report.back, done + HOP - since);
    }

    /// Sessions of a sheet on a server.
    fn sessions_at(&self, sheet: u32, node: u32) -> u64 {
        let here = self.by_sheet[sheet as usize].iter();
        here.filter(|session| self.sessions[**session as usize].0 == node).count() as u64
    }

    fn finish(mut self, end: Time) -> Report {
        let shares =
            |queues: &[Queue]| -> Vec<f64> { queues.iter().map(|queue| queue.busy(end)).collect() };
        let mean = |shares: &[f64]| shares.iter().sum::<f64>() / shares.len().max(1) as f64;
        let most = |shares: &[f64]| shares.iter().copied().fold(0.0, f64::max);
        let (redis, postgres) = (shares(&self.redis), shares(&self.postgres));
        self.report.busy = [mean(&shares(&self.nodes)), mean(&redis), mean(&postgres)];
        self.report.fullest = [most(&redis), most(&postgres)];
        self.report
    }
}

fn times() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST, 3).expect("constants that it accepts")
}

fn record(times: &mut Histogram<u64>, micros: u64) {
    times.saturating_record(micros.max(1));
}
