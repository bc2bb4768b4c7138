//! A server and clients with an unreliable network between them, one step at a time.
//!
//! It has no clock. The server cuts each change to the client's window, restarts from its log, and undoes
//! changes for their authors. Clients join late and restart from saved bytes.
//!
//! Invariant: every invariant of every part holds after each step.

#[path = "states.rs"]
mod states;

use std::collections::VecDeque;
use std::sync::Arc;

use ot_engine::{
    Block, CellEdit, ClientId, ClientSession, Delta, Entry, HistoryLimits, Inserted, Limits,
    Outcome, Replica, Revision, Sequence, Sequencer, Sheet, Size, Submission, SubmitError, Value,
    View, Window, restrict, validate_text,
};

use states::{SIBLING, States};

use super::generate::fitted;

/// Small, so that pruned history is common.
const HISTORY: HistoryLimits =
    HistoryLimits { max_entries: 12, max_work: 400, max_bytes: 16 << 10 };

/// A request of a client.
#[derive(Clone, Debug)]
enum Request {
    Edit(Submission),
    Look(Window),
}

/// A frame of the server.
#[derive(Clone, Debug)]
enum Frame {
    Change(Revision, Delta, Inserted),
    Accepted(Sequence, Revision),
    Rejected(Sequence),
    Window(Revision, Window, Block),
}

pub(crate) struct Client {
    pub(crate) replica: Replica,
    up: VecDeque<Request>,
    down: VecDeque<Frame>,
    /// The client's window on the server.
    window: Window,
    pub(crate) connected: bool,
    /// Number of refused edits.
    pub(crate) refused: usize,
    pub(crate) resyncs: usize,
}

/// An undo that is computed and not submitted yet.
struct Undo {
    submission: Submission,
    inserted: Inserted,
}

pub(crate) struct Network {
    pub(crate) sequencer: Sequencer,
    pub(crate) log: Vec<Arc<Entry>>,
    pub(crate) clients: Vec<Client>,
    states: States,
    undos: VecDeque<Undo>,
    limits: Limits,
    max_in_flight: usize,
    /// Whether the server prepends older entries from the log to its history.
    backfills: bool,
}

impl Network {
    pub(crate) fn new(size: Size, clients: usize, max_in_flight: usize, backfills: bool) -> Self {
        let limits = Limits { max_rows: 40, max_columns: 12, ..Limits::DEFAULT };
        let (states, next) = States::new(size);
        let sequencer = Sequencer::new(Revision(0), size, next, limits, HISTORY);
        let (log, undos) = (Vec::new(), VecDeque::new());
        let mut network = Self {
            sequencer,
            log,
            clients: Vec::new(),
            states,
            undos,
            limits,
            max_in_flight,
            backfills,
        };
        (0..clients).for_each(|_| network.join());
        network
    }

    /// A new client joins at the head, with no rows loaded.
    pub(crate) fn join(&mut self) {
        let id = ClientId(self.clients.len() as u128 + 1);
        let session = ClientSession::new(id, self.sequencer.head());
        let session = session.with_max_in_flight(self.max_in_flight);
        let (rows, columns) = (self.sheet().size().rows, self.sheet().columns.clone());
        self.clients.push(Client {
            replica: Replica::with_session(session, rows, columns, self.limits),
            up: VecDeque::new(),
            down: VecDeque::new(),
            window: Window::ALL,
            connected: true,
            refused: 0,
            resyncs: 0,
        });
    }

    pub(crate) fn sheet(&self) -> &Sheet {
        self.states.sheet()
    }

    /// A client edits its view. It refuses an edit that makes the sheet too long.
    pub(crate) fn edit(&mut self, client: usize, delta: Delta) {
        let replica = &mut self.clients[client].replica;
        let delta = fitted(delta, |row, col| replica.view().get(row, col).cloned());
        let _ = replica.edit(delta);
    }

    /// A client sends its next edit.
    pub(crate) fn send(&mut self, client: usize) {
        let client = &mut self.clients[client];
        if client.connected
            && let Some(submission) = client.replica.outgoing()
        {
            client.up.push_back(Request::Edit(submission));
        }
    }

    /// The server answers the next request of a client, optionally with a refusal.
    pub(crate) fn serve(&mut self, client: usize, refuse: bool) {
        let submission = match self.clients[client].up.pop_front() {
            Some(Request::Edit(submission)) => submission,
            Some(Request::Look(window)) => return self.send_window(client, window),
            None => return,
        };
        let (id, sequence) = (submission.client, submission.sequence);
        if refuse && self.log.iter().all(|entry| (entry.client, entry.sequence) != (id, sequence)) {
            self.sequencer.refuse(id, sequence);
            self.clients[client].down.push_back(Frame::Rejected(sequence));
            return;
        }
        self.backfill(submission.base);
        match self.sequencer.submit(submission) {
            Ok(Outcome::Accepted(entry)) => self.broadcast(&entry, Inserted::New),
            Ok(Outcome::Already { revision, .. }) => {
                let stored = &self.log[revision.0 as usize - 1];
                assert_eq!((stored.client, stored.sequence), (id, sequence));
                self.clients[client].down.push_back(Frame::Accepted(sequence, revision));
            }
            Err(SubmitError::BaseTooOld { .. } | SubmitError::Invalid(_)) => {
                self.clients[client].down.push_back(Frame::Rejected(sequence));
            }
            Err(SubmitError::SequenceUsed { .. }) => {
                self.clients[client].down.push_back(Frame::Rejected(sequence));
            }
            Err(error) => panic!("an honest client was refused: {error}"),
        }
    }

