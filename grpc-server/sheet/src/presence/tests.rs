//! The participants: the updates of a session whose queue has no room, idle and away, and those of a silent node.
//!
//! Not here: the topic between nodes (`link`). Invariant: a session without room costs no encoding, and gets the complete list
//! when it has room.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use allocation_counter::measure;
use gridloom::rpc;
use gridloom::v1::server_frame::Frame;
use model::NodeId;
use model::allowance::{Bucket, Rate};
use ot_engine::{ClientId, Window};
use prost::Message as _;
use tokio_stream::Stream as _;
use uuid::Uuid;

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

/// The changes that are queued for a session.
async fn changes(stream: &mut SessionStream) -> Vec<v1::PresenceChange> {
    let mut changes = Vec::new();
    loop {
        let next = poll_fn(|cx| match Pin::new(&mut *stream).poll_next(cx) {
            Poll::Ready(frame) => Poll::Ready(frame),
            Poll::Pending => Poll::Ready(None),
        });
        let Some(Ok(frame)) = next.await else { return changes };
        if let Some(Frame::Presence(change)) = frame.frame {
            changes.push(v1::PresenceChange::decode(change).expect("is one"));
        }
    }
}

/// The complete lists that are queued for a session, each by its length.
async fn complete_lists(stream: &mut SessionStream) -> Vec<usize> {
    let mut lists = Vec::new();
    for change in changes(stream).await {
        match (change.complete, lists.last_mut()) {
            (true, _) => lists.push(change.present.len()),
            // A further part of it, or a change.
            (false, Some(list)) => *list += change.present.len(),
            (false, None) => {}
        }
    }
    lists
}

