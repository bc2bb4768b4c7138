//! Runs in which edits are as heavy as an edit may be: a program sends bursts of them, while its journal
//! fails in each way it may, and somebody else edits a cell now and then.
//!
//! Each edit sets or clears all cells of a sheet that has as many as one edit may set. So a burst is
//! beyond the sequencer's history, beyond one append, and beyond what a full journal takes. Afterwards the
//! log holds what was accepted, once, where it was said to be, and nothing that was refused.
//!
//! Not here: what clients see (`peer`). Invariant: the sheet opens and takes edits after every failure.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use gridloom::v1;
use gridloom::v1::server_frame::Frame;
use integration::harness::Random;
use model::SheetId;
use ot_engine::{ClientId, Delta, Limits, Revision, Sequence, Value};
use sheet::Registry;
use sheet::api::message::{ClientMessage, Request};
use tokio::time::sleep;
use tokio_stream::Stream;
use uuid::Uuid;

use super::disk::MemoryDisk;
use super::nodes::NODES;
use super::postgres::{Tables, Weather, new_sheet};
use super::server::{Line, Node, Server, enter};
use super::stream::{NodeJournal, Streams};
use super::way::{NodeTables, Way, WayState};
use super::world::{Outcome, runtime};

const SHEET: SheetId = SheetId(Uuid::from_u128(9));
const ROWS: u32 = 1000;
const COLUMNS: u32 = Limits::DEFAULT.max_cells / ROWS;
/// Heavy edits of one burst at most: several times what the sequencer's history holds.
const BURST: u32 = 30;
/// Failures of one run.
const STORMS: u32 = 3;
/// Ordinary edits in fair weather, at the end.
const ORDINARY: u64 = 20;
/// Looks at the answers until something is taken for lost.
const LOOKS: u32 = 3_000;

/// Somebody who sends edits and keeps the answers.
struct Program {
    id: ClientId,
    /// Its id as the server writes it, once it has been there.
    name: String,
    line: Option<Line>,
    /// The last revision that it knows.
    known: Revision,
    next: u64,
    /// Edits that have no answer yet in this session.
    unanswered: BTreeSet<u64>,
    /// By number: the revision, or nothing for a refusal. What the session's end left open is missing.
    answers: BTreeMap<u64, Option<Revision>>,
    /// What the last refusal said.
    refusal: String,
}

impl Program {
    fn new(id: u128) -> Self {
        Self {
            id: ClientId(id),
            name: String::new(),
            line: None,
            known: Revision(0),
            next: 1,
            unanswered: BTreeSet::new(),
            answers: BTreeMap::new(),
            refusal: String::new(),
        }
    }

    async fn connect(&mut self, registry: &Registry) {
        let window = Some(v1::Window::default());
        let (sheet_id, client_id) = (SHEET.to_string(), self.name.clone());
        let hello = v1::Hello { sheet_id, client_id, window, ..v1::Hello::default() };
        self.line = enter(registry.clone(), SHEET, self.id, hello).await.ok();
    }

    /// Sends an edit. False: it is not connected.
    fn send(&mut self, delta: Delta) -> bool {
        let Some(line) = &self.line else { return false };
        let sequence = Sequence(self.next);
        self.unanswered.insert(self.next);
        self.next += 1;
        let edit = ClientMessage::Edit { sequence, base: self.known, delta };
        line.handle.send_detached(Request::Frames { session: line.key, frames: vec![edit] });
        true
    }

    /// Takes in what has come. False: the session is over.
    fn read(&mut self) -> bool {
        loop {
            let Some(line) = &mut self.line else { return false };
            let mut context = Context::from_waker(Waker::noop());
            match Pin::new(&mut line.stream).poll_next(&mut context) {
                Poll::Pending => return true,
                Poll::Ready(Some(Ok(frame))) => self.hear(frame),
                Poll::Ready(_) => {
                    self.line = None;
                    self.unanswered.clear();
                }
            }
        }
    }

    fn hear(&mut self, frame: v1::ServerFrame) {
        match frame.frame {
            Some(Frame::Welcome(welcome)) => {
                self.known = Revision(welcome.revision);
                self.name = welcome.client_id;
            }
            Some(Frame::Accepted(accepted)) => {
                let revision = Revision(accepted.revision);
                self.known = self.known.max(revision);
                self.answered(accepted.sequence, Some(revision));
            }
            Some(Frame::Rejected(rejected)) => {
                self.refusal = rejected.status.map(|status| status.message).unwrap_or_default();
                self.answered(rejected.sequence, None);
            }
            _ => {}
        }
    }

