//! Runs with edits of the largest size: a client sends bursts of them while its journal fails, and another
//! client edits single cells.
//!
//! Each heavy edit sets or clears all cells of a sheet that has as many as one edit may set. So a burst exceeds
//! the sequencer's history, one append, and the room of a full journal. Afterwards the log holds each accepted
//! edit once, at the revision of its answer, and no refused one.
//!
//! Not the views of clients (`peer`). Invariant: the sheet opens and accepts edits after every fault.

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
use sheet::memory::EditHold;
use tokio::time::sleep;
use tokio_stream::Stream;
use uuid::Uuid;

use super::disk::MemoryDisk;
use super::link::{Link, LinkState, NodeTables};
use super::nodes::NODES;
use super::postgres::{Availability, Tables};
use super::server::{Node, OpenSession, Server, enter};
use super::sheets::new_sheet;
use super::stream::{NodeJournal, Streams};
use super::world::{Outcome, runtime};

const SHEET: SheetId = SheetId(Uuid::from_u128(9));
const ROWS: u32 = 1000;
const COLUMNS: u32 = Limits::DEFAULT.max_cells / ROWS;
/// Heavy edits of one burst at most: several times what the sequencer's history holds.
const BURST: u32 = 30;
/// Bursts of one run, each with a fault.
const BURSTS: u32 = 3;
/// Edits of one cell after all faults, at the end.
const ORDINARY: u64 = 20;
/// Polls for the answers before one counts as missing.
const LOOKS: u32 = 3_000;

/// A client that sends edits and keeps the answers.
struct Writer {
    id: ClientId,
    /// Its client id on the wire, once the server has sent a `Welcome`.
    name: String,
    session: Option<OpenSession>,
    /// The last revision that it knows.
    known: Revision,
    next: u64,
    /// Edits without an answer in this session.
    unanswered: BTreeSet<u64>,
    /// By number: the revision, or `None` for a refusal. Edits without an answer at a session's end are missing.
    answers: BTreeMap<u64, Option<Revision>>,
    /// The message of the last refusal.
    refusal: String,
}

