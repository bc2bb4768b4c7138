//! Windows of cells, read from the row cache and, where it lacks rows, from Postgres.
//!
//! A read goes on while the sheet changes: its row ranges follow every change, the rows are named
//! by id only while they are fetched, and what is sent is always the state at the revision that the
//! stream has reached. Long reads go in pieces, bounded in rows and in bytes, each sent only when the
//! reader has taken up most of what came before, so a window on a million rows costs the server one
//! piece. A read ends with its session.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use gridloom::v1::{self, server_frame::Frame};
use ot_engine::{Delta, Revision, RowId};
use tokio::task::JoinSet;

use crate::actor::SheetTask;
use crate::api::message::{Read, WindowRead};
use crate::fanout::cells::CellsPart;
use crate::fanout::published::SessionKey;
use crate::fanout::session::{Outgoing, Room};
use crate::ports::storage::Records;
use crate::refusal::Refusal;
use crate::row_cache::ReadToken;
use model::{RowBody, SheetId};
use store::StoreError;

/// Rows fetched and sent at one go, at most.
const PIECE_ROWS: u32 = 1000;
/// Rows of the first piece of a read, before it is known how large they are.
const FIRST_ROWS: u32 = 256;
/// What the rows of a piece may hold, in bytes; one row may hold more.
const PIECE_BYTES: usize = 2 << 20;
/// Rows that one session may still have to be sent; a further look replaces the older ones.
const LOOKS_PER_SESSION: usize = 4;
/// All reads of one sheet that are under way.
#[derive(Default)]
pub(crate) struct Reads {
    open: HashMap<u64, OpenRead>,
    next: u64,
    fetches: JoinSet<Fetched>,
}

struct OpenRead {
    /// What is left, in positions of the published head, in order.
    ranges: Vec<Range<u32>>,
    sink: Sink,
    /// Rows of the next piece: as many as held less than [`PIECE_BYTES`].
    piece_rows: u32,
}

impl OpenRead {
    const fn new(ranges: Vec<Range<u32>>, sink: Sink) -> Self {
        Self { ranges, sink, piece_rows: FIRST_ROWS }
    }

    /// Notes that so many rows were at hand of those asked for, and whether they were as much as a
    /// piece may hold.
    fn sent(&mut self, rows: u32, full: bool) {
        if let Some(first) = self.ranges.first_mut() {
            first.start += rows;
        }
        if full {
            self.piece_rows = rows.max(1);
        } else if rows == self.piece_rows {
            self.piece_rows = rows.saturating_mul(2).min(PIECE_ROWS);
        }
    }
}

enum Sink {
    /// A session's look, cut to these columns.
    Session { key: SessionKey, cols: Range<u32> },
    /// A unary read; rows gathered so far.
    Reply(Read, Vec<(RowId, Option<Arc<RowBody>>)>),
}

/// A finished fetch: the read it is for and what Postgres had of the rows asked for.
pub(crate) struct Fetched {
    read: u64,
    token: Option<ReadToken>,
    asked: Vec<Range<RowId>>,
    /// The rows, and the revision at which they are so.
    rows: Result<(Vec<(RowId, RowBody)>, Revision), StoreError>,
}

