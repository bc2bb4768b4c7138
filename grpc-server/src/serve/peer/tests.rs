//! The bytes and the silence of one connection, by a paused clock.

use tonic::{Code, Status};

use super::table::Table;
use super::*;
use model::limits::edge::{IDLE_ENDS_WITHIN, STRANGER_HELD_BYTES};

const MOST: usize = 8 << 20;

fn peer() -> Arc<Peer> {
    let bounds = Bounds {
        connections: 10,
        of_network: 4,
        held_of_connection: MOST,
        held_of_network: MOST * 2,
        held_of_server: MOST * 4,
        strangers_of_network: MOST * 4,
        strangers_of_server: MOST * 4,
    };
    let entry = Table::new(bounds).enter(Some(IpAddr::from([10, 0, 0, 1]))).expect("room");
    Arc::clone(&entry.peer)
}

#[tokio::test(start_paused = true)]
async fn a_connection_holds_little_before_it_has_shown_a_token() {
    let peer = peer();
    let mut charge = peer.charge();
    charge.grow(STRANGER_HELD_BYTES).expect("has room");
    assert_eq!(charge.grow(1).map_err(|full| full.most), Err(STRANGER_HELD_BYTES));
    peer.token.show(AccountId::generate());
    charge.grow(MOST - STRANGER_HELD_BYTES).expect("has room");
    let full = peer.charge().grow(1).expect_err("is full");
    let status = Status::from(full);
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.message().contains(&MOST.to_string()), "{status:?}");
    assert!(peer.begin(1).is_err(), "no call begins either");
    // Another connection has its own bound.
    charge.clear();
    assert!(peer.begin(1).is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_while_answers_are_unread() {
    let peer = peer();
    peer.token.show(AccountId::generate());
    let (mut read, mut kept) = (peer.charge(), peer.charge());
    read.grow(MOST / 2).expect("has room");
    kept.grow(MOST / 2).expect("has room");
    let waiting = tokio::spawn({
        let peer = Arc::clone(&peer);
        async move { peer.room().await }
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    read.clear();
    waiting.await.expect("continues");
}

#[tokio::test(start_paused = true)]
async fn a_connection_without_calls_ends_and_one_with_a_call_does_not() {
    for (shown, within) in [(false, IDLE_WITHOUT_TOKEN), (true, IDLE_WITH_TOKEN)] {
        let peer = peer();
        if shown {
            peer.token.show(AccountId::generate());
        }
        let begun = Instant::now();
        // The first call is long; its end is what counts.
        let call = peer.begin(1).expect("has room");
        let idle = tokio::spawn({
            let peer = Arc::clone(&peer);
            async move { peer.idle().await }
        });
        tokio::time::sleep(within * 10).await;
        assert!(!idle.is_finished(), "a call is under way");
        drop(call);
        tokio::time::sleep(within - Duration::from_secs(1)).await;
        drop(peer.begin(1).expect("has room"));
        idle.await.expect("ends");
        let expected = within * 12 - Duration::from_secs(1);
        let took = begun.elapsed();
        assert!(took >= expected && took <= expected + Duration::from_secs(1), "{took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_ends_at_once_gives_its_connection_the_time_of_one_with_a_token() {
    let peer = peer();
    let begun = Instant::now();
    let mut idle = std::pin::pin!(peer.idle());
    assert!(futures_util::poll!(idle.as_mut()).is_pending());
    let call = peer.begin(1).expect("has room");
    peer.token.show(AccountId::generate());
    drop(call);
    idle.await;
    assert!(begun.elapsed() >= IDLE_WITH_TOKEN, "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_session_that_begins_while_its_connection_ends_is_not_cut() {
    let peer = peer();
    tokio::time::sleep(IDLE_WITH_TOKEN).await;
    let begun = Instant::now();
    let mut silent = std::pin::pin!(peer.silent_for(IDLE_ENDS_WITHIN));
    assert!(futures_util::poll!(silent.as_mut()).is_pending(), "the time before does not count");
    let call = peer.begin(1).expect("has room");
    let session = tokio::time::timeout(IDLE_WITH_TOKEN * 10, silent.as_mut());
    assert!(session.await.is_err(), "a call is under way");
    drop(call);
    let ended = begun.elapsed();
    silent.await;
    assert_eq!((begun.elapsed() - ended).as_secs(), IDLE_ENDS_WITHIN.as_secs());
}
