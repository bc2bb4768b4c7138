//! The actor's side of reads: does what `windows` decides, with the row cache, Postgres and the sessions.
//!
//! Not here: which rows come next, and when (`windows`). Invariants: rows are named by id only while they are
//! fetched; each piece is sent as it is at the head; fetched rows of a revision beyond the head are used only
//! after the head has reached it.

use std::ops::Range;
use std::sync::Arc;

use gridloom::v1::{self, server_frame::Frame};
use ot_engine::{ColumnId, RowId};
use rustc_hash::FxHashSet;

use crate::actor::SheetActor;
use crate::actor::open_reads::{Caller, FetchError, Fetched, ReadEvent};
use crate::actor::requests::Waiting;
use crate::api::message::{Read, WindowRead};
use crate::fanout::cells::CellsPart;
use crate::fanout::published::SessionKey;
use crate::fanout::session::{EndReason, Outgoing};
use crate::ordering::work::Bodies;
use crate::refusal::Refusal;
use crate::state::row_order::ranges_of;
use crate::windows::{Action, ReadId, Reader};
use model::RowBody;

type Rows = Vec<(RowId, Arc<RowBody>)>;

impl SheetActor {
    /// Begins to send a session the rows that it looks at.
    pub(super) fn look(&mut self, session: SessionKey, rows: Vec<Range<u32>>, cols: Range<u32>) {
        let read = self.reads.windows.look(session, rows, cols, self.state.row_count());
        self.advance(read, Bodies::default());
    }

    /// Begins a unary read.
    pub(super) fn read(&mut self, request: Read) {
        let read = self.reads.windows.read(request.rows.clone());
        let Read { turn, columns, reply, .. } = request;
        let caller = Caller { _turn: turn, reply, columns };
        self.reads.callers.insert(read, caller);
        self.advance(read, Bodies::default());
    }

    /// Closes the reads of a session.
    pub(super) fn stop_reads(&mut self, session: SessionKey) {
        self.reads.windows.forget(session);
    }

    /// Continues the read that an event is for.
    pub(super) fn on_read_event(&mut self, event: ReadEvent) {
        match event {
            ReadEvent::Credit(read) => {
                self.reads.windows.on_credit(read);
                self.advance(read, Bodies::default());
            }
            ReadEvent::Fetched(fetched) => match &fetched.rows {
                // Another node committed entries that this one has not received.
                Ok((_, revision)) if *revision > self.ordering.head() => {
                    self.ordering.begin_turn();
                    self.alone(Waiting::Fetched(fetched));
                }
                _ => self.on_fetched(fetched),
            },
        }
    }

    /// Continues a read with its rows. The journal has been read since Postgres had them.
    pub(super) fn on_fetched(&mut self, fetched: Fetched) {
        let Fetched { read, token, asked, columns, rows } = fetched;
        let rows = match rows {
            Ok((_, revision)) if revision > self.ordering.head() => {
                Err(FetchError::Failed("the rows are newer than the journal's entries".to_owned()))
            }
            rows => rows.map(|(rows, _)| rows),
        };
        let rows = rows.map(|rows| match &columns {
            None => self.cache_fetched(asked, rows),
            // Columns may have come or moved meanwhile: then the read begins again.
            Some(columns) if self.columns_of(read).is_none_or(|now| !covers(columns, &now)) => {
                Bodies::default()
            }
            Some(_) => self.overlay_fetched(asked, rows),
        });
        self.rows.end_read(token);
        match rows {
            Ok(rows) => {
                self.reads.windows.on_fetched(read);
                self.advance(read, rows);
            }
            Err(error) => self.fail_read(read, error),
        }
    }

    /// Puts fetched rows into the cache. Returns all rows that were asked for, as they are at the head.
    pub(super) fn cache_fetched(
        &mut self,
        asked: Vec<Range<RowId>>,
        rows: Vec<(RowId, RowBody)>,
    ) -> Bodies {
        let mut bodies = Bodies::default();
        for (row, body) in rows {
            bodies.insert(row, self.rows.put_fetched(row, body));
        }
        for row in asked.into_iter().flat_map(|range| range.start.0..range.end.0).map(RowId) {
            // A row that Postgres lacks has never had a cell.
            bodies.entry(row).or_insert_with(|| self.rows.put_fetched(row, RowBody::default()));
        }
        bodies
    }

    /// Fetched rows of some columns, as they are at the head. They are not cached.
    fn overlay_fetched(&mut self, asked: Vec<Range<RowId>>, rows: Vec<(RowId, RowBody)>) -> Bodies {
        let mut bodies = Bodies::default();
        for (row, some) in rows {
            bodies.insert(row, self.rows.overlay(row, some));
        }
        for row in asked.into_iter().flat_map(|range| range.start.0..range.end.0).map(RowId) {
            bodies.entry(row).or_insert_with(|| self.rows.overlay(row, RowBody::default()));
        }
        bodies
    }

    /// The columns that a unary read fetches, where they are few.
    fn columns_of(&self, read: ReadId) -> Option<Vec<ColumnId>> {
        self.reads.callers.get(&read)?.columns.few_of(self.state.columns())
    }

