//! A client: the real client core, a connection that loses its frames when it breaks, and a history of edits
//! and answers.
//!
//! Not the judge. Invariant: an edit has at most one answer, the first one.

use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use client::core::{Event, LiveOptions, LiveSheet, Looking};
use gridloom::v1;
use grpc_server::service::live::frames;
use integration::harness::Random;
use model::{RowBody, SheetId};
use ot_engine::{ClientId, Revision, Sequence, Value};
use sheet::Registry;
use sheet::api::message::{Read, ReadColumns, Request, WindowRead};
use sheet::memory::EditHold;
use sheet::open_error::OpenError;
use sheet::refusal::Refusal;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_stream::Stream;

use super::postgres::Tables;
use super::server::{OpenSession, enter};

/// One client.
pub(crate) struct Peer {
    pub(crate) live: LiveSheet,
    pub(crate) sheet: SheetId,
    id: ClientId,
    connection: Connection,
    /// Frames in flight to the server.
    wire: VecDeque<v1::ClientFrame>,
    pub(crate) edits: BTreeMap<(ClientId, Sequence), Edit>,
    /// The time of acceptance of each received change, by its revision.
    pub(crate) seen: BTreeMap<Revision, i64>,
    /// A read of the whole sheet, in flight.
    asking: Option<oneshot::Receiver<Result<WindowRead, Refusal>>>,
    /// The answers to such reads: the revision, and all cells.
    pub(crate) read: Vec<(Revision, Vec<Vec<Value>>)>,
    /// The last `Committed` since the last check.
    pub(crate) reported_committed: Option<Revision>,
    pub(crate) wrong: Vec<String>,
    pub(crate) resyncs: u32,
}

enum Connection {
    Down,
    Connecting(JoinHandle<Result<OpenSession, OpenError>>),
    Up(Box<OpenSession>),
}

/// An edit with its answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edit {
    pub(crate) begun: u64,
    /// The step of the answer, and the revision; no revision for a refusal.
    pub(crate) answer: Option<(u64, Option<Revision>)>,
}

impl Peer {
    pub(crate) fn new(number: u128, sheet: SheetId) -> Self {
        let options = LiveOptions { looking: Looking::All, ..LiveOptions::default() };
        Self {
            live: LiveSheet::new(sheet.to_string(), options),
            sheet,
            id: ClientId(number),
            connection: Connection::Down,
            wire: VecDeque::new(),
            edits: BTreeMap::new(),
            seen: BTreeMap::new(),
            asking: None,
            read: Vec::new(),
            reported_committed: None,
            wrong: Vec::new(),
            resyncs: 0,
        }
    }

    pub(crate) fn is_down(&self) -> bool {
        matches!(self.connection, Connection::Down)
    }

    /// Whether it has received all revisions in Postgres and their `Committed`.
    pub(crate) fn is_settled(&self, tables: &Tables) -> bool {
        let head = tables.head(self.sheet);
        self.live.is_synced() && self.live.revision() == head && self.live.committed() == head
    }

    /// How far it is, as text.
    pub(crate) fn progress(&self) -> String {
        let Self { live, .. } = self;
        let (pending, at, synced) = (live.pending(), live.revision(), live.is_synced());
        format!("{pending} pending at {at}, synced {synced}")
    }

    /// Starts to connect.
    pub(crate) fn connect(&mut self, registry: &Registry) {
        self.disconnect();
        let hello = self.live.hello();
        self.connection = Connection::Connecting(tokio::spawn(enter(
            registry.clone(),
            self.sheet,
            self.id,
            hello,
        )));
    }

    /// Closes the connection; the server receives `Leave`.
    pub(crate) fn disconnect(&mut self) {
        if let Connection::Up(session) = &self.connection {
            session.handle.send_detached(Request::Leave(session.key));
        }
        self.break_off();
    }

    /// Breaks the connection, as the end of the server does.
    pub(crate) fn break_off(&mut self) {
        if let Connection::Connecting(connecting) = &self.connection {
            connecting.abort();
        }
        self.connection = Connection::Down;
        self.wire.clear();
        self.live.disconnected();
    }

    /// Polls the connection that is being opened, and the read in flight.
    pub(crate) async fn settle(&mut self) {
        if let Some(Ok(Ok(read))) = self.asking.as_mut().map(oneshot::Receiver::try_recv) {
            self.read.push((read.revision, cells(&read)));
        }
        let Connection::Connecting(connecting) = &mut self.connection else { return };
        if !connecting.is_finished() {
            return;
        }
        match connecting.await {
            Ok(Ok(session)) => self.connection = Connection::Up(Box::new(session)),
            Ok(Err(error)) => {
                if matches!(error, OpenError::Split { .. } | OpenError::Misfit(_)) {
                    self.wrong.push(format!("the sheet does not open: {error}"));
                }
                self.break_off();
            }
            Err(_) => self.break_off(),
        }
    }