    /// Prepends older entries from the log to the history.
    fn backfill(&mut self, base: Revision) {
        let (base, oldest) = (base.0 as usize, self.sequencer.oldest().0 as usize);
        if self.backfills && base < oldest {
            self.sequencer.backfill(self.log[base..oldest].iter().cloned());
        }
    }

    fn broadcast(&mut self, entry: &Arc<Entry>, inserted: Inserted) {
        let held = |cell: &CellEdit| {
            let place = entry.delta.map_cell_back(cell.row, cell.col);
            place.map_or(Some(&Value::Empty), |(row, col)| self.sheet().get(row, col))
        };
        let fits = validate_text(&entry.delta.cells, held, &self.limits);
        assert_eq!(fits, Ok(()), "an honest client's text edits fit");
        self.sequencer.mark_durable(entry.revision);
        self.log.push(entry.clone());
        self.states.push(&entry.delta, inserted, self.sequencer.next_ids());
        assert_eq!(self.sheet().size(), self.sequencer.size());
        for client in self.clients.iter_mut().filter(|client| client.connected) {
            client.push_entry(entry, inserted);
        }
    }

    /// The server computes the undo of a client's change on the current sheet. `bare`: readers must load the
    /// restored lines.
    pub(crate) fn undo(&mut self, client: usize, nth: usize, bare: bool) {
        let id = self.clients[client].replica.session().client();
        let sibling = ClientId(id.0 | SIBLING);
        let by = |entry: &Arc<Entry>| entry.client == id || entry.client == sibling;
        let own: Vec<_> = self.log.iter().filter(|entry| by(entry)).cloned().collect();
        let Some(entry) = own.get(nth % own.len().max(1)) else { return };
        let Some((sequence, delta)) = self.states.undo(entry) else { return };
        let base = self.sequencer.head();
        let submission = Submission { client: sibling, sequence, base, delta: delta.into() };
        let inserted = if bare { Inserted::Restored } else { Inserted::New };
        self.undos.push_back(Undo { submission, inserted });
    }

    /// The server submits a computed undo; other edits may have come in between.
    pub(crate) fn submit_undo(&mut self) {
        let Some(Undo { submission, inserted }) = self.undos.pop_front() else { return };
        match self.sequencer.submit_restoring(submission) {
            Ok(Outcome::Accepted(entry)) => self.broadcast(&entry, inserted),
            Err(SubmitError::BaseTooOld { .. } | SubmitError::Invalid(_)) => {}
            other => panic!("the server's own change: {other:?}"),
        }
    }

    /// The server's process ends, and another one replays the last `recent` entries of the log. Every
    /// connection ends.
    pub(crate) fn restart(&mut self, recent: usize) {
        let head = self.log.len();
        let start = head - recent.min(head);
        let (size, next) = self.states.at(start);
        let revision = Revision(start as u64);
        self.sequencer = Sequencer::new(revision, size, next, self.limits, HISTORY);
        for entry in &self.log[start..] {
            assert!(self.sequencer.replay(entry.clone()), "the log follows the head");
        }
        self.undos.clear();
        (0..self.clients.len()).for_each(|client| self.disconnect(client));
    }

    /// A client's process ends, and another one restores the saved bytes.
    pub(crate) fn save(&mut self, client: usize) {
        let client = &mut self.clients[client];
        let saved = client.replica.save();
        client.replica = Replica::restore(&saved, self.limits).expect("it was saved just now");
        assert_eq!(client.replica.save(), saved);
        assert_eq!(client.replica.confirmed().loaded_rows(), 0);
    }

    /// A client receives the next frame.
    pub(crate) fn receive(&mut self, client: usize) {
        let client = &mut self.clients[client];
        let Some(frame) = client.down.pop_front() else { return };
        match frame {
            Frame::Change(revision, delta, inserted) => {
                let received = client.replica.receive_with(revision, &delta, inserted);
                received.expect("changes come in order");
            }
            Frame::Accepted(sequence, revision) => {
                let answer = client.replica.accepted(sequence, revision);
                client.refused += answer.expect("answers come in order").1.edits.len();
            }
            Frame::Rejected(sequence) => {
                let answer = client.replica.rejected(sequence);
                client.refused += answer.expect("only a sent edit is refused").edits.len();
            }
            Frame::Window(revision, window, block) => {
                client.replica.skip_to(revision);
                client.replica.set_window(window);
                client.replica.load(&block);
            }
        }
    }

