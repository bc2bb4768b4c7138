//! A server and clients with an unreliable network between them, one step at a time.
//!
//! The server cuts each change to the client's window, as a real one does; a window is one more
//! random thing. After each step every invariant is checked.

use std::collections::VecDeque;

use ot_engine::{
    Block, ClientId, ClientSession, Delta, Entry, HistoryLimits, Limits, NextIds, Outcome, Replica,
    Revision, Sequence, Sequencer, Sheet, Size, Submission, SubmitError, View, Window, restrict,
};
use std::sync::Arc;

/// Small, so that pruned history is common.
const HISTORY: HistoryLimits = HistoryLimits { max_entries: 12, max_weight: 400 };

/// What the server tells a client, in order.
#[derive(Clone, Debug)]
enum Frame {
    Change(Revision, Delta),
    Accepted(Sequence, Revision),
    Rejected(Sequence),
    Window(Revision, Window, Block),
}

pub(crate) struct Client {
    pub(crate) replica: Replica,
    up: VecDeque<Submission>,
    down: VecDeque<Frame>,
    /// The window as the server has it.
    window: Window,
    pub(crate) connected: bool,
    /// Edits that the client was told are lost, by sequence.
    pub(crate) refused: usize,
    pub(crate) resyncs: usize,
}

pub(crate) struct Network {
    pub(crate) sequencer: Sequencer,
    pub(crate) sheet: Sheet,
    pub(crate) log: Vec<Arc<Entry>>,
    pub(crate) clients: Vec<Client>,
    limits: Limits,
}

impl Network {
    pub(crate) fn new(size: Size, clients: usize, max_in_flight: usize) -> Self {
        let limits = Limits { max_rows: 40, max_columns: 12, ..Limits::DEFAULT };
        let next = NextIds { row: 1, col: 1 };
        let sequencer = Sequencer::new(Revision(0), size, next, limits, HISTORY);
        let sheet = Sheet::new(size);
        let clients = (0..clients).map(|id| {
            let session = ClientSession::new(ClientId(id as u128 + 1), Revision(0));
            let session = session.with_max_in_flight(max_in_flight);
            let columns = sheet.columns.clone();
            Client {
                replica: Replica::with_session(session, size.rows, columns, limits),
                up: VecDeque::new(),
                down: VecDeque::new(),
                window: Window::ALL,
                connected: true,
                refused: 0,
                resyncs: 0,
            }
        });
        Self { sequencer, clients: clients.collect(), sheet, log: Vec::new(), limits }
    }

    /// A client edits what it sees. An edit that would make the sheet too long is not made.
    pub(crate) fn edit(&mut self, client: usize, delta: Delta) {
        let _ = self.clients[client].replica.edit(delta);
    }

    /// A client sends its next edit.
    pub(crate) fn send(&mut self, client: usize) {
        let client = &mut self.clients[client];
        if client.connected
            && let Some(submission) = client.replica.outgoing()
        {
            client.up.push_back(submission);
        }
    }