    /// Sends up to `most` of the frames that are ready.
    pub(crate) fn send(&mut self, most: usize) {
        let Connection::Up(session) = &self.connection else { return };
        self.wire.extend(self.live.outgoing());
        let ready = self.wire.len().min(most);
        let sent = self.wire.drain(..ready).filter_map(|frame| frame.frame);
        let frames: Vec<_> =
            sent.filter_map(|frame| frames::message(frame, &ot_engine::Limits::DEFAULT)).collect();
        if !frames.is_empty() {
            session.handle.send_detached(Request::Frames {
                session: session.key,
                frames,
                hold: EditHold::default(),
            });
        }
    }

    /// Reads the whole sheet, beside the session.
    pub(crate) fn ask(&mut self) {
        let Connection::Up(session) = &self.connection else { return };
        let (reply, asking) = oneshot::channel();
        self.asking = Some(asking);
        session.handle.send_detached(Request::Read(Read {
            turn: None,
            rows: 0..u32::MAX,
            columns: ReadColumns::At(0..u32::MAX),
            reply,
        }));
    }

    /// Receives up to `most` frames of the server.
    pub(crate) fn read(&mut self, step: u64, most: usize) {
        for _ in 0..most {
            let Connection::Up(session) = &mut self.connection else { return };
            let mut context = Context::from_waker(Waker::noop());
            match Pin::new(&mut session.stream).poll_next(&mut context) {
                Poll::Pending => return,
                Poll::Ready(Some(Ok(frame))) => match self.live.on_frame(frame) {
                    Ok(events) => self.receive(step, events),
                    Err(error) => {
                        self.wrong.push(format!("the server broke the protocol: {error}"));
                        return self.disconnect();
                    }
                },
                Poll::Ready(Some(Err(_)) | None) => return self.disconnect(),
            }
        }
    }

    fn receive(&mut self, step: u64, events: Vec<Event>) {
        // A resync names neither the revisions of the client's edits nor which of them are accepted.
        if events.iter().any(|event| matches!(event, Event::Resynced { .. })) {
            self.resyncs += 1;
            return;
        }
        for event in events {
            match event {
                Event::Accepted { sequence, revision, .. } => {
                    self.answered(sequence, (step, Some(revision)));
                }
                Event::Rejected { sequence, .. } => self.answered(sequence, (step, None)),
                Event::Changed(changed) => {
                    self.seen.insert(changed.revision, changed.time_micros);
                }
                Event::Committed { revision } => self.reported_committed = Some(revision),
                _ => {}
            }
        }
    }

    fn answered(&mut self, sequence: Sequence, answer: (u64, Option<Revision>)) {
        if let Some(edit) = self.edits.get_mut(&(self.id, sequence)) {
            edit.answer = edit.answer.or(Some(answer));
        }
    }

    /// Makes an edit, if there is a sheet to edit.
    pub(crate) fn edit(&mut self, step: u64, random: &mut Random) {
        let size = self.live.size();
        if self.live.view().is_none() || self.live.pending() > 20 {
            return;
        }
        let (row, col) = (random.below(size.rows), random.below(size.cols));
        let text = format!("{}-{step}", self.id.0);
        let live = &mut self.live;
        let made = match random.below(16) {
            0 => live.insert_rows(random.below(size.rows + 1), 1 + random.below(2)),
            1 if size.rows > 2 => live.delete_rows(row, 1),
            2 if size.rows > 2 => live.move_rows(row, 1, random.below(size.rows)),
            3 if size.cols < 6 => live.insert_cols(col, 1),
            4 if size.cols > 2 => live.delete_cols(col, 1),
            5 | 6 => {
                let held = live.view().and_then(|view| view.get(row, col)).cloned();
                let Some(Value::Text(held)) = held else { return };
                let typed = live.type_text(row, col, &held, &format!("{held}{}", step % 10));
                let Ok(Some(sequence)) = typed else { return };
                Ok(sequence)
            }
            _ => live.set_cell(row, col, text.as_str().into()),
        };
        // The client refuses an edit that does not fit its view; several edits may share one number.
        if let Ok(sequence) = made {
            let new = Edit { begun: step, answer: None };
            self.edits.entry((self.id, sequence)).or_insert(new);
        }
    }
}

fn cells(read: &WindowRead) -> Vec<Vec<Value>> {
    let empty = RowBody::default();
    let bodies = read.rows.iter().map(|(_, body)| body.as_deref().unwrap_or(&empty));
    let row =
        |body: &RowBody| read.columns.iter().map(|column| body.get(column.id).clone()).collect();
    bodies.map(row).collect()
}
