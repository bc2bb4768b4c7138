//! The fan-out against its definition: each session receives each change, cut by `restrict` to its window, unless
//! the cut is empty.
//!
//! Not about frames of one session (`session/tests`). Invariant: each random step is applied to the sheet and to
//! the definition.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use gridloom::convert;
use gridloom::rpc::Status as WireStatus;
use gridloom::v1::server_frame::Frame;
use model::allowance::{Bucket, Rate};
use ot_engine::{AxisDelta, CellEdit, ClientId, ColumnEdit, Delta, Revision, Window, restrict};
use proptest::prelude::*;
use tokio_stream::Stream as _;

use super::published::{Item, Published, PublishedChange, SessionKey};
use super::session::{Outgoing, SessionLimits, SessionStream, channel};
use super::sessions::{Session, Sessions};
use super::viewport::Viewport;
use crate::sample;

const SESSIONS: u64 = 4;

/// One change, as fractions of whatever the sheet is when it comes.
#[derive(Clone, Debug)]
enum Change {
    Cells(Vec<(u16, u16)>),
    InsertRows(u16, u32),
    DeleteRows(u16, u32),
    MoveRows(u16, u32, u16),
    InsertColumns(u16, u32),
    DeleteColumns(u16, u32),
    Rename(u16),
    Nothing,
}

#[derive(Clone, Debug)]
enum Step {
    /// A batch: changes with their authors. An author beyond the sessions has none.
    Batch(Vec<(u64, Change)>),
    /// A session takes another window.
    Look(u64, Range<u16>, Range<u16>),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        8 => prop::collection::vec((any::<u16>(), any::<u16>()), 1..6).prop_map(Change::Cells),
        1 => (any::<u16>(), 1..4_u32).prop_map(|(at, count)| Change::InsertRows(at, count)),
        1 => (any::<u16>(), 1..4_u32).prop_map(|(at, count)| Change::DeleteRows(at, count)),
        1 => (any::<u16>(), 1..4_u32, any::<u16>())
            .prop_map(|(from, count, to)| Change::MoveRows(from, count, to)),
        1 => (any::<u16>(), 1..3_u32).prop_map(|(at, count)| Change::InsertColumns(at, count)),
        1 => (any::<u16>(), 1..3_u32).prop_map(|(at, count)| Change::DeleteColumns(at, count)),
        1 => any::<u16>().prop_map(Change::Rename),
        1 => Just(Change::Nothing),
    ]
}

fn range() -> impl Strategy<Value = Range<u16>> {
    (0..40_u16, 1..12_u16).prop_map(|(start, count)| start..start + count)
}

fn step() -> impl Strategy<Value = Step> {
    let author = 0..SESSIONS + 2;
    prop_oneof![
        3 => prop::collection::vec((author.clone(), change()), 1..4).prop_map(Step::Batch),
        // More changes than are compared with each window.
        1 => prop::collection::vec((author, change()), 60..90).prop_map(Step::Batch),
        2 => (0..SESSIONS, range(), range()).prop_map(|(key, rows, cols)| Step::Look(key, rows, cols)),
    ]
}

/// What a session receives.
#[derive(Clone, Debug, PartialEq)]
enum Event {
    Change(u64, Delta),
    Accepted(u64),
}

struct Sheet {
    sessions: Sessions,
    streams: BTreeMap<u64, SessionStream>,
    windows: BTreeMap<u64, Window>,
    expected: BTreeMap<u64, Vec<Event>>,
    rows: u32,
    cols: u32,
    head: u64,
}

fn client(author: u64) -> ClientId {
    // The highest bit distinguishes a client's commands from its edits.
    ClientId(u128::from(author + 1) << 8)
}

impl Sheet {
    fn new() -> Self {
        let mut sheet = Self {
            sessions: Sessions::default(),
            streams: BTreeMap::new(),
            windows: BTreeMap::new(),
            expected: BTreeMap::new(),
            rows: 40,
            cols: 20,
            head: 0,
        };
        (0..SESSIONS).for_each(|key| sheet.open(key));
        sheet
    }