    /// A client requests another window.
    pub(crate) fn look(&mut self, client: usize, window: Window) {
        let client = &mut self.clients[client];
        if client.connected {
            client.up.push_back(Request::Look(window));
        }
    }

    /// Sends the cells of the window, in the order of changes.
    fn send_window(&mut self, client: usize, window: Window) {
        let block = block(self.sheet(), &window);
        let client = &mut self.clients[client];
        client.window = window.clone();
        client.down.push_back(Frame::Window(self.sequencer.head(), window, block));
    }

    /// The connection breaks: undelivered requests and frames are lost.
    pub(crate) fn disconnect(&mut self, client: usize) {
        let client = &mut self.clients[client];
        client.connected = false;
        client.up.clear();
        client.down.clear();
    }

    /// The client reconnects and resumes, or restarts when history was pruned.
    pub(crate) fn connect(&mut self, index: usize) {
        let client = &mut self.clients[index];
        if client.connected {
            return;
        }
        let (id, revision) = (client.replica.session().client(), client.replica.revision());
        if let Some(last) = self.log.iter().rev().find(|entry| entry.client == id) {
            self.sequencer.restore_client(id, last.sequence, last.revision);
        }
        self.sequencer.rejoined(id);
        client.connected = true;
        client.window = client.replica.window().clone();
        if self.backfills || self.sequencer.since(revision).is_some() {
            for entry in &self.log[revision.0 as usize..] {
                client.push_entry(entry, self.states.inserted_by(entry));
            }
            client.up.extend(client.replica.resume().into_iter().map(Request::Edit));
        } else {
            let sheet = self.states.sheet();
            let (head, rows) = (self.sequencer.head(), sheet.size().rows);
            client.replica.resync(head, rows, sheet.columns.clone());
            client.window = Window::ALL;
            client.resyncs += 1;
        }
    }

    /// Delivers everything.
    pub(crate) fn deliver_all(&mut self) {
        while !self.undos.is_empty() {
            self.submit_undo();
        }
        for client in 0..self.clients.len() {
            self.connect(client);
        }
        let busy = |client: &Client| {
            client.replica.pending() > 0 || !client.up.is_empty() || !client.down.is_empty()
        };
        while self.clients.iter().any(busy) {
            for client in 0..self.clients.len() {
                self.send(client);
                self.serve(client, false);
                while !self.clients[client].down.is_empty() {
                    self.receive(client);
                }
            }
        }
    }

    pub(crate) fn check(&self) {
        self.sequencer.check_invariants();
        self.states.check();
        for client in &self.clients {
            client.replica.check_invariants();
            if client.connected && client.down.is_empty() {
                agrees(client.replica.confirmed(), self.sheet());
                assert_eq!(
                    client.replica.window(),
                    &client.window,
                    "server and client map the window to the same place"
                );
            }
        }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }
}

impl Client {
    /// Sends an entry to the client: the part inside the window, or the answer to its author.
    fn push_entry(&mut self, entry: &Entry, inserted: Inserted) {
        self.window = self.window.map(&entry.delta);
        if entry.client == self.replica.session().client() {
            return self.down.push_back(Frame::Accepted(entry.sequence, entry.revision));
        }
        let seen = restrict(&entry.delta, &self.window);
        // An entry without effect in the window is left out, so the client's revision lags.
        if !seen.is_identity() {
            self.down.push_back(Frame::Change(entry.revision, seen, inserted));
        }
    }
}

/// The values in a window.
pub(crate) fn block(sheet: &Sheet, window: &Window) -> Block {
    let size = sheet.size();
    let rows = window.rows.start.min(size.rows)..window.rows.end.min(size.rows);
    let cols = window.cols.start.min(size.cols)..window.cols.end.min(size.cols);
    let values =
        |row: u32| sheet.rows[row as usize][cols.start as usize..cols.end as usize].to_vec();
    let rows_of = if cols.start < cols.end { rows.clone() } else { 0..0 };
    Block {
        row: rows.start,
        cols: cols.clone(),
        rows: rows_of.map(values).collect(),
        ..Block::default()
    }
}

/// Every loaded value and every column of the view is the sheet's.
pub(crate) fn agrees(view: &View, sheet: &Sheet) {
    assert_eq!(view.size(), sheet.size());
    for (mine, theirs) in view.columns().iter().zip(&sheet.columns) {
        assert_eq!((&mine.name, mine.kind, mine.width), (&theirs.name, theirs.kind, theirs.width));
        assert!(mine.id.is_none() || mine.id == theirs.id, "{mine:?} is not {theirs:?}");
    }
    for (r, row) in sheet.rows.iter().enumerate() {
        for (c, value) in row.iter().enumerate() {
            if let Some(known) = view.get(r as u32, c as u32) {
                assert_eq!(known, value, "the cell at {r}:{c}");
            }
        }
    }
}
