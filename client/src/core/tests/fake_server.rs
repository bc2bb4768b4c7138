//! A server in memory: one sheet, the engine's sequencer, sessions with windows and replay.
//!
//! It has no journal and no Postgres. Invariant: it keeps the protocol, except where a test makes it refuse.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use gridloom::convert::{
    ChangeHead, client_id_from_wire, client_id_to_wire, column_to_wire, delta_from_wire,
    encode_change, range_from_wire, value_to_wire, window_from_wire,
};
use gridloom::pieces::Framing;
use gridloom::v1;
use gridloom::v1::client_frame::Frame as In;
use gridloom::v1::server_frame::Frame as Out;
use ot_engine::{
    AxisDelta, ClientId, Column, DEFAULT_HISTORY, Entry, Limits, LineId, NextIds, Outcome,
    Revision, Sequence, Sequencer, Sheet, Size, Submission, Window, restrict,
};
use prost::Message;

/// Rows in one frame: few, so that a look needs several frames.
const ROWS_PER_FRAME: usize = 2;
/// Bytes in one message: few, so that most frames come in pieces.
const MESSAGE_BYTES: usize = 50;

pub(super) fn frame(frame: Out) -> v1::ServerFrame {
    v1::ServerFrame { frame: Some(frame) }
}

/// A welcome to a sheet of 3 rows and 1 column.
pub(super) fn welcome() -> v1::Welcome {
    v1::Welcome {
        client_id: client_id_to_wire(ClientId(7)),
        role: v1::Role::Owner.into(),
        columns: vec![v1::Column::default()],
        row_count: 3,
        ..v1::Welcome::default()
    }
}

/// One session: its window and its wire.
pub(super) struct Session {
    client: ClientId,
    window: Window,
    /// Rows to send, mapped over later changes.
    read: Option<Vec<std::ops::Range<u32>>>,
    pub(super) wire: VecDeque<Vec<u8>>,
}

impl Session {
    fn push(&mut self, out: Out) {
        match Framing::of(frame(out), MESSAGE_BYTES) {
            Framing::Whole(frame) => self.wire.push_back(frame.encode_to_vec()),
            Framing::Pieces(pieces) => self.wire.extend(pieces.map(|piece| piece.encode_to_vec())),
        }
    }

    /// Pushes each row in two frames, as if it were too large for one.
    fn push_rows(&mut self, cells: v1::WindowCells) {
        let width = cells.column_count / 2;
        let revision = cells.revision;
        for (row, start_row) in cells.rows.into_iter().zip(cells.start_row..) {
            let v1::RowCells { row_id, mut values } = row;
            let right = values.split_off(values.len().min(width as usize));
            let ranges = [(values, 0, width), (right, width, cells.column_count - width)];
            for (values, start_col, column_count) in ranges {
                let rows = vec![v1::RowCells { row_id, values }];
                self.push(Out::Window(v1::WindowCells {
                    revision,
                    start_row,
                    start_col,
                    column_count,
                    rows,
                    last: false,
                }));
            }
        }
    }
}

pub(super) struct Server {
    pub(super) sequencer: Sequencer,
    pub(super) entries: Vec<Arc<Entry>>,
    /// The sheet after each revision.
    pub(super) states: Vec<Sheet>,
    /// The ids of its rows after each revision.
    pub(super) row_ids: Vec<Vec<u64>>,
    committed: Revision,
    /// Changes up to this revision can't be replayed.
    pub(super) pruned: Revision,
    pub(super) sessions: HashMap<usize, Session>,
    next_client: u128,
    pub(super) refuse_next: bool,
    pub(super) refused: HashSet<(ClientId, Sequence)>,
}

impl Server {
    pub(super) fn new(rows: u32, cols: u32) -> Self {
        let size = Size::new(rows, cols);
        let next = NextIds { row: 1000, col: 1000 };
        let head = Revision(0);
        Self {
            sequencer: Sequencer::new(head, size, next, Limits::DEFAULT, DEFAULT_HISTORY),
            entries: Vec::new(),
            states: vec![Sheet::new(size)],
            row_ids: vec![(1..=rows.into()).collect()],
            committed: head,
            pruned: head,
            sessions: HashMap::new(),
            next_client: 0,
            refuse_next: false,
            refused: HashSet::new(),
        }
    }

