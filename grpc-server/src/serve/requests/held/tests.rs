//! Answers that are counted while they are unread, and dropped where there is no room.

use std::future::poll_fn;
use std::net::IpAddr;

use super::*;
use crate::serve::peer::Bounds;
use crate::serve::peer::table::Table;

fn peer(most: usize) -> Arc<Peer> {
    let bounds = Bounds {
        connections: 10,
        of_network: 4,
        held_of_connection: most,
        held_of_network: most,
        held_of_server: most,
        strangers_of_network: most,
        strangers_of_server: most,
    };
    let entry = Table::new(bounds).enter(Some(IpAddr::from([10, 0, 0, 1]))).expect("room");
    entry.peer.token().show(model::AccountId::generate());
    Arc::clone(&entry.peer)
}

async fn next(body: &mut Counted) -> Option<Frame<Bytes>> {
    let frame = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await;
    frame.map(|frame| frame.expect("no error"))
}

#[tokio::test]
async fn an_unread_answer_counts_and_one_without_room_ends_with_a_status() {
    let peer = peer(1_000);
    let mut first = Counted::new(Body::from(vec![0; 900]), peer.clone(), false);
    assert!(next(&mut first).await.is_some_and(|frame| frame.is_data()));
    let mut second = Counted::new(Body::from(vec![0; 200]), peer.clone(), false);
    let end = next(&mut second).await.and_then(|frame| frame.into_trailers().ok());
    assert_eq!(end.expect("trailers").get("grpc-status").expect("a status"), "8");
    assert!(next(&mut second).await.is_none() && second.is_end_stream());
    // The first is read, and leaves room.
    assert!(next(&mut first).await.is_none());
    let mut third = Counted::new(Body::from(vec![0; 1_000]), peer.clone(), false);
    assert!(next(&mut third).await.is_some_and(|frame| frame.is_data()));
    drop(third);
    peer.charge().grow(1_000).expect("an answer that is dropped leaves room");
}

#[tokio::test(start_paused = true)]
async fn streams_wait_for_room_and_none_of_them_is_dropped() {
    const FRAMES: usize = 20;
    const FRAME: usize = 300;
    let peer = peer(1_000);
    let stream = || {
        let frames = (0..FRAMES).map(|_| Ok::<_, std::io::Error>(vec![0_u8; FRAME]));
        Counted::new(Body::from_stream(tokio_stream::iter(frames)), peer.clone(), true)
    };
    let mut streams: Vec<_> = (0..50).map(|_| stream()).collect();
    // Without a reader a few frames are made, and the other streams wait.
    let mut made = 0;
    for stream in &mut streams {
        made += usize::from(futures_util::poll!(std::pin::pin!(next(stream))).is_ready());
    }
    assert_eq!(made, 4, "the last one of them passes the bound by less than a frame");
    // All are read, each at its own pace.
    let mut readers = tokio::task::JoinSet::new();
    for (at, mut stream) in streams.into_iter().enumerate() {
        readers.spawn(async move {
            let mut count = usize::from(at < 4);
            while let Some(frame) = next(&mut stream).await {
                count += usize::from(frame.is_data());
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            count
        });
    }
    while let Some(count) = readers.join_next().await {
        assert_eq!(count.expect("ends"), FRAMES);
    }
    assert!(peer.charge().grow(1_000).is_ok(), "all is given back");
}