/// Sends what is due, a moment later.
async fn send(presences: &mut Presences, sessions: &Sessions) {
    tokio::time::advance(Duration::from_secs(1) / UPDATES_PER_SECOND).await;
    presences.send_due(sessions, &RecentLog::default(), Revision(0), Revision(0));
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

#[tokio::test(start_paused = true)]
async fn a_person_at_rest_is_idle_and_one_that_has_turned_away_is_away() {
    const REST: Duration = Duration::from_secs(400);
    let (mut presences, mut sessions) =
        (Presences::new(None, sample::SHEET, &Tasks::new()), Sessions::default());
    let (ada, ben) = (SessionKey(1), SessionKey(2));
    let _ada = join(&mut presences, &mut sessions, ada.0);
    let mut of_ben = join(&mut presences, &mut sessions, ben.0);
    send(&mut presences, &sessions).await;
    changes(&mut of_ben).await;
    let start = Revision(0);
    let here = Presence { cursor: Some((1, 1)), ..Presence::default() };
    let away = Presence { away: true, ..here.clone() };

    // To turn away is no activity, to come back is.
    tokio::time::advance(REST).await;
    for (presence, expected) in [(away, (true, REST.as_secs())), (here, (false, 0))] {
        presences.update(ada, start, presence);
        send(&mut presences, &sessions).await;
        let sent = changes(&mut of_ben).await.remove(0).present.remove(0);
        assert_eq!((sent.away, u64::from(sent.idle_seconds)), expected);
    }

    // A session that edits without a move is shown as active, once a minute.
    let mut shown = 0;
    for _ in 0..300 {
        tokio::time::advance(Duration::from_secs(1)).await;
        presences.edited(ada);
        send(&mut presences, &sessions).await;
        let sent: Vec<_> =
            changes(&mut of_ben).await.into_iter().flat_map(|it| it.present).collect();
        assert!(sent.iter().all(|it| it.idle_seconds == 0), "{sent:?}");
        shown += sent.len();
    }
    assert!((4..=5).contains(&shown), "{shown}");

    // A new session receives how long each one has been at rest.
    tokio::time::advance(REST).await;
    let mut late = join(&mut presences, &mut sessions, 3);
    send(&mut presences, &sessions).await;
    let list = changes(&mut late).await.remove(0);
    let idle = |id: &str| list.present.iter().find(|it| it.session_id == id).expect("is listed");
    assert_eq!(u64::from(idle("session 1").idle_seconds), REST.as_secs());
    assert!(u64::from(idle("session 2").idle_seconds) > 2 * REST.as_secs());
}

/// What another node sends of one participant.
fn from_node(node: u128, present: &[v1::Participant], left: &[&str]) -> PresenceEvent {
    let change = v1::PresenceChange {
        present: present.to_vec(),
        left: left.iter().map(|id| (*id).to_owned()).collect(),
        complete: left.is_empty(),
    };
    PresenceEvent::Change { node: NodeId(Uuid::from_u128(node)), revision: Revision(0), change }
}

#[tokio::test(start_paused = true)]
async fn a_participant_of_another_node_leaves_at_once_and_with_a_silent_node_within_35_seconds() {
    let (mut presences, mut sessions) =
        (Presences::new(None, sample::SHEET, &Tasks::new()), Sessions::default());
    let mut here = join(&mut presences, &mut sessions, 1);
    let (log, start) = (RecentLog::default(), Revision(0));
    let far = |id: &str, idle_seconds| v1::Participant {
        session_id: id.to_owned(),
        idle_seconds,
        ..v1::Participant::default()
    };
    let both = [far("far 1", 90), far("far 2", 0)];
    presences.receive(from_node(7, &both, &[]), &log, start, start);
    send(&mut presences, &sessions).await;
    let list = changes(&mut here).await.remove(0);
    let idle: BTreeSet<u32> = list.present.iter().map(|it| it.idle_seconds).collect();
    assert_eq!(idle, BTreeSet::from([0, 90]), "as its node has counted");

    presences.receive(from_node(7, &[], &["far 1"]), &log, start, start);
    send(&mut presences, &sessions).await;
    assert_eq!(changes(&mut here).await.remove(0).left, ["far 1"]);

    // Its node publishes every ten seconds, and misses once; then it is silent.
    let silent = loop_of_ticks(&mut presences, &sessions, &mut here, &[far("far 2", 0)]).await;
    assert!(silent < Duration::from_secs(35), "{silent:?}");
}

/// Ticks of this node while another one publishes, misses one turn, publishes and is silent. The time from its last
/// message until its participant has left.
async fn loop_of_ticks(
    presences: &mut Presences,
    sessions: &Sessions,
    here: &mut SessionStream,
    present: &[v1::Participant],
) -> Duration {
    let (log, start) = (RecentLog::default(), Revision(0));
    let mut last = Instant::now();
    for turn in 0..20 {
        // Just after the tick that would have removed it a moment later.
        if matches!(turn, 0 | 2) {
            presences.receive(from_node(7, present, &[]), &log, start, start);
            last = Instant::now();
        }
        tokio::time::advance(link::COMPLETE_INTERVAL).await;
        presences.receive(PresenceEvent::Tick, &log, start, start);
        send(presences, sessions).await;
        let left = changes(here).await.into_iter().flat_map(|it| it.left).count();
        if left > 0 {
            assert!(turn > 2, "one lost message removes nothing");
            return last.elapsed();
        }
    }
    panic!("it has not left");
}

/// The largest sheet by default: as many sessions as it may have, each with a long name and all selections.
#[tokio::test(start_paused = true)]
async fn another_node_receives_the_participants_of_the_largest_sheet_and_that_one_has_left() {
    const SESSIONS: u64 = 2_048;
    let (here, there) = (NodeId(Uuid::from_u128(1)), NodeId(Uuid::from_u128(2)));
    let (log, start) = (RecentLog::default(), Revision(0));
    let (link, mut published) = Link::detached(here);
    let mut sessions = Sessions::default();
    let mut presences = Presences::new(None, sample::SHEET, &Tasks::new());
    presences.link = Some(link);
    let far = u32::MAX - 1;
    let selection = Window { rows: far..u32::MAX, cols: far..u32::MAX };
    let largest = Presence {
        cursor: Some((far, far)),
        selections: vec![selection; 16],
        editing: Some((far, far)),
        away: true,
    };
    let name: std::sync::Arc<str> = "\u{10000}".repeat(200).into();
    let mut streams = Vec::new();
    for number in 0..SESSIONS {
        streams.push(join(&mut presences, &mut sessions, number));
        let local = presences.local.get_mut(&SessionKey(number)).expect("has joined");
        local.participant.name = name.clone();
        presences.update(SessionKey(number), start, largest.clone());
    }
    let mut elsewhere = Presences::new(None, sample::SHEET, &Tasks::new());
    let mut receive = async |presences: &mut Presences, sessions: &Sessions| {
        presences.receive(PresenceEvent::Asked, &log, start, start);
        send(presences, sessions).await;
        assert!(!presences.link_behind, "nothing is left to publish");
        let mut messages = 0;
        while let Ok(several) = published.try_recv() {
            for bytes in several {
                messages += 1;
                let event = message::decode(bytes, there).expect("is decoded");
                elsewhere.receive(event, &log, start, start);
            }
        }
        assert!(messages > 1, "{messages}");
        elsewhere.len()
    };
    assert_eq!(receive(&mut presences, &sessions).await as u64, SESSIONS);
    // The message that it has left is lost: the next list is complete without it.
    presences.local.remove(&SessionKey(7));
    sessions.remove(SessionKey(7));
    assert_eq!(receive(&mut presences, &sessions).await as u64, SESSIONS - 1);
    let ids: BTreeSet<_> = elsewhere.remote.to_wire().map(|it| it.session_id).collect();
    assert!(!ids.contains("session 7"));
}

#[tokio::test(start_paused = true)]
async fn another_name_is_shown_without_a_move() {
    let (mut presences, mut sessions) =
        (Presences::new(None, sample::SHEET, &Tasks::new()), Sessions::default());
    let (log, start) = (RecentLog::default(), Revision(0));
    let _ada = join(&mut presences, &mut sessions, 1);
    let mut of_ben = join(&mut presences, &mut sessions, 2);
    let far = |name: &str| v1::Participant {
        session_id: "far".to_owned(),
        display_name: name.to_owned(),
        idle_seconds: 90,
        ..v1::Participant::default()
    };
    presences.receive(from_node(7, &[far("Cy")], &[]), &log, start, start);
    send(&mut presences, &sessions).await;
    changes(&mut of_ben).await;
    tokio::time::advance(Duration::from_secs(30)).await;
    let ada = SessionOwner { name: "Ada King".into(), ..sample::owner() };
    presences.set_person(SessionKey(1), &ada);
    presences.receive(from_node(7, &[far("Cy Young")], &[]), &log, start, start);
    send(&mut presences, &sessions).await;
    let present = changes(&mut of_ben).await.remove(0).present;
    let seen: BTreeSet<(&str, bool)> =
        present.iter().map(|it| (&*it.display_name, it.idle_seconds >= 30)).collect();
    assert_eq!(seen, BTreeSet::from([("Ada King", true), ("Cy Young", true)]), "still at rest");
}