    pub(super) fn head(&self) -> Revision {
        self.sequencer.head()
    }

    pub(super) fn sheet(&self) -> &Sheet {
        &self.states[self.head().0 as usize]
    }

    pub(super) fn receive(&mut self, who: usize, bytes: &[u8]) {
        let received = v1::ClientFrame::decode(bytes).expect("a frame").frame.expect("of a kind");
        match received {
            In::Hello(hello) => self.hello(who, &hello),
            In::Edit(edit) => self.edit(who, edit),
            In::Look(look) => self.look(who, look),
            In::Ping(ping) => self.session(who).push(Out::Pong(v1::Pong { nonce: ping.nonce })),
            In::Refresh(_) | In::Presence(_) => {}
        }
    }

    fn session(&mut self, who: usize) -> &mut Session {
        self.sessions.get_mut(&who).expect("connected")
    }

    fn hello(&mut self, who: usize, hello: &v1::Hello) {
        let client = match hello.client_id.as_str() {
            "" => {
                self.next_client += 1;
                ClientId(self.next_client)
            }
            text => client_id_from_wire(text).expect("an id"),
        };
        let own = self.entries.iter().rfind(|entry| entry.client == client);
        let last_sequence = own.map_or(0, |entry| entry.sequence.0);
        let window = hello.window.map_or(Window::ALL, window_from_wire);
        let mut session = Session { client, window, read: None, wire: VecDeque::new() };
        let asked = hello.resume.map(|point| Revision(point.revision));
        let resume = asked.filter(|revision| *revision >= self.pruned);
        if asked.is_some() && resume.is_none() {
            let reason = v1::resync::Reason::Compacted.into();
            session.push(Out::Resync(v1::Resync { reason }));
        }
        let columns: &[Column] = if resume.is_none() { &self.sheet().columns } else { &[] };
        session.push(Out::Welcome(v1::Welcome {
            client_id: client_id_to_wire(client),
            revision: resume.unwrap_or(self.head()).0,
            committed_revision: self.committed.0,
            role: v1::Role::Owner.into(),
            columns: columns.iter().map(column_to_wire).collect(),
            row_count: if resume.is_none() { self.sheet().size().rows } else { 0 },
            resumed: resume.is_some(),
            last_sequence,
            ..v1::Welcome::default()
        }));
        let missed = resume.map_or(self.entries.len(), |revision| revision.0 as usize);
        for entry in &self.entries[missed..] {
            push_entry(&mut session, entry);
        }
        self.sequencer.rejoined(client);
        self.sessions.insert(who, session);
    }

    fn edit(&mut self, who: usize, edit: v1::Edit) {
        let client = self.session(who).client;
        let sequence = Sequence(edit.sequence);
        if std::mem::take(&mut self.refuse_next) {
            self.sequencer.refuse(client, sequence);
            return self.reject(who, edit.sequence);
        }
        let Some(v1::edit::Change::Delta(delta)) = edit.change else { panic!("a delta") };
        let delta = delta_from_wire(delta).expect("well formed");
        let base = Revision(edit.base_revision);
        match self.sequencer.submit(Submission { client, sequence, base, delta: delta.into() }) {
            Ok(Outcome::Accepted(entry)) => {
                self.sequencer.mark_durable(entry.revision);
                self.publish(&entry);
            }
            Ok(Outcome::Already { revision, .. }) => {
                let revision = revision.0;
                let sequence = sequence.0;
                self.session(who).push(Out::Accepted(v1::Accepted {
                    sequence,
                    revision,
                    ..Default::default()
                }));
            }
            Err(_) => self.reject(who, edit.sequence),
        }
    }

    fn reject(&mut self, who: usize, sequence: u64) {
        let client = self.session(who).client;
        self.refused.insert((client, Sequence(sequence)));
        self.session(who).push(Out::Rejected(v1::Rejected { sequence, status: None }));
    }

    fn publish(&mut self, entry: &Arc<Entry>) {
        self.entries.push(entry.clone());
        let mut sheet = self.states.last().expect("the first").clone();
        sheet.apply(&entry.delta);
        self.states.push(sheet);
        let ids = self.row_ids.last().expect("the first").clone();
        let named = |id: Option<LineId>| id.expect("the sequencer assigns ids").0;
        self.row_ids.push(entry.delta.rows.apply_to_vec(ids, named));
        self.sessions.values_mut().for_each(|session| push_entry(session, entry));
    }