impl Reads {
    /// Carries every open read over a change.
    pub(crate) fn follow(&mut self, delta: &Delta) {
        if delta.rows.is_identity() {
            return;
        }
        for read in self.open.values_mut() {
            // A unary read answers for the positions that it asked for.
            if let Sink::Session { .. } = read.sink {
                for range in &mut read.ranges {
                    *range = delta.rows.map_range(range.clone());
                }
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// The next finished fetch; never when none is under way.
    pub(crate) async fn fetched(&mut self) -> Fetched {
        loop {
            match self.fetches.join_next().await {
                Some(Ok(fetched)) => return fetched,
                // A fetch neither panics nor is cancelled while the task lives.
                Some(Err(error)) => tracing::error!(%error, "a fetch of rows died"),
                None => std::future::pending().await,
            }
        }
    }

    fn open(&mut self, read: OpenRead) -> u64 {
        self.next += 1;
        self.open.insert(self.next, read);
        self.next
    }

    /// Drops all reads of a session that has gone, or its oldest when it has too many.
    fn keep_at_most(&mut self, session: SessionKey, most: usize) {
        let of_session =
            |read: &OpenRead| matches!(&read.sink, Sink::Session { key, .. } if *key == session);
        let mut open: Vec<u64> =
            self.open.iter().filter(|(_, read)| of_session(read)).map(|(id, _)| *id).collect();
        open.sort_unstable();
        for id in open.iter().take(open.len().saturating_sub(most)) {
            self.open.remove(id);
        }
    }
}

impl SheetTask {
    /// Begins to send a session the rows that it asked for.
    pub(crate) fn look(&mut self, key: SessionKey, ranges: Vec<Range<u32>>, cols: Range<u32>) {
        self.reads.keep_at_most(key, LOOKS_PER_SESSION - 1);
        // What comes later is told as a change.
        let length = self.state.row_count();
        let ranges = ranges.into_iter().map(|rows| rows.start..rows.end.min(length)).collect();
        let read = self.reads.open(OpenRead::new(ranges, Sink::Session { key, cols }));
        self.advance(read, HashMap::new());
    }

    /// Begins a unary read.
    pub(crate) fn read(&mut self, request: Read) {
        let ranges = vec![request.rows.clone()];
        let sink = Sink::Reply(request, Vec::new());
        let read = self.reads.open(OpenRead::new(ranges, sink));
        self.advance(read, HashMap::new());
    }

    /// Forgets what a session still had to be sent.
    pub(crate) fn stop_reads(&mut self, key: SessionKey) {
        self.reads.keep_at_most(key, 0);
    }

    /// Takes in fetched rows and goes on with the read that wanted them.
    pub(crate) async fn take_fetched(&mut self, fetched: Fetched) {
        let mut bodies = HashMap::new();
        match fetched.rows {
            Ok((rows, head)) => {
                if head > self.sequencer.head() {
                    // Another node has committed what this one has not heard of yet.
                    self.refresh().await;
                }
                if head > self.sequencer.head() {
                    // Nor can it: these are rows of a revision that nobody here knows.
                    self.end_read(fetched.token);
                    let away = StoreError::Unavailable("the journal is away".to_owned());
                    return self.fail_read(fetched.read, &away);
                }
                for (row, body) in rows {
                    bodies.insert(row, self.rows.put_fetched(row, body));
                }
                for row in fetched.asked.into_iter().flat_map(|range| range.start.0..range.end.0) {
                    // A row that Postgres does not hold has never had a cell.
                    bodies
                        .entry(RowId(row))
                        .or_insert_with(|| self.rows.put_fetched(RowId(row), RowBody::default()));
                }
                self.end_read(fetched.token);
                self.advance(fetched.read, bodies);
            }
            Err(error) => {
                self.end_read(fetched.token);
                self.fail_read(fetched.read, &error);
            }
        }
    }

    fn end_read(&mut self, token: Option<ReadToken>) {
        if let Some(token) = token {
            self.rows.end_read(token);
        }
    }

    fn fail_read(&mut self, read: u64, error: &StoreError) {
        tracing::warn!(sheet = %self.id, %error, "rows could not be read");
        match self.reads.open.remove(&read).map(|read| read.sink) {
            Some(Sink::Reply(request, _)) => {
                drop(request.reply.send(Err(Refusal::Unavailable("Postgres"))));
            }
            // The session sees that its rows do not come and asks again; changes still reach it.
            Some(Sink::Session { key, .. }) => {
                self.sessions.end(key, crate::fanout::session::EndReason::Unavailable);
            }
            None => {}
        }
    }

    /// Sends what is at hand of a read and fetches what comes next.
    fn advance(&mut self, id: u64, mut bodies: HashMap<RowId, Arc<RowBody>>) {
        let length = self.state.row_count();
        let Some(read) = self.reads.open.get_mut(&id) else { return };
        if let Sink::Session { key, .. } = read.sink
            && !self.sessions.contains(key)
        {
            self.reads.open.remove(&id);
            return;
        }
        // A unary answer belongs to one revision, so it is put together in one go or not at all.
        let at_once = matches!(read.sink, Sink::Reply(..));
        let (most, most_bytes) =
            if at_once { (u32::MAX, usize::MAX) } else { (read.piece_rows, PIECE_BYTES) };
        let Some(piece) = next_piece(&mut read.ranges, length, most) else {
            return self.finish_read(id);
        };
        let ids = self.ids_of(piece.clone());
        let (mut rows, mut bytes) = (Vec::with_capacity(ids.len()), 0);
        for row in &ids {
            if bytes >= most_bytes {
                break;
            }
            let Some(body) = bodies.remove(row).or_else(|| self.rows.get(*row)) else { break };
            bytes += body.weight_bytes();
            rows.push((*row, body));
        }
        if at_once && rows.len() < ids.len() {
            // All of them again: what is at hand may have left the cache by then.
            return self.fetch(id, ranges_of(&ids), false);
        }
        let sent = rows.len() as u32;
        self.deliver(id, piece.start, rows);
        let Some(read) = self.reads.open.get_mut(&id) else { return };
        read.sent(sent, bytes >= most_bytes);
        match next_piece(&mut read.ranges, length, read.piece_rows) {
            Some(piece) => {
                let missing = self.missing(piece);
                self.fetch(id, missing, sent > 0);
            }
            None => self.finish_read(id),
        }
    }

    fn ids_of(&self, positions: Range<u32>) -> Vec<RowId> {
        let ranges = self.state.spans().ids(positions);
        ranges.flat_map(|range| (range.start.0..range.end.0).map(RowId)).collect()
    }

    /// The rows of a piece that the cache lacks, as ranges of ids.
    fn missing(&mut self, positions: Range<u32>) -> Vec<Range<RowId>> {
        let mut missing = self.ids_of(positions);
        missing.retain(|row| self.rows.get(*row).is_none());
        ranges_of(&missing)
    }

    /// Fetches rows, waiting first for room in the reader's queue where it has been sent some.
    fn fetch(&mut self, read: u64, asked: Vec<Range<RowId>>, wait: bool) {
        let room = match self.reads.open.get(&read).map(|read| &read.sink) {
            Some(Sink::Session { key, .. }) if wait => self.sessions.room(*key),
            _ => None,
        };
        let token = (!asked.is_empty()).then(|| self.rows.begin_read());
        let fetch = fetch(Arc::clone(&self.shared.records), self.id, read, token, asked, room);
        self.reads.fetches.spawn(fetch);
    }

    fn deliver(&mut self, id: u64, start: u32, rows: Vec<(RowId, Arc<RowBody>)>) {
        if rows.is_empty() {
            return;
        }
        match self.reads.open.get_mut(&id).map(|read| &mut read.sink) {
            Some(Sink::Reply(_, gathered)) => {
                gathered.extend(rows.into_iter().map(|(row, body)| (row, Some(body))));
            }
            Some(Sink::Session { key, cols }) => {
                let (head, columns) = (self.sequencer.head(), self.state.columns());
                let part = CellsPart::new(head, start, cols, columns, rows);
                self.sessions.push(*key, Outgoing::Cells(Box::new(part)));
            }
            None => {}
        }
    }

    fn finish_read(&mut self, id: u64) {
        match self.reads.open.remove(&id).map(|read| read.sink) {
            Some(Sink::Reply(request, rows)) => self.answer_read(request, rows),
            Some(Sink::Session { key, cols }) => {
                let (revision, start_col) = (self.sequencer.head().0, cols.start);
                let end = v1::WindowCells { revision, start_col, last: true, ..Default::default() };
                let frame = v1::ServerFrame { frame: Some(Frame::Window(end)) };
                self.sessions.push(key, Outgoing::Frame(Box::new(frame)));
            }
            None => {}
        }
    }

    fn answer_read(&self, request: Read, rows: Vec<(RowId, Option<Arc<RowBody>>)>) {
        let answer = WindowRead {
            revision: self.sequencer.head(),
            start_row: request.rows.start,
            rows,
            columns: self.state.columns().into(),
            row_count: self.state.row_count(),
        };
        drop(request.reply.send(Ok(answer)));
    }
}

/// Ids as ranges, runs of consecutive ones together.
fn ranges_of(ids: &[RowId]) -> Vec<Range<RowId>> {
    let mut ranges: Vec<Range<RowId>> = Vec::new();
    for row in ids {
        match ranges.last_mut() {
            Some(last) if last.end == *row => last.end = RowId(row.0 + 1),
            _ => ranges.push(*row..RowId(row.0 + 1)),
        }
    }
    ranges
}

/// The next rows to send of a sheet of this length, at most `most`. The ranges keep their ends: the
/// sheet may have grown when the rows are there.
fn next_piece(ranges: &mut Vec<Range<u32>>, length: u32, most: u32) -> Option<Range<u32>> {
    while let Some(first) = ranges.first() {
        let end = first.end.min(length);
        if first.start < end {
            return Some(first.start..end.min(first.start.saturating_add(most)));
        }
        ranges.remove(0);
    }
    None
}

async fn fetch(
    records: Arc<dyn Records>,
    sheet: SheetId,
    read: u64,
    token: Option<ReadToken>,
    asked: Vec<Range<RowId>>,
    room: Option<Arc<Room>>,
) -> Fetched {
    if let Some(room) = room {
        // Half of the queue stays free for the changes that come meanwhile.
        room.half().await;
    }
    let rows = records.read_rows_at(sheet, &asked).await;
    Fetched { read, token, asked, rows }
}

#[cfg(test)]
mod tests;
