//! One server and several clients, whose wires deliver one frame at a time.
//!
//! It has no clock. Invariant: a broken wire loses its undelivered frames.

use std::collections::VecDeque;
use std::sync::Arc;

use gridloom::v1;
use ot_engine::{ClientId, Entry, RowId, Sequence, Size, Value};
use prost::Message;

use super::super::{Cell, Event, LiveOptions, LiveSheet, Looking};
use super::fake_server::Server;

/// The text of a cell, or a mark when it has none.
pub(super) fn text(cell: Cell<'_>) -> String {
    match cell {
        Cell::Unknown => "?".to_owned(),
        Cell::Value(Value::Text(text)) => text.to_string(),
        Cell::Value(other) => format!("{other:?}"),
    }
}

/// The server, its clients, and the frames on the way to it.
pub(super) struct World {
    server: Server,
    clients: Vec<Peer>,
}

struct Peer {
    live: LiveSheet,
    wire: VecDeque<Vec<u8>>,
    events: Vec<Event>,
}

impl World {
    pub(super) fn new(clients: usize, rows: u32, cols: u32) -> Self {
        let options = LiveOptions { looking: Looking::All, ..LiveOptions::default() };
        Self::with_options(clients, rows, cols, options)
    }

    pub(super) fn with_options(clients: usize, rows: u32, cols: u32, options: LiveOptions) -> Self {
        let peer = |_| Peer {
            live: LiveSheet::new("sheet", options.clone()),
            wire: VecDeque::new(),
            events: Vec::new(),
        };
        Self { server: Server::new(rows, cols), clients: (0..clients).map(peer).collect() }
    }

    pub(super) fn live(&mut self, who: usize) -> &mut LiveSheet {
        &mut self.clients[who].live
    }

    pub(super) fn connect(&mut self, who: usize) {
        self.disconnect(who);
        let peer = &mut self.clients[who];
        peer.wire.push_back(peer.live.hello_frame().encode_to_vec());
    }

    pub(super) fn disconnect(&mut self, who: usize) {
        self.server.sessions.remove(&who);
        let peer = &mut self.clients[who];
        peer.wire.clear();
        let events = peer.live.disconnected();
        peer.events.extend(events);
    }

    /// The client's process ends, and another one restores the saved bytes, if there are any.
    pub(super) fn reload(&mut self, who: usize) {
        self.disconnect(who);
        let live = &mut self.clients[who].live;
        if let Some(saved) = live.save() {
            let options = LiveOptions { looking: Looking::All, ..LiveOptions::default() };
            *live = LiveSheet::restore(&saved, options).expect("it was saved just now");
            assert_eq!(live.save(), Some(saved));
        }
    }

    /// Puts the client's outgoing frames on the wire.
    pub(super) fn send(&mut self, who: usize) {
        let peer = &mut self.clients[who];
        peer.wire.extend(peer.live.outgoing().iter().map(Message::encode_to_vec));
    }

    pub(super) fn deliver_to_server(&mut self, who: usize) -> bool {
        let Some(bytes) = self.clients[who].wire.pop_front() else { return false };
        self.server.receive(who, &bytes);
        true
    }

    pub(super) fn deliver_to_client(&mut self, who: usize) -> bool {
        let session = self.server.sessions.get_mut(&who);
        let Some(bytes) = session.and_then(|session| session.wire.pop_front()) else {
            return false;
        };
        let frame = v1::ServerFrame::decode(bytes.as_slice()).expect("a frame");
        let peer = &mut self.clients[who];
        let events = peer.live.on_frame(frame).expect("the server keeps the protocol");
        peer.events.extend(events);
        self.check(who);
        true
    }

    pub(super) fn read(&mut self, who: usize) {
        self.server.read(who);
    }

    pub(super) fn commit(&mut self) {
        self.server.commit();
    }

    pub(super) fn prune(&mut self) {
        self.server.pruned = self.server.head();
    }