    fn answered(&mut self, number: u64, answer: Option<Revision>) {
        self.unanswered.remove(&number);
        self.answers.insert(number, answer);
    }
}

/// Every cell, emptied or set to a number: light or heavy in bytes, and of the same weight.
fn heavy(random: &mut Random) -> Delta {
    let number = f64::from(random.below(1000));
    let value = if random.below(3) == 0 { Value::Number(number) } else { Value::Empty };
    let cells = (0..ROWS).flat_map(|row| (0..COLUMNS).map(move |col| (row, col)));
    Delta::set_cells(cells.map(|(row, col)| (row, col, value.clone())))
}

/// What the program's server, or servers, stand on, and how it fails.
enum Place {
    One { disk: MemoryDisk, server: Option<Box<Server>> },
    Several { streams: Streams, nodes: Vec<Node> },
}

struct Run {
    random: Random,
    tables: Tables,
    place: Place,
    program: Program,
    other: Program,
}

/// Plays a run of one server.
pub(crate) fn play(seed: u64) -> Outcome {
    play_at(seed, Place::One { disk: MemoryDisk::new(seed), server: None })
}

/// Plays a run of several servers on one journal.
pub(crate) fn play_several(seed: u64) -> Outcome {
    play_at(seed, Place::Several { streams: Streams::new(seed), nodes: Vec::new() })
}

fn play_at(seed: u64, place: Place) -> Outcome {
    let mut run = Run {
        random: Random::from_seed(seed ^ 0x4ea7),
        tables: Tables::new(seed, [new_sheet(SHEET, ROWS, COLUMNS)]),
        place,
        program: Program::new(1),
        other: Program::new(2),
    };
    let mut outcome = Outcome::default();
    let runtime = runtime();
    runtime.block_on(async {
        run.start();
        for _ in 0..STORMS {
            run.storm().await;
        }
        if let Err(wrong) = run.peace().await {
            outcome.wrong.push(wrong);
        }
    });
    drop(runtime);
    run.judge(&mut outcome.wrong);
    let answers = || run.program.answers.values();
    let named = [
        (answers().any(Option::is_some), "heavy accepted"),
        (answers().any(Option::is_none), "heavy refused"),
    ];
    outcome.seen.extend(named.into_iter().filter(|(met, _)| *met).map(|(_, name)| name));
    outcome.seen.extend(run.tables.seen());
    outcome.seen.extend(match &run.place {
        Place::One { disk, .. } => disk.seen(),
        Place::Several { streams, .. } => streams.seen(),
    });
    outcome
}

impl Run {
    fn start(&mut self) {
        match &mut self.place {
            Place::One { disk, server } => {
                let started = Server::start(disk, &self.tables).expect("the journal opens");
                *server = Some(Box::new(started));
            }
            Place::Several { streams, nodes } => {
                for node in 0..NODES {
                    let way = Way::default();
                    let journal = NodeJournal { streams: streams.clone(), node, way: way.clone() };
                    let tables = NodeTables { tables: self.tables.clone(), way: way.clone() };
                    nodes.push(Node::start(journal.into(), tables, way));
                }
            }
        }
    }

    /// The registries of the program's server and of the other's.
    fn registries(&self) -> [&Registry; 2] {
        match &self.place {
            Place::One { server, .. } => {
                let registry = &server.as_ref().expect("it runs").registry;
                [registry, registry]
            }
            Place::Several { nodes, .. } => [&nodes[0].registry, &nodes[1].registry],
        }
    }

    /// Something fails, and a burst comes; then all is well again and everything is answered.
    async fn storm(&mut self) {
        self.connect().await;
        let edits = 1 + self.random.below(BURST);
        let struck = self.random.below(edits);
        for number in 0..edits {
            if number == struck {
                self.fail();
            }
            self.program.send(heavy(&mut self.random));
            if self.random.below(4) == 0 {
                self.other.send(Delta::set_cell(self.random.below(ROWS), 0, "other"));
            }
            if self.random.below(3) == 0 {
                self.look().await;
            }
        }
        for _ in 0..self.random.below(50) {
            self.look().await;
        }
        self.mend();
        self.answers().await;
    }

