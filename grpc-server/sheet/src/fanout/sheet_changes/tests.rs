//! Frames of what changes besides cells, for sessions that read and for one that reads slowly.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use gridloom::rpc;
use gridloom::v1::server_frame::Frame;
use model::allowance::{Bucket, Rate};
use ot_engine::{ClientId, Revision, Window};
use tokio::time::advance;
use tokio_stream::Stream as _;

use super::*;
use crate::fanout::session::{EndReason, SessionLimits, SessionStream, channel};
use crate::fanout::sessions::Session;
use crate::fanout::viewport::Viewport;
use crate::sample;

/// Entries of a queue.
const QUEUE: usize = 4;

fn join(sessions: &mut Sessions, number: u64) -> SessionStream {
    let (key, client) = (SessionKey(number), ClientId(number.into()));
    let limits = SessionLimits { queue_frames: QUEUE, message_bytes: 4 << 20 };
    let (outbox, stream) =
        channel(key, client, Window::ALL, |_| rpc::Status::default(), limits, sample::frame_room());
    let rate = Rate { burst: 1, one_each: Duration::from_secs(1) };
    let allowance = Bucket::full(rate, std::time::Instant::now());
    let (owner, viewport) = (sample::owner(), Viewport::new(Window::ALL));
    sessions.insert(key, Session { client, owner, outbox, allowance, viewport });
    stream
}

fn change(name: &str, sharing: bool, comments: bool) -> v1::SheetChange {
    v1::SheetChange { name: name.to_owned(), sharing, comments }
}

/// The frames that wait for a session, which stays open.
async fn read(stream: &mut SessionStream) -> Result<Vec<v1::SheetChange>, EndReason> {
    let mut changes = Vec::new();
    loop {
        let next = poll_fn(|cx| match Pin::new(&mut *stream).poll_next(cx) {
            Poll::Ready(frame) => Poll::Ready(frame),
            Poll::Pending => Poll::Ready(None),
        });
        let Some(frame) = next.await else { return Ok(changes) };
        if let Some(Frame::Sheet(change)) = frame?.frame {
            changes.push(change);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn each_kind_of_change_waits_for_its_pause() {
    let mut sessions = Sessions::default();
    let mut stream = join(&mut sessions, 1);
    let mut changes = SheetChanges::none();
    assert_eq!(changes.due(), None);
    changes.renamed();
    changes.renamed();
    changes.send_due(&sessions, "a");
    assert_eq!(read(&mut stream).await, Ok(vec![change("a", false, false)]));
    assert_eq!(changes.due(), None);
    // Another kind has a pause of its own.
    changes.renamed();
    changes.shared();
    changes.commented();
    changes.send_due(&sessions, "b");
    assert_eq!(read(&mut stream).await, Ok(vec![change("b", true, true)]));
    let begun = Instant::now();
    changes.shared();
    changes.commented();
    let mut sent = Vec::new();
    while let Some(due) = changes.due() {
        advance(due - Instant::now()).await;
        changes.send_due(&sessions, "b");
        sent.extend(read(&mut stream).await.expect("stays open"));
    }
    let each = [(false, false), (false, true), (true, false)];
    assert_eq!(sent, each.map(|(sharing, comments)| change("b", sharing, comments)));
    assert_eq!(begun.elapsed(), SHARING_EVERY);
}

#[tokio::test(start_paused = true)]
async fn a_slow_session_stays_and_receives_the_newest_state_later() {
    let mut sessions = Sessions::default();
    let (mut reads, mut slow) = (join(&mut sessions, 1), join(&mut sessions, 2));
    let mut changes = SheetChanges::none();
    for number in 0..100 {
        changes.renamed();
        if number == 50 {
            changes.commented();
        }
        changes.send_due(&sessions, &number.to_string());
        let comments = number == 50;
        let expected = vec![change(&number.to_string(), false, comments)];
        assert_eq!(read(&mut reads).await, Ok(expected), "other sessions wait for none");
        advance(NAME_EVERY).await;
    }
    let due = changes.due().expect("the slow session is behind");
    advance(due.saturating_duration_since(Instant::now())).await;
    changes.send_due(&sessions, "99");
    assert!(changes.due().is_some(), "its queue is half full");
    // Half of its queue is left for its changes of cells.
    assert!(read(&mut slow).await.expect("stays open").len() <= QUEUE / 2 + 1);
    advance(BEHIND_EVERY).await;
    changes.send_due(&sessions, "99");
    assert_eq!(read(&mut slow).await, Ok(vec![change("99", false, true)]));
    assert_eq!(read(&mut reads).await, Ok(vec![]), "it has it already");
    assert_eq!(changes.due(), None);
}

#[tokio::test(start_paused = true)]
async fn a_slow_session_that_leaves_is_forgotten() {
    let mut sessions = Sessions::default();
    let mut slow = join(&mut sessions, 1);
    for revision in 1..=QUEUE as u64 - 1 {
        sessions.push(SessionKey(1), Outgoing::Committed(Revision(revision)));
    }
    let mut changes = SheetChanges::none();
    changes.shared();
    changes.send_due(&sessions, "a");
    assert!(changes.due().is_some());
    sessions.remove(SessionKey(1));
    advance(BEHIND_EVERY).await;
    changes.send_due(&sessions, "a");
    assert_eq!((changes.due(), read(&mut slow).await), (None, Ok(vec![])));
}