impl Writer {
    fn new(id: u128) -> Self {
        Self {
            id: ClientId(id),
            name: String::new(),
            session: None,
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
        self.session = enter(registry.clone(), SHEET, self.id, hello).await.ok();
    }

    /// Sends an edit; false without a session.
    fn send(&mut self, delta: Delta) -> bool {
        let Some(session) = &self.session else { return false };
        let sequence = Sequence(self.next);
        self.unanswered.insert(self.next);
        self.next += 1;
        let edit = ClientMessage::Edit {
            sequence,
            base: self.known,
            delta: delta.into(),
            group: Default::default(),
        };
        let frames = vec![edit];
        session.handle.send_detached(Request::Frames {
            session: session.key,
            frames,
            hold: EditHold::default(),
        });
        true
    }

    /// Receives all frames that have arrived; false when the session is over.
    fn read(&mut self) -> bool {
        loop {
            let Some(session) = &mut self.session else { return false };
            let mut context = Context::from_waker(Waker::noop());
            match Pin::new(&mut session.stream).poll_next(&mut context) {
                Poll::Pending => return true,
                Poll::Ready(Some(Ok(frame))) => self.receive(frame),
                Poll::Ready(_) => {
                    self.session = None;
                    self.unanswered.clear();
                }
            }
        }
    }

    fn receive(&mut self, frame: v1::ServerFrame) {
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

/// Clears every cell, or sets it to a number: few or many bytes, and the same number of cells.
fn heavy(random: &mut Random) -> Delta {
    let number = f64::from(random.below(1000));
    let value = if random.below(3) == 0 { Value::Number(number) } else { Value::Empty };
    let cells = (0..ROWS).flat_map(|row| (0..COLUMNS).map(move |col| (row, col)));
    Delta::set_cells(cells.map(|(row, col)| (row, col, value.clone())))
}

/// The servers of a run, and the journal that fails.
enum Servers {
    One { disk: MemoryDisk, server: Option<Box<Server>> },
    Several { streams: Streams, nodes: Vec<Node> },
}

struct Run {
    random: Random,
    tables: Tables,
    servers: Servers,
    heavy: Writer,
    other: Writer,
}

/// Plays a run of one server.
pub(crate) fn play(seed: u64) -> Outcome {
    play_at(seed, Servers::One { disk: MemoryDisk::new(seed), server: None })
}

/// Plays a run of several servers on one journal.
pub(crate) fn play_several(seed: u64) -> Outcome {
    play_at(seed, Servers::Several { streams: Streams::new(seed), nodes: Vec::new() })
}

fn play_at(seed: u64, servers: Servers) -> Outcome {
    let mut run = Run {
        random: Random::from_seed(seed ^ 0x4ea7),
        tables: Tables::new(seed, [new_sheet(SHEET, ROWS, COLUMNS)]),
        servers,
        heavy: Writer::new(1),
        other: Writer::new(2),
    };
    let mut outcome = Outcome::default();
    let runtime = runtime();
    runtime.block_on(async {
        run.start();
        for _ in 0..BURSTS {
            run.burst().await;
        }
        if let Err(wrong) = run.quiesce().await {
            outcome.wrong.push(wrong);
        }
    });
    drop(runtime);
    run.judge(&mut outcome.wrong);
    let answers = || run.heavy.answers.values();
    let named = [
        (answers().any(Option::is_some), "heavy accepted"),
        (answers().any(Option::is_none), "heavy refused"),
    ];
    outcome.seen.extend(named.into_iter().filter(|(met, _)| *met).map(|(_, name)| name));
    outcome.seen.extend(run.tables.seen());
    outcome.seen.extend(match &run.servers {
        Servers::One { disk, .. } => disk.seen(),
        Servers::Several { streams, .. } => streams.seen(),
    });
    outcome
}

impl Run {
    fn start(&mut self) {
        match &mut self.servers {
            Servers::One { disk, server } => {
                let started = Server::start(disk, &self.tables).expect("the journal opens");
                *server = Some(Box::new(started));
            }
            Servers::Several { streams, nodes } => {
                for node in 0..NODES {
                    let link = Link::default();
                    let journal =
                        NodeJournal { streams: streams.clone(), node, link: link.clone() };
                    let tables = NodeTables { tables: self.tables.clone(), link: link.clone() };
                    nodes.push(Node::start(journal.into(), tables, link));
                }
            }
        }
    }

    /// The registries of the heavy client's server and of the other client's.
    fn registries(&self) -> [&Registry; 2] {
        match &self.servers {
            Servers::One { server, .. } => {
                let registry = &server.as_ref().expect("it runs").registry;
                [registry, registry]
            }
            Servers::Several { nodes, .. } => [&nodes[0].registry, &nodes[1].registry],
        }
    }

    /// Sends a burst with a fault in the middle; then the fault ends and each edit is answered.
    async fn burst(&mut self) {
        self.connect().await;
        let edits = 1 + self.random.below(BURST);
        let struck = self.random.below(edits);
        for number in 0..edits {
            if number == struck {
                self.begin_fault();
            }
            self.heavy.send(heavy(&mut self.random));
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
        self.end_fault();
        self.answers().await;
    }

    fn begin_fault(&mut self) {
        match (&mut self.servers, self.random.below(4)) {
            (_, 0) => self.tables.set(Availability::Away),
            (Servers::One { disk, .. }, 1) => disk.fail_next_sync(),
            (Servers::One { disk, .. }, _) => disk.leave_room(self.random.below(6 << 20) as usize),
            (Servers::Several { nodes, .. }, 1) => nodes[0].link.set(LinkState::Cut),
            (Servers::Several { streams, .. }, _) => streams.set_full(true),
        }
    }

    fn end_fault(&mut self) {
        self.tables.set(Availability::Up);
        match &mut self.servers {
            Servers::One { disk, .. } => disk.enlarge(),
            Servers::Several { nodes, streams } => {
                nodes.iter().for_each(|node| node.link.set(LinkState::Open));
                streams.set_full(false);
            }
        }
    }

    async fn connect(&mut self) {
        let [heavy, other] = self.registries().map(Clone::clone);
        for (writer, registry) in [(&mut self.heavy, heavy), (&mut self.other, other)] {
            if writer.session.is_none() {
                writer.connect(&registry).await;
            }
        }
    }

    /// Lets the servers work, and receives their frames.
    async fn look(&mut self) {
        if let Servers::One { server: Some(server), .. } = &mut self.servers {
            server.attendant.attend();
        }
        sleep(Duration::from_millis(5)).await;
        self.heavy.read();
        self.other.read();
    }

    /// Waits until each edit is answered, or the sessions are over.
    async fn answers(&mut self) {
        for _ in 0..LOOKS {
            self.look().await;
            if self.heavy.unanswered.is_empty() && self.other.unanswered.is_empty() {
                return;
            }
        }
    }

    /// Ends all faults: then ordinary edits are accepted and committed.
    async fn quiesce(&mut self) -> Result<(), String> {
        self.end_fault();
        for _ in 0..LOOKS {
            self.connect().await;
            self.look().await;
            if self.other.session.is_some() && self.heavy.session.is_some() {
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

    /// The log holds each accepted edit once, at the revision of its answer, and no refused one.
    fn judge(&self, wrong: &mut Vec<String>) {
        let sheet = self.tables.sheet(SHEET);
        let revisions = sheet.log.iter().map(|entry| entry.revision.0);
        if !revisions.eq(1..=sheet.log.len() as u64) {
            wrong.push("the log has gaps".to_owned());
        }
        if !sheet.parked.is_empty() || sheet.record.set_aside.is_some() {
            wrong.push("the sheet is set aside".to_owned());
        }
        for writer in [&self.heavy, &self.other] {
            for (number, answer) in &writer.answers {
                let named = |revision: &Revision| {
                    let entry = sheet.log.get(revision.0 as usize - 1);
                    entry.is_some_and(|entry| {
                        (entry.client, entry.sequence) == (writer.id, Sequence(*number))
                    })
                };
                let logged = sheet.log.iter().filter(|entry| {
                    (entry.client, entry.sequence) == (writer.id, Sequence(*number))
                });
                match (answer, logged.count()) {
                    (Some(revision), 1) if named(revision) => {}
                    (None, 0) => {}
                    (answer, count) => wrong.push(format!(
                        "client {} edit {number}: {answer:?}, logged {count} times",
                        writer.id.0
                    )),
                }
            }
        }
    }
}