    fn open(&mut self, key: u64) {
        let window = if key == 0 { Window::ALL } else { Window::rows(0..5) };
        let limits = SessionLimits { queue_frames: 1_000, message_bytes: 4 << 20 };
        let (outbox, stream) = channel(
            SessionKey(key),
            client(key),
            window.clone(),
            |_| WireStatus::default(),
            limits,
            sample::frame_room(),
        );
        let rate = Rate { burst: 1, one_each: Duration::from_secs(1) };
        let session = Session {
            client: client(key),
            owner: sample::owner(),
            outbox,
            allowance: Bucket::full(rate, Instant::now()),
            viewport: Viewport::new(window.clone()),
        };
        self.sessions.insert(SessionKey(key), session);
        self.streams.insert(key, stream);
        self.windows.insert(key, window);
        self.expected.insert(key, Vec::new());
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Look(key, rows, cols) => {
                let lines = |range: Range<u16>| u32::from(range.start)..u32::from(range.end);
                let window = Window { rows: lines(rows), cols: lines(cols) };
                let session = self.sessions.get_mut(SessionKey(key)).expect("reads all");
                session.viewport.window = window.clone();
                self.sessions.push(SessionKey(key), Outgoing::Window(window.clone()));
                self.windows.insert(key, window);
            }
            Step::Batch(changes) => {
                let items = changes.into_iter().map(|(author, change)| self.item(author, change));
                let items = items.collect();
                self.sessions.fan_out(&Arc::new(Published::new(items)), Revision(self.head));
            }
        }
    }

    fn item(&mut self, author: u64, change: Change) -> Item {
        let delta = self.delta(change);
        self.rows = delta.rows.len_after(self.rows);
        self.cols = delta.cols.len_after(self.cols);
        self.head += 1;
        for (key, events) in &mut self.expected {
            let window = self.windows.get_mut(key).expect("each session has one");
            *window = window.map(&delta);
            let cut = restrict(&delta, window);
            if author == *key {
                events.push(Event::Accepted(self.head));
            } else if cut != Delta::identity() {
                events.push(Event::Change(self.head, cut));
            }
        }
        let entry = sample::entry(self.head, client(author), delta);
        Item::Change(Arc::new(PublishedChange::new(Arc::new(entry))))
    }

    fn delta(&self, change: Change) -> Delta {
        let at = |fraction: u16, len: u32| u32::from(fraction) % len.max(1);
        let (rows, cols) = (self.rows, self.cols);
        let part = |fraction, count: u32, len: u32| {
            let from = at(fraction, len);
            (from, count.min(len - from))
        };
        match change {
            Change::Cells(cells) if rows > 0 && cols > 0 => {
                let cells: BTreeMap<(u32, u32), CellEdit> = cells
                    .into_iter()
                    .map(|(row, col)| (at(row, rows), at(col, cols)))
                    .map(|(row, col)| ((row, col), CellEdit::set(row, col, 1.0)))
                    .collect();
                Delta { cells: cells.into_values().collect(), ..Delta::identity() }
            }
            Change::InsertRows(to, count) => {
                Delta::rows(AxisDelta::insert(at(to, rows + 1), count))
            }
            Change::DeleteRows(from, count) if rows > 10 => {
                let (from, count) = part(from, count, rows);
                Delta::rows(AxisDelta::delete(from, count))
            }
            Change::MoveRows(from, count, to) if rows > 10 => {
                let (from, count) = part(from, count, rows);
                let to = at(to, rows + 1);
                if to > from && to < from + count {
                    return Delta::identity();
                }
                Delta::rows(AxisDelta::move_lines(from, count, to))
            }
            Change::InsertColumns(to, count) => {
                Delta::cols(AxisDelta::insert(at(to, cols + 1), count))
            }
            Change::DeleteColumns(from, count) if cols > 10 => {
                let (from, count) = part(from, count, cols);
                Delta::cols(AxisDelta::delete(from, count))
            }
            Change::Rename(col) if cols > 0 => Delta::update_column(ColumnEdit {
                col: at(col, cols),
                name: Some("New".into()),
                ..ColumnEdit::default()
            }),
            _ => Delta::identity(),
        }
    }

    /// What each session has received, read to the end of its queue.
    async fn read(&mut self) -> BTreeMap<u64, Vec<Event>> {
        let mut read = BTreeMap::new();
        for (key, stream) in &mut self.streams {
            let mut events = Vec::new();
            let mut through = 0;
            while let Some(frame) = ready(stream).await {
                match frame {
                    Frame::Changes(changes) => {
                        for change in changes.changes {
                            let change = convert::decode_change(change).expect("our own bytes");
                            // Cells around a window lead to a change that is empty there; it is harmless.
                            if change.delta != Delta::identity() {
                                events.push(Event::Change(change.head.revision.0, change.delta));
                            }
                        }
                        assert!(changes.through >= through, "it goes back");
                        through = changes.through;
                    }
                    Frame::Accepted(accepted) => events.push(Event::Accepted(accepted.revision)),
                    other => panic!("unexpected {other:?}"),
                }
            }
            read.insert(*key, events);
        }
        read
    }
}

/// The next frame, if there is one by now.
async fn ready(stream: &mut SessionStream) -> Option<Frame> {
    let next = poll_fn(|cx| match Pin::new(&mut *stream).poll_next(cx) {
        Poll::Ready(frame) => Poll::Ready(frame),
        Poll::Pending => Poll::Ready(None),
    });
    next.await.map(|frame| frame.expect("each session reads all").frame.expect("no frame is empty"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn each_session_receives_every_change_cut_to_its_window(
        steps in prop::collection::vec(step(), 1..20)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let mut sheet = Sheet::new();
        steps.into_iter().for_each(|step| sheet.step(step));
        let read = runtime.block_on(sheet.read());
        for (key, events) in read {
            prop_assert_eq!(&events, &sheet.expected[&key], "session {}", key);
        }
    }
}
