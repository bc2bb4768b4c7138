//! The life of a connection, with a clock that the tests move.
//!
//! Not its sessions, which need sheets: see `connect` of the system tests. Invariant: no test waits for real time.

use std::time::Duration;

use tokio::time::{Instant, advance};
use tonic::Code;

use super::*;

const LONG: Duration = Duration::from_secs(86_400);

struct Running {
    connections: Arc<Connections>,
    connection: Arc<Connection>,
    frames: ConnectFrames,
    draining: CancellationToken,
}

/// A connection whose client has received its first frame.
async fn running(valid: Duration) -> Running {
    let (connections, draining) = (Arc::<Connections>::default(), CancellationToken::new());
    let (connection, mut frames) = connections.open("one".to_owned(), None);
    tokio::spawn(Arc::clone(&connection).keep(valid, draining.clone()));
    let first = frames.next().await.expect("a frame").expect("is open");
    assert!(matches!(first.frame, Some(Frame::Opened(opened)) if opened.connection_id == "one"));
    Running { connections, connection, frames, draining }
}

async fn end_of(mut frames: ConnectFrames) -> Status {
    loop {
        match frames.next().await.expect("has a status") {
            Ok(_) => {}
            Err(status) => return status,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_client_is_noticed_after_the_time_that_opened_names() {
    let Running { connections, frames, .. } = running(LONG).await;
    let begun = Instant::now();
    advance(Duration::from_secs(20)).await;
    connections.called("one").expect("is open").pong(1);
    assert_eq!(end_of(frames).await.code(), Code::DeadlineExceeded);
    let lasted = begun.elapsed();
    let most = Duration::from_secs(20) + CONNECTION_SILENT;
    assert!(lasted >= most && lasted < most + Duration::from_secs(1), "{lasted:?}");
    // With the slack of a network it stays below the 35 s after which others may still see a session.
    assert!(CONNECTION_SILENT <= Duration::from_secs(30));
    assert_eq!(connections.called("one").err().map(|it| it.code()), Some(Code::NotFound));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_not_read_ends_too() {
    let Running { connection, frames, .. } = running(LONG).await;
    let slot = connection.reserve(1).expect("is free");
    connection.over.cancelled().await;
    assert!(slot.detached.is_cancelled());
    drop(frames);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_comes_while_its_connection_ends_opens_nothing() {
    let Running { connections, connection, frames, .. } = running(LONG).await;
    let opening = connection.reserve(1).expect("is free");
    let called = connections.called("one").expect("is open");
    // The frames are not read, so nothing but the end itself removes what is attached.
    connection.over.cancelled().await;
    assert!(opening.detached.is_cancelled());
    assert_eq!(called.reserve(2).expect_err("has ended").code(), Code::NotFound);
    drop(frames);

    let Running { connections, frames, .. } = running(LONG).await;
    let called = connections.called("one").expect("is open");
    drop(frames);
    assert_eq!(called.reserve(2).expect_err("has ended").code(), Code::NotFound);
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_ends_its_connection() {
    let Running { frames, .. } = running(Duration::from_secs(5)).await;
    assert_eq!(end_of(frames).await.code(), Code::Unauthenticated);
}

#[tokio::test(start_paused = true)]
async fn a_connection_stays_for_its_sessions_while_the_server_shuts_down() {
    let Running { connections, connection, mut frames, draining } = running(LONG).await;
    let slot = connection.reserve(1).expect("is free");
    draining.cancel();
    connections.called("one").expect("is open").pong(5);
    let next = frames.next().await.expect("a frame").expect("is open");
    assert_eq!(next.frame, Some(Frame::Pong(v1::ConnectionPong { nonce: 5 })));
    drop(slot);
    assert_eq!(end_of(frames).await.code(), Code::Unavailable);
}

#[tokio::test]
async fn a_client_that_leaves_leaves_nothing() {
    let Running { connections, connection, frames, .. } = running(LONG).await;
    drop(frames);
    assert!(connection.over.is_cancelled());
    assert!(connections.lock().is_empty());
}
