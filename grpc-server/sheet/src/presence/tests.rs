//! The participants of one node: the updates of a session whose queue has no room.
//!
//! Not here: other nodes (`remote`). Invariant: a session without room costs no encoding, and gets the complete list
//! when it has room.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use allocation_counter::measure;
use gridloom::rpc;
use gridloom::v1::server_frame::Frame;
use model::allowance::{Bucket, Rate};
use ot_engine::{ClientId, Window};
use prost::Message as _;
use tokio_stream::Stream as _;

use super::*;
use crate::fanout::session::{SessionLimits, SessionStream, channel};
use crate::fanout::sessions::Session;
use crate::fanout::viewport::Viewport;
use crate::refusal::Refusal;
use crate::sample;

const PARTICIPANTS: u64 = 500;
/// Entries of a queue.
const QUEUE: usize = 8;

fn join(presences: &mut Presences, sessions: &mut Sessions, number: u64) -> SessionStream {
    let (key, client) = (SessionKey(number), ClientId(number.into()));
    let status = |_: &Refusal| rpc::Status::default();
    let limits = SessionLimits { queue_frames: QUEUE, message_bytes: 4 << 20 };
    let (outbox, stream) = channel(key, client, Window::ALL, status, limits, sample::frame_room());
    let rate = Rate { burst: 10, one_each: Duration::from_secs(1) };
    let allowance = Bucket::full(rate, std::time::Instant::now());
    let (owner, viewport) = (sample::owner(), Viewport::new(Window::ALL));
    presences.join(key, format!("session {number}"), &owner);
    sessions.insert(key, Session { client, owner, outbox, allowance, viewport });
    stream
}

/// The complete lists that are queued for a session, each by its length.
async fn complete_lists(stream: &mut SessionStream) -> Vec<usize> {
    let mut lists = Vec::new();
    loop {
        let next = poll_fn(|cx| match Pin::new(&mut *stream).poll_next(cx) {
            Poll::Ready(frame) => Poll::Ready(frame),
            Poll::Pending => Poll::Ready(None),
        });
        let Some(Ok(frame)) = next.await else { return lists };
        let Some(Frame::Presence(change)) = frame.frame else { continue };
        let change = v1::PresenceChange::decode(change).expect("is one");
        match (change.complete, lists.last_mut()) {
            (true, _) => lists.push(change.present.len()),
            // A further part of it, or a change.
            (false, Some(list)) => *list += change.present.len(),
            (false, None) => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_without_room_costs_no_complete_list_until_it_has_room() {
    let (mut presences, mut sessions) =
        (Presences::new(None, sample::SHEET, &Tasks::new()), Sessions::default());
    let mut streams: Vec<_> =
        (0..PARTICIPANTS).map(|number| join(&mut presences, &mut sessions, number)).collect();
    let (log, start) = (RecentLog::default(), Revision(0));
    let interval = Duration::from_secs(1) / UPDATES_PER_SECOND;
    presences.send_due(&sessions, &log, start, start);
    for stream in &mut streams {
        complete_lists(stream).await;
    }
    // The queue of one session is more than half full, and it misses an update.
    let slow = SessionKey(0);
    for _ in 0..QUEUE / 2 + 1 {
        sessions.push(slow, Outgoing::Committed(start));
    }
    presences.update(SessionKey(1), start, Presence::default());
    tokio::time::advance(interval).await;
    presences.send_due(&sessions, &log, start, start);
    assert!(presences.behind.contains(&slow) && presences.behind.len() == 1);
    for _ in 0..20 {
        tokio::time::advance(interval).await;
        let cost = measure(|| presences.send_due(&sessions, &log, start, start));
        assert!(cost.bytes_total < 4_096, "{cost:?}");
    }
    // It reads, and receives the list once.
    assert_eq!(complete_lists(&mut streams[0]).await, [0_usize; 0]);
    for _ in 0..3 {
        tokio::time::advance(interval).await;
        presences.send_due(&sessions, &log, start, start);
    }
    assert_eq!(complete_lists(&mut streams[0]).await, [PARTICIPANTS as usize]);
}