    fn fail_read(&mut self, read: ReadId, error: FetchError) {
        // A read that is too large is repeated with fewer rows.
        if let FetchError::Failed(_) = error {
            tracing::warn!(sheet = %self.id, %error, "reading rows failed");
        }
        match self.reads.windows.on_failed(read) {
            Some(Reader::Caller) => {
                if let Some(caller) = self.reads.callers.remove(&read) {
                    let refusal = match error {
                        FetchError::TooLarge { rows, .. } => Refusal::ReadTooLarge { rows },
                        FetchError::Failed(_) => Refusal::Unavailable("Postgres"),
                    };
                    // A caller that has left needs no answer.
                    drop(caller.reply.send(Err(refusal)));
                }
            }
            // The client opens another session and looks again.
            Some(Reader::Session(session)) => self.sessions.end(session, EndReason::Unavailable),
            None => {}
        }
    }

    /// Carries out the actions of a read until it waits or is closed. `fetched` rows are used before cached ones.
    fn advance(&mut self, read: ReadId, mut fetched: Bodies) {
        let mut taken = Rows::new();
        loop {
            self.forget_if_gone(read);
            match self.reads.windows.next(read, self.state.row_count()) {
                Action::AwaitCredit { session, first } => self.await_credit(read, session, first),
                Action::Take { positions, bytes_max } => {
                    let bytes;
                    (taken, bytes) = self.take_rows(positions, bytes_max, &mut fetched);
                    self.reads.windows.on_rows(read, taken.len() as u32, bytes);
                }
                Action::Fetch { positions, all } => self.fetch(read, positions, all),
                Action::Send { session, start_row, cols } => {
                    let (head, columns) = (self.ordering.head(), self.state.columns());
                    let rows = std::mem::take(&mut taken);
                    let part = CellsPart::new(head, start_row, &cols, columns, rows);
                    self.sessions.push(session, Outgoing::Cells(Box::new(part)));
                }
                Action::SendEnd { session, start_col } => self.send_end(session, start_col),
                Action::Answer { start_row } => {
                    let rows = std::mem::take(&mut taken);
                    self.answer_read(read, start_row, rows);
                }
                Action::Nothing => return,
            }
        }
    }

    /// Closes the reads of a session that the table of sessions has removed.
    fn forget_if_gone(&mut self, read: ReadId) {
        if let Some(Reader::Session(session)) = self.reads.windows.reader(read)
            && !self.sessions.contains(session)
        {
            self.reads.windows.forget(session);
        }
    }

    fn await_credit(&mut self, read: ReadId, session: SessionKey, first: bool) {
        match self.sessions.queue_limit(session) {
            Some(limit) if first && limit.is_half_free() => self.reads.windows.on_credit(read),
            Some(limit) => self.reads.tasks.await_credit(read, limit),
            None => self.reads.windows.forget(session),
        }
    }

    /// Takes rows that are at hand, from the first on, until they hold `bytes_max`. Returns their bytes, too.
    fn take_rows(
        &mut self,
        positions: Range<u32>,
        bytes_max: usize,
        fetched: &mut Bodies,
    ) -> (Rows, usize) {
        let (mut rows, mut bytes) = (Rows::with_capacity(positions.len()), 0);
        for row in self.ids_of(positions) {
            if bytes >= bytes_max {
                break;
            }
            let Some(body) = fetched.remove(&row).or_else(|| self.rows.get(row)) else { break };
            bytes += body.weight_bytes();
            rows.push((row, body));
        }
        (rows, bytes)
    }

    fn fetch(&mut self, read: ReadId, positions: Range<u32>, all: bool) {
        let mut asked = self.ids_of(positions);
        asked.retain(|row| all || self.rows.get(*row).is_none());
        if asked.is_empty() {
            return self.reads.windows.on_fetched(read);
        }
        let token = self.rows.begin_read();
        let storage = Arc::clone(&self.shared.storage);
        let asked = (ranges_of(&asked), self.columns_of(read), all);
        self.reads.tasks.fetch(read, storage, self.id, token, asked);
    }

    fn ids_of(&self, positions: Range<u32>) -> Vec<RowId> {
        let ranges = self.state.row_order().ids(positions);
        ranges.flat_map(|range| (range.start.0..range.end.0).map(RowId)).collect()
    }

    fn send_end(&mut self, session: SessionKey, start_col: u32) {
        let revision = self.ordering.head().0;
        let end = v1::WindowCells { revision, start_col, last: true, ..Default::default() };
        let frame = v1::ServerFrame { frame: Some(Frame::Window(end)) };
        self.sessions.push(session, Outgoing::Frame(Box::new(frame)));
    }

    fn answer_read(&mut self, read: ReadId, start_row: u32, rows: Rows) {
        let Some(caller) = self.reads.callers.remove(&read) else { return };
        let answer = WindowRead {
            epoch: self.epoch,
            revision: self.ordering.head(),
            start_row,
            rows: rows.into_iter().map(|(row, body)| (row, Some(body))).collect(),
            columns: self.state.columns().into(),
            row_count: self.state.row_count(),
        };
        // A caller that has left needs no answer.
        drop(caller.reply.send(Ok(answer)));
    }
}

/// Whether cells of these columns were read.
fn covers(read: &[ColumnId], wanted: &[ColumnId]) -> bool {
    let read: FxHashSet<ColumnId> = read.iter().copied().collect();
    wanted.iter().all(|column| read.contains(column))
}

#[cfg(test)]
pub(super) mod tests;
