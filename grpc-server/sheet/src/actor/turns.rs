//! Requests whose turn has come: every edit before them is published.
//!
//! Not here: when that is (`ordering`). Invariant: a request whose session has left does nothing.

use std::ops::Range;

use gridloom::v1::{self, server_frame::Frame};
use ot_engine::{Revision, Window};

use super::SheetActor;
use super::requests::Waiting;
use crate::api::message::{Places, PlacesFound};
use crate::fanout::published::SessionKey;
use crate::fanout::session::{EndReason, Outgoing};
use crate::ordering::work::RequestId;

impl SheetActor {
    pub(super) fn on_turn(&mut self, request: RequestId) {
        let Some(waiting) = self.requests.take(request) else { return };
        match waiting {
            Waiting::Join(session) => self.decide_join(session),
            Waiting::JoinFound(found) => self.on_join_found(found),
            Waiting::Look { session, revision, window, fetch } => {
                self.look_from(session, revision, window, fetch);
            }
            Waiting::Ping { session, nonce } => self.pong(session, nonce),
            Waiting::Read(read) => self.read(read),
            Waiting::Places(places) => self.places(places),
            Waiting::Fetched(fetched) => self.on_fetched(fetched),
            Waiting::FetchedRows(fetched) => self.on_rows_at_turn(fetched),
            Waiting::Committed => self.announce_committed(),
            Waiting::Undo { call, again } => self.undo(call, again),
            Waiting::UndoFound { call, answer } => self.on_undo_found(call, answer),
            // A caller that has left needs no answer.
            Waiting::Sealed(done) => drop(done.send(())),
            Waiting::Close(reason) => self.end(reason),
            // The core answers a caller and never gives it a turn.
            Waiting::Caller(_) => {}
        }
    }

    fn places(&self, Places { rows, reply }: Places) {
        let order = self.state.row_order();
        let found = PlacesFound {
            rows: rows.into_iter().map(|row| order.position_of(row)).collect(),
            next_row: self.state.next_row_id(),
            columns: self.state.columns().to_vec(),
        };
        // A caller that has left needs no answer.
        drop(reply.send(found));
    }

    fn pong(&mut self, session: SessionKey, nonce: u64) {
        let frame = v1::ServerFrame { frame: Some(Frame::Pong(v1::Pong { nonce })) };
        self.sessions.push(session, Outgoing::Reached(self.ordering.head()));
        self.sessions.push(session, Outgoing::Frame(Box::new(frame)));
    }

    /// Maps a window from the revision that the client knows to the head, and sends its rows.
    fn look_from(
        &mut self,
        session: SessionKey,
        revision: Revision,
        mut window: Window,
        mut fetch: Vec<Range<u32>>,
    ) {
        if revision < self.ordering.oldest() {
            // The way of its positions to the head is not known any more: the client loads the sheet again.
            return self.sessions.end(session, EndReason::Reload);
        }
        for change in self.log.after(revision) {
            let delta = &change.entry.delta;
            if delta.keeps_axes() {
                continue;
            }
            window = window.map(delta);
            for range in &mut fetch {
                *range = delta.rows.map_range(range.clone());
            }
        }
        let cols = window.cols.clone();
        if let Some(session) = self.sessions.get_mut(session) {
            session.viewport.window = window.clone();
        }
        self.sessions.push(session, Outgoing::Window(window));
        self.look(session, fetch, cols);
    }
}

#[cfg(test)]
mod tests;
