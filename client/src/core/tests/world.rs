//! A world of one server and several clients, whose wires deliver a frame at a time and lose what is
//! under way when they break.

use std::collections::VecDeque;
use std::sync::Arc;

use gridloom::v1;
use ot_engine::{ClientId, Entry, Sequence, Size};
use prost::Message;

use super::super::{Event, LiveOptions, LiveSheet, Looking};
use super::fake_server::Server;

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

    /// The client's process ends and another begins, with nothing but what was saved, if anything
    /// had to be.
    pub(super) fn reload(&mut self, who: usize) {
        self.disconnect(who);
        let live = &mut self.clients[who].live;
        if let Some(saved) = live.save() {
            let options = LiveOptions { looking: Looking::All, ..LiveOptions::default() };
            *live = LiveSheet::restore(&saved, options).expect("it was saved just now");
            assert_eq!(live.save(), Some(saved));
        }
    }

    /// Puts on the wire what the client has to say.
    pub(super) fn send(&mut self, who: usize) {
        let peer = &mut self.clients[who];
        peer.wire.extend(peer.live.outgoing().iter().map(Message::encode_to_vec));
    }

    pub(super) fn deliver_to_server(&mut self, who: usize) -> bool {
        let Some(bytes) = self.clients[who].wire.pop_front() else { return false };
        self.server.hear(who, &bytes);
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

    /// Delivers everything until nothing is left to say.
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

    /// Settles, and gives what this client was told since the last time.
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
        super::text(value.map_or(super::Cell::Unknown, super::Cell::Value))
    }

    pub(super) fn entries(&self) -> &[Arc<Entry>] {
        &self.server.entries
    }

    pub(super) fn refused(&self, client: ClientId, sequence: Sequence) -> bool {
        self.server.refused.contains(&(client, sequence))
    }

    /// Every cell that the client knows is what the server had at the revision that it has seen.
    fn check(&self, who: usize) {
        let Some(session) = &self.clients[who].live.session else { return };
        session.replica.check_invariants();
        let (view, sheet) = (
            session.replica.confirmed(),
            &self.server.states[session.replica.revision().0 as usize],
        );
        assert_eq!(view.size(), sheet.size(), "client {who}");
        for (row, values) in sheet.rows.iter().enumerate() {
            for (col, value) in values.iter().enumerate() {
                if let Some(known) = view.get(row as u32, col as u32) {
                    assert_eq!(known, value, "client {who}, row {row}, column {col}");
                }
            }
        }
    }

    /// After everything has settled: all clients hold the whole sheet as the server does.
    pub(super) fn check_converged(&self) {
        let sheet = self.server.sheet();
        for (who, peer) in self.clients.iter().enumerate() {
            assert!(peer.live.is_synced(), "client {who} is not done: {:?}", peer.live);
            let view = peer.live.view().expect("open");
            assert_eq!(view.size(), sheet.size(), "client {who}");
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
