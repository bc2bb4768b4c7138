//! A session's stream has every revision that concerns it once and in order, as a change or as an answer.
//!
//! Not about several sessions (`fanout/tests`). Invariant: frames are read as the transport reads them.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::poll;
use gridloom::pieces::Joiner;
use gridloom::rpc::Status as WireStatus;
use gridloom::{convert, v1};
use ot_engine::{AxisDelta, Delta, LineId, Revision, Run};
use prost::Message as _;

use super::*;
use crate::fanout::published::{Item, PublishedChange, command_client};
use crate::memory::Frames;
use crate::sample::{self, ACCOUNT};
use model::AccountId;
use model::memory::Memory;
use model::sizes::PRESSED_QUEUE_BYTES;

const KEY: SessionKey = SessionKey(1);
const OWN: ClientId = ClientId(7);
const OTHER: ClientId = ClientId(8);
/// Two of these are as much as a queue holds while the server holds too much.
const PRESSED_BYTES: usize = PRESSED_QUEUE_BYTES / 2;

fn change(revision: u64, client: ClientId, delta: Delta) -> Item {
    let entry = sample::entry(revision, client, delta);
    Item::Change(Arc::new(PublishedChange::new(Arc::new(entry))))
}

fn batch(items: Vec<Item>) -> Outgoing {
    Outgoing::Batch(Arc::new(Published::new(items)))
}

fn open(window: Window) -> (Outbox, SessionStream) {
    open_within(window, sample::frame_room())
}

fn open_within(window: Window, room: FrameRoom) -> (Outbox, SessionStream) {
    let limits = SessionLimits { queue_frames: 4, message_bytes: 4 << 20 };
    channel(KEY, OWN, window, |_| WireStatus::default(), limits, room)
}

async fn frames(outbox: Outbox, mut stream: SessionStream) -> Vec<Result<Frame, EndReason>> {
    drop(outbox);
    let mut frames = Vec::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut stream).poll_next(cx)).await {
        frames.push(frame.map(|frame| frame.frame.expect("no frame is empty")));
    }
    frames
}

fn cells_of(encoded: &Bytes) -> usize {
    let delta = convert::decode_change(encoded.clone()).expect("our own bytes").delta;
    delta.cells.len()
}

#[tokio::test]
async fn ones_own_change_is_accepted_in_its_place_among_the_others() {
    let (outbox, stream) = open(Window::ALL);
    let set = || Delta::set_cell(0, 0, 1.0);
    outbox.push(batch(vec![
        change(1, OTHER, set()),
        change(2, OWN, set()),
        change(3, OTHER, set()),
    ]));
    let frames = frames(outbox, stream).await;
    let [Ok(Frame::Changes(before)), Ok(Frame::Accepted(own)), Ok(Frame::Changes(after))] =
        &frames[..]
    else {
        panic!("unexpected frames {frames:?}");
    };
    assert_eq!((before.changes.len(), own.revision, after.changes.len()), (1, 2, 1));
}

#[tokio::test]
async fn the_author_receives_the_ids_of_its_new_lines() {
    let (outbox, stream) = open(Window::ALL);
    let insert = |first| {
        let first = Some(LineId(first));
        AxisDelta::from_runs([Run::Keep(1), Run::Insert { count: 2, first }])
    };
    let lines = Delta { rows: insert(7), cols: insert(3), ..Delta::identity() };
    outbox.push(batch(vec![change(1, OWN, lines), change(2, OWN, Delta::set_cell(0, 0, 1.0))]));
    let frames = frames(outbox, stream).await;
    let ids = |frame: &Result<Frame, EndReason>| match frame {
        Ok(Frame::Accepted(own)) => (own.first_row_id, own.first_column_id),
        other => panic!("unexpected {other:?}"),
    };
    assert_eq!(frames.iter().map(ids).collect::<Vec<_>>(), [(Some(7), Some(3)), (None, None)]);
}

#[tokio::test]
async fn ones_own_command_comes_as_a_change_and_is_accepted_after_it() {
    let (outbox, stream) = open(Window::ALL);
    outbox.push(batch(vec![change(1, command_client(OWN), Delta::set_cell(0, 0, 1.0))]));
    let frames = frames(outbox, stream).await;
    assert!(matches!(&frames[..], [Ok(Frame::Changes(_)), Ok(Frame::Accepted(_))]), "{frames:?}");
}