    fn look(&mut self, who: usize, look: v1::Look) {
        let mut window = look.window.map_or(Window::ALL, window_from_wire);
        let mut read = match look.fetch.is_empty() {
            true => vec![window.rows.clone()],
            false => look.fetch.into_iter().map(range_from_wire).collect(),
        };
        for entry in &self.entries[look.revision as usize..] {
            window = window.map(&entry.delta);
            read.iter_mut().for_each(|rows| *rows = entry.delta.rows.map_range(rows.clone()));
        }
        let session = self.session(who);
        session.window = window;
        session.read = Some(read);
    }

    /// Sends the rows of the last look, some time after it was received.
    pub(super) fn read(&mut self, who: usize) {
        let revision = self.head().0;
        let sheet = self.sheet().clone();
        let ids = self.row_ids[revision as usize].clone();
        let Some(session) = self.sessions.get_mut(&who) else { return };
        let Some(ranges) = session.read.take() else { return };
        for range in ranges {
            let end = (range.end as usize).min(sheet.rows.len());
            let start = (range.start as usize).min(end);
            for (i, rows) in sheet.rows[start..end].chunks(ROWS_PER_FRAME).enumerate() {
                let first = start + i * ROWS_PER_FRAME;
                let row = |(values, row_id): (&Vec<_>, &u64)| v1::RowCells {
                    row_id: *row_id,
                    values: values.iter().map(value_to_wire).collect(),
                };
                let cells = v1::WindowCells {
                    revision,
                    start_row: first as u32,
                    start_col: 0,
                    column_count: sheet.columns.len() as u32,
                    rows: rows.iter().zip(&ids[first..]).map(row).collect(),
                    last: false,
                };
                match i % 2 {
                    0 => session.push(Out::Window(cells)),
                    _ => session.push_rows(cells),
                }
            }
        }
        session.push(Out::Window(v1::WindowCells { revision, last: true, ..Default::default() }));
    }

    pub(super) fn commit(&mut self) {
        self.committed = self.head();
        let revision = self.committed.0;
        for session in self.sessions.values_mut() {
            session.push(Out::Committed(v1::Committed { revision }));
        }
    }

    /// A new process, which knows only the accepted edits from the log.
    pub(super) fn restart(&mut self) {
        let old = &self.sequencer;
        let (head, size, next) = (old.head(), old.size(), old.next_ids());
        let mut sequencer = Sequencer::new(head, size, next, Limits::DEFAULT, DEFAULT_HISTORY);
        sequencer.backfill(self.entries.iter().cloned());
        for entry in &self.entries {
            let last = self.entries.iter().rfind(|other| other.client == entry.client);
            let last = last.expect("at least this one");
            sequencer.restore_client(last.client, last.sequence, last.revision);
        }
        self.sequencer = sequencer;
    }
}

/// Sends an entry to a session, and maps the session's window over it.
fn push_entry(session: &mut Session, entry: &Entry) {
    session.window = session.window.map(&entry.delta);
    for rows in session.read.iter_mut().flatten() {
        *rows = entry.delta.rows.map_range(rows.clone());
    }
    if entry.client == session.client {
        let (sequence, revision) = (entry.sequence.0, entry.revision.0);
        let first = |axis: &AxisDelta| axis.first_id().map(|id| id.0);
        let accepted = v1::Accepted {
            sequence,
            revision,
            first_row_id: first(&entry.delta.rows),
            first_column_id: first(&entry.delta.cols),
            ..Default::default()
        };
        return session.push(Out::Accepted(accepted));
    }
    let seen = restrict(&entry.delta, &session.window);
    if !seen.is_identity() {
        let changes = vec![encode_change(&head(entry.revision), &seen, Default::default())];
        session.push(Out::Changes(v1::Changes { changes, through: entry.revision.0 }));
    }
}

/// The head of a change by another account.
pub(super) fn head(revision: Revision) -> ChangeHead {
    ChangeHead {
        revision,
        author: "another".into(),
        time_micros: 0,
        origin: v1::ChangeOrigin::Edit,
        target: Revision(0),
    }
}