    pub(super) fn refuse_next(&mut self) {
        self.server.refuse_next = true;
    }

    pub(super) fn restart_server(&mut self) {
        (0..self.clients.len()).for_each(|who| self.disconnect(who));
        self.server.restart();
    }

    /// Delivers all frames until no frame is left.
    pub(super) fn settle(&mut self) {
        loop {
            let mut moved = false;
            for who in 0..self.clients.len() {
                self.send(who);
                while self.deliver_to_server(who) {
                    moved = true;
                }
                self.read(who);
                while self.deliver_to_client(who) {
                    moved = true;
                }
            }
            if !moved {
                return;
            }
        }
    }

    /// Delivers all frames, and returns this client's events since the last call.
    pub(super) fn settle_events(&mut self, who: usize) -> Vec<Event> {
        self.settle();
        std::mem::take(&mut self.clients[who].events)
    }

    pub(super) fn events(&self, who: usize) -> &[Event] {
        &self.clients[who].events
    }

    pub(super) fn server_size(&self) -> Size {
        self.server.sequencer.size()
    }

    pub(super) fn server_text(&self, row: u32, col: u32) -> String {
        let value = self.server.sheet().get(row, col);
        text(value.map_or(Cell::Unknown, Cell::Value))
    }

    pub(super) fn entries(&self) -> &[Arc<Entry>] {
        &self.server.entries
    }

    pub(super) fn refused(&self, client: ClientId, sequence: Sequence) -> bool {
        self.server.refused.contains(&(client, sequence))
    }

    /// Every loaded cell has the server's value at the client's revision.
    fn check(&self, who: usize) {
        let Some(session) = &self.clients[who].live.session else { return };
        session.replica.check_invariants();
        let (view, sheet) = (
            session.replica.confirmed(),
            &self.server.states[session.replica.revision().0 as usize],
        );
        assert_eq!(view.size(), sheet.size(), "client {who}");
        let ids = &self.server.row_ids[session.replica.revision().0 as usize];
        for (row, id) in ids.iter().enumerate() {
            if let Some(known) = view.row_id(row as u32) {
                assert_eq!(known.0, *id, "client {who}, the id of row {row}");
            }
        }
        for (row, values) in sheet.rows.iter().enumerate() {
            for (col, value) in values.iter().enumerate() {
                if let Some(known) = view.get(row as u32, col as u32) {
                    assert_eq!(known, value, "client {who}, row {row}, column {col}");
                }
            }
        }
    }

    /// After all frames are delivered, every client has the server's sheet.
    pub(super) fn check_converged(&self) {
        let sheet = self.server.sheet();
        for (who, peer) in self.clients.iter().enumerate() {
            assert!(peer.live.is_synced(), "client {who} is not done: {:?}", peer.live);
            let view = peer.live.view().expect("open");
            assert_eq!(view.size(), sheet.size(), "client {who}");
            let ids = self.server.row_ids.last().expect("the first");
            for (row, id) in (0..).zip(ids) {
                assert_eq!(view.row_id(row), Some(RowId(*id)), "client {who}, the id of row {row}");
                assert_eq!(view.row_of(RowId(*id)), Some(row), "client {who}, where {id} is");
            }
            let columns = view.columns().iter().zip(&sheet.columns);
            for (mine, theirs) in columns {
                assert_eq!(mine.id, theirs.id, "client {who}");
            }
            for (row, values) in sheet.rows.iter().enumerate() {
                for (col, value) in values.iter().enumerate() {
                    let known = view.get(row as u32, col as u32);
                    assert_eq!(known, Some(value), "client {who}, row {row}, column {col}");
                }
            }
            let names = |columns: &[ot_engine::Column]| -> Vec<_> {
                columns.iter().map(|column| (column.name.clone(), column.kind)).collect()
            };
            assert_eq!(names(view.columns()), names(&sheet.columns), "client {who}");
        }
    }
}