#[tokio::test]
async fn many_changes_travel_in_one_frame_cut_to_the_window_as_it_moves() {
    let (outbox, stream) = open(Window::rows(0..10));
    outbox.push(batch(vec![
        change(1, OTHER, Delta::set_cell(9, 0, 1.0)),
        change(2, OTHER, Delta::set_cell(10, 0, 1.0)),
        change(3, OTHER, Delta::rows(AxisDelta::insert(20, 5))),
    ]));
    // From here on the session has another window, and an insert above it moves it.
    outbox.push(Outgoing::Window(Window::rows(100..110)));
    outbox.push(batch(vec![
        change(4, OTHER, Delta::rows(AxisDelta::insert(0, 5))),
        change(5, OTHER, Delta::set_cell(100, 0, 1.0)),
        change(6, OTHER, Delta::set_cell(105, 0, 1.0)),
    ]));
    let frames = frames(outbox, stream).await;
    let [Ok(Frame::Changes(changes))] = &frames[..] else { panic!("unexpected {frames:?}") };
    let cells: Vec<usize> = changes.changes.iter().map(cells_of).collect();
    assert_eq!(cells, [1, 0, 0, 1], "revisions 2 and 5 change nothing in the window");
    assert_eq!(changes.through, 6);
}

#[tokio::test]
async fn progress_is_sent_before_a_pong_and_after_many_revisions() {
    let pong = || {
        let frame = Some(Frame::Pong(v1::Pong { nonce: 1 }));
        Outgoing::Frame(Box::new(v1::ServerFrame { frame }))
    };
    let outside = |revision| change(revision, OTHER, Delta::set_cell(10, 0, 1.0));
    let (outbox, stream) = open(Window::rows(0..10));
    outbox.push(batch(vec![outside(1)]));
    outbox.push(pong());
    outbox.push(batch((2..300).map(outside).collect()));
    let frames = frames(outbox, stream).await;
    let [Ok(Frame::Changes(before)), Ok(Frame::Pong(_)), Ok(Frame::Changes(after))] = &frames[..]
    else {
        panic!("unexpected {frames:?}")
    };
    assert_eq!((before.through, after.through), (1, 299));
    assert!(before.changes.is_empty() && after.changes.is_empty());
}

#[tokio::test]
async fn of_several_commits_in_a_row_the_last_is_sent() {
    let (outbox, stream) = open(Window::ALL);
    for revision in 1..=3 {
        outbox.push(Outgoing::Committed(Revision(revision)));
    }
    let frames = frames(outbox, stream).await;
    let [Ok(Frame::Committed(v1::Committed { revision: 3 }))] = &frames[..] else {
        panic!("unexpected {frames:?}")
    };
}

#[tokio::test]
async fn a_session_that_was_never_admitted_ends_with_a_reload() {
    let (outbox, stream) = open(Window::ALL);
    assert_eq!(frames(outbox, stream).await, [Err(EndReason::Reload)]);
    let (outbox, stream) = open(Window::ALL);
    outbox.end(EndReason::TooMany);
    assert_eq!(frames(outbox, stream).await, [Err(EndReason::TooMany)]);
    let (outbox, stream) = open(Window::ALL);
    outbox.push(Outgoing::Committed(Revision(1)));
    assert!(frames(outbox, stream).await.iter().all(Result::is_ok), "it has no reason to end with");
}

#[tokio::test]
async fn the_stream_of_a_slow_reader_ends_with_the_reason() {
    let (outbox, stream) = open(Window::ALL);
    let mut taken = 0;
    while outbox.push(batch(vec![change(taken + 1, OTHER, Delta::set_cell(0, 0, 1.0))])) {
        taken += 1;
    }
    assert_eq!(taken, 4, "as many as the queue may have");
    let frames = frames(outbox, stream).await;
    assert_eq!(frames.last().expect("an end"), &Err(EndReason::SlowReader));
}

fn text_of(bytes: usize) -> Delta {
    Delta::set_cell(0, 0, "x".repeat(bytes).as_str())
}