    /// The server takes the next edit of a client; now and then its answer is a refusal.
    pub(crate) fn serve(&mut self, client: usize, refuse: bool) {
        let Some(submission) = self.clients[client].up.pop_front() else { return };
        let (id, sequence) = (submission.client, submission.sequence);
        if refuse && self.log.iter().all(|entry| (entry.client, entry.sequence) != (id, sequence)) {
            self.sequencer.refuse(id, sequence);
            self.clients[client].down.push_back(Frame::Rejected(sequence));
            return;
        }
        match self.sequencer.submit(submission) {
            Ok(Outcome::Accepted(entry)) => self.broadcast(&entry),
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

    fn broadcast(&mut self, entry: &Arc<Entry>) {
        self.sheet.apply(&entry.delta);
        self.log.push(entry.clone());
        assert_eq!(self.sheet.size(), self.sequencer.size());
        for client in self.clients.iter_mut().filter(|client| client.connected) {
            client.tell(entry);
        }
    }

    /// A client hears the next frame.
    pub(crate) fn hear(&mut self, client: usize) {
        let client = &mut self.clients[client];
        let Some(frame) = client.down.pop_front() else { return };
        match frame {
            Frame::Change(revision, delta) => {
                client.replica.receive(revision, &delta).expect("changes come in order");
            }
            Frame::Accepted(sequence, revision) => {
                let answer = client.replica.accepted(sequence, revision);
                client.refused += answer.expect("answers come in order").1.edits.len();
            }
            Frame::Rejected(sequence) => {
                let answer = client.replica.rejected(sequence);
                client.refused += answer.expect("only what was sent is refused").edits.len();
            }
            Frame::Window(revision, window, block) => {
                client.replica.skip_to(revision);
                client.replica.set_window(window);
                client.replica.load(&block);
            }
        }
    }

    /// A client looks elsewhere; the answer stands in the order of changes.
    pub(crate) fn look(&mut self, client: usize, window: Window) {
        let client = &mut self.clients[client];
        if client.connected {
            client.window = window.clone();
            let block = block(&self.sheet, &window);
            client.down.push_back(Frame::Window(self.sequencer.head(), window, block));
        }
    }

    /// The connection breaks: what is on the way, either way, is lost.
    pub(crate) fn disconnect(&mut self, client: usize) {
        let client = &mut self.clients[client];
        client.connected = false;
        client.up.clear();
        client.down.clear();
    }

    /// The client comes back where it was, or starts over when history was pruned.
    pub(crate) fn connect(&mut self, index: usize) {
        let client = &mut self.clients[index];
        if client.connected {
            return;
        }
        client.connected = true;
        client.window = client.replica.window().clone();
        if let Some(missed) = self.sequencer.since(client.replica.revision()) {
            missed.for_each(|entry| client.tell(entry));
            client.up.extend(client.replica.resume());
        } else {
            let (head, size) = (self.sequencer.head(), self.sheet.size());
            client.replica.resync(head, size.rows, self.sheet.columns.clone());
            client.window = Window::ALL;
            client.resyncs += 1;
        }
    }

    /// Everything that is on the way arrives.
    pub(crate) fn settle(&mut self) {
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
                    self.hear(client);
                }
            }
        }
    }

    pub(crate) fn check(&self) {
        self.sequencer.check_invariants();
        for client in &self.clients {
            client.replica.check_invariants();
            if client.connected && client.down.is_empty() {
                agrees(client.replica.confirmed(), &self.sheet);
                assert_eq!(client.replica.window(), &client.window, "both map the window alike");
            }
        }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }
}

impl Client {
    /// What the server says of an entry: all of it to nobody, the part in the window to a reader,
    /// and to the author that it was accepted.
    fn tell(&mut self, entry: &Entry) {
        self.window = self.window.map(&entry.delta);
        if entry.client == self.replica.session().client() {
            return self.down.push_back(Frame::Accepted(entry.sequence, entry.revision));
        }
        let seen = restrict(&entry.delta, &self.window);
        // What changes nothing in the window is left out: the client's revision lags behind.
        if !seen.is_identity() {
            self.down.push_back(Frame::Change(entry.revision, seen));
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
    Block { row: rows.start, cols: cols.clone(), rows: rows_of.map(values).collect() }
}

/// Every value that the view knows is the sheet's; and the columns are.
pub(crate) fn agrees(view: &View, sheet: &Sheet) {
    assert_eq!(view.size(), sheet.size());
    for (mine, theirs) in view.columns().iter().zip(&sheet.columns) {
        assert_eq!((&mine.name, mine.kind, mine.width), (&theirs.name, theirs.kind, theirs.width));
    }
    for (r, row) in sheet.rows.iter().enumerate() {
        for (c, value) in row.iter().enumerate() {
            if let Some(known) = view.get(r as u32, c as u32) {
                assert_eq!(known, value, "the cell at {r}:{c}");
            }
        }
    }
}