    fn fail(&mut self) {
        match (&mut self.place, self.random.below(4)) {
            (_, 0) => self.tables.set(Weather::Away),
            (Place::One { disk, .. }, 1) => disk.fail_next_sync(),
            (Place::One { disk, .. }, _) => disk.leave_room(self.random.below(6 << 20) as usize),
            (Place::Several { nodes, .. }, 1) => nodes[0].way.set(WayState::Cut),
            (Place::Several { streams, .. }, _) => streams.set_full(true),
        }
    }

    fn mend(&mut self) {
        self.tables.set(Weather::Clear);
        match &mut self.place {
            Place::One { disk, .. } => disk.enlarge(),
            Place::Several { nodes, streams } => {
                nodes.iter().for_each(|node| node.way.set(WayState::Open));
                streams.set_full(false);
            }
        }
    }

    async fn connect(&mut self) {
        let [at, elsewhere] = self.registries().map(Clone::clone);
        for (program, registry) in [(&mut self.program, at), (&mut self.other, elsewhere)] {
            if program.line.is_none() {
                program.connect(&registry).await;
            }
        }
    }

    /// Lets the servers work, and takes in what they say.
    async fn look(&mut self) {
        if let Place::One { server: Some(server), .. } = &mut self.place {
            server.attendant.attend();
        }
        sleep(Duration::from_millis(5)).await;
        self.program.read();
        self.other.read();
    }

    /// Waits until everything is answered, or the sessions are over.
    async fn answers(&mut self) {
        for _ in 0..LOOKS {
            self.look().await;
            if self.program.unanswered.is_empty() && self.other.unanswered.is_empty() {
                return;
            }
        }
    }

    /// Fair weather: ordinary edits are accepted and committed.
    async fn peace(&mut self) -> Result<(), String> {
        self.mend();
        for _ in 0..LOOKS {
            self.connect().await;
            self.look().await;
            if self.other.line.is_some() && self.program.line.is_some() {
                break;
            }
        }
        let first = self.other.next;
        for _ in 0..ORDINARY {
            if !self.other.send(Delta::set_cell(1, 1, "ordinary")) {
                return Err("the sheet does not open".to_owned());
            }
        }
        self.answers().await;
        let accepted = (first..first + ORDINARY)
            .map(|number| self.other.answers.get(&number).copied().flatten());
        let accepted: Option<Vec<Revision>> = accepted.collect();
        let Some(accepted) = accepted else {
            let refusal = &self.other.refusal;
            return Err(format!("ordinary edits from {first} on are refused: {refusal}"));
        };
        for _ in 0..LOOKS {
            self.look().await;
            if self.tables.head(SHEET) >= accepted[accepted.len() - 1] {
                return Ok(());
            }
        }
        Err(format!("committed up to {} of {accepted:?}", self.tables.head(SHEET)))
    }

    /// The log holds what was accepted, once, where it was said to be, and nothing that was refused.
    fn judge(&self, wrong: &mut Vec<String>) {
        let sheet = self.tables.sheet(SHEET);
        let revisions = sheet.log.iter().map(|entry| entry.revision.0);
        if !revisions.eq(1..=sheet.log.len() as u64) {
            wrong.push("the log has gaps".to_owned());
        }
        if !sheet.parked.is_empty() || sheet.record.set_aside.is_some() {
            wrong.push("the sheet is set aside".to_owned());
        }
        for program in [&self.program, &self.other] {
            for (number, answer) in &program.answers {
                let named = |revision: &Revision| {
                    let entry = sheet.log.get(revision.0 as usize - 1);
                    entry.is_some_and(|entry| {
                        (entry.client, entry.sequence) == (program.id, Sequence(*number))
                    })
                };
                let logged = sheet.log.iter().filter(|entry| {
                    (entry.client, entry.sequence) == (program.id, Sequence(*number))
                });
                match (answer, logged.count()) {
                    (Some(revision), 1) if named(revision) => {}
                    (None, 0) => {}
                    (answer, count) => wrong.push(format!(
                        "client {} edit {number}: {answer:?}, logged {count} times",
                        program.id.0
                    )),
                }
            }
        }
    }
}