#[tokio::test]
async fn a_large_change_comes_in_pieces_and_later_entries_do_not_count() {
    let (outbox, mut stream) = open(Window::ALL);
    outbox.push(batch(vec![change(1, OTHER, text_of(1 << 20))]));
    let mut next = async || poll_fn(|cx| Pin::new(&mut stream).poll_next(cx)).await;
    let mut messages = vec![next().await.expect("a piece").expect("the stream continues")];
    for revision in 2..=100 {
        let entry = batch(vec![change(revision, OTHER, Delta::set_cell(0, 0, 1.0))]);
        assert!(outbox.push(entry), "entry {revision} of a queue of 4");
    }
    drop(outbox);
    while let Some(message) = next().await {
        messages.push(message.expect("no session is slow"));
    }
    assert!(messages.iter().all(|message| message.encoded_len() <= MESSAGE_BYTES_MOST));
    let mut joiner = Joiner::default();
    let whole = messages.into_iter().filter_map(|message| joiner.take(message).expect("in order"));
    let revisions = whole.flat_map(|frame| match frame.frame {
        Some(Frame::Changes(changes)) => changes.changes,
        other => panic!("unexpected {other:?}"),
    });
    let revisions = revisions
        .map(|change| convert::decode_change(change).expect("our own bytes").head.revision.0);
    assert_eq!(revisions.collect::<Vec<_>>(), (1..=100).collect::<Vec<_>>());
}

/// The frames of all sessions are more than the server holds: the sessions that are far behind end.
#[tokio::test]
async fn a_queue_is_shorter_while_the_server_holds_too_much() {
    let frames = Frames::new(&Memory { frames: 100, ..Memory::default() });
    for (pressed, most) in [(false, 4), (true, 2)] {
        let held = frames.hold_shared(if pressed { 101 } else { 100 });
        let (outbox, _stream) = open_within(Window::ALL, frames.of(ACCOUNT));
        let mut taken = 0;
        let entry = |revision| batch(vec![change(revision, OTHER, text_of(PRESSED_BYTES))]);
        while outbox.push(entry(taken + 1)) {
            taken += 1;
        }
        assert_eq!(taken, most, "pressed: {pressed}");
        drop(held);
    }
}

/// Rows are sent to a session once its account has read enough of what all its sessions were sent.
#[tokio::test]
async fn a_session_waits_until_the_other_sessions_of_its_account_read() {
    let frames = Frames::new(&Memory { frames_of_account: 10_000, ..Memory::default() });
    let other = AccountId(uuid::Uuid::from_u128(9));
    let [(unread, mut stream), (waits, _waits), (free, _free)] =
        [ACCOUNT, ACCOUNT, other].map(|account| open_within(Window::ALL, frames.of(account)));
    let name = "n".repeat(6_000);
    assert!(waits.is_half_free());
    unread.frame(Frame::Welcome(v1::Welcome { name, ..v1::Welcome::default() }));
    assert!(!waits.is_half_free() && free.is_half_free());
    let limit = waits.limit();
    let mut half_free = pin!(limit.half_free());
    assert!(poll!(half_free.as_mut()).is_pending());
    let read = poll_fn(|cx| Pin::new(&mut stream).poll_next(cx)).await;
    assert!(matches!(read, Some(Ok(_))));
    assert!(waits.is_half_free() && poll!(half_free.as_mut()).is_ready());
}

#[tokio::test]
async fn frames_are_encoded_as_they_are_read() {
    let (outbox, mut stream) = open(Window::ALL);
    let changes = (1..=200).map(|revision| change(revision, OTHER, text_of(10_000)));
    outbox.push(batch(changes.collect()));
    let mut read = 0;
    while read < 200 {
        let frame = poll_fn(|cx| Pin::new(&mut stream).poll_next(cx)).await;
        let frame = frame.expect("the stream continues").expect("the stream continues");
        let made: usize = stream.frames.iter().map(|frame| frame.encoded_len()).sum();
        assert!(made <= 200_000, "{made} bytes of 2,000,000 are made");
        let Some(Frame::Changes(changes)) = frame.frame else { panic!("unexpected {frame:?}") };
        read += changes.changes.len();
    }
}
