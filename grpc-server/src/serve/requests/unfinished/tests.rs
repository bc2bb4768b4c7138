//! Which requests are cut off and which are not, by a paused clock.

use std::convert::Infallible;

use axum::{Router, middleware};
use gridloom::FILE_DESCRIPTOR_SET;
use model::AccountId;
use prost::Message as _;
use prost_types::FileDescriptorSet;
use tokio::sync::{Notify, mpsc};
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::Code;
use tower::ServiceExt as _;
use uuid::Uuid;

use super::*;
use crate::edge::large::messages::STREAMED;
use crate::serve::peer::Bounds;
use crate::serve::peer::table::Table;

type Sender = mpsc::UnboundedSender<Result<Bytes, Infallible>>;

/// A request as the server reads it, and the client's end.
fn request(streamed: bool) -> (Sender, Unfinished) {
    let (sender, bytes) = mpsc::unbounded_channel();
    let body = Body::from_stream(UnboundedReceiverStream::new(bytes));
    (sender, Unfinished::new(body, streamed))
}

fn send(sender: &Sender, bytes: &'static [u8]) {
    sender.send(Ok(Bytes::from_static(bytes))).expect("is read");
}

/// Reads to the end; how many bytes came, and the code of what ended it, if it did not end well.
async fn read(mut body: Unfinished) -> (usize, Option<Code>) {
    let mut count = 0;
    loop {
        match std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            Some(Ok(frame)) => count += frame.data_ref().map_or(0, Bytes::len),
            Some(Err(error)) => return (count, Some(Status::from_error(error).code())),
            None => return (count, None),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_stops_in_the_middle_ends() {
    for streamed in [false, true] {
        for part in [&b"\0\0"[..], b"\0\0\0\0\x05abc", b"\0\0\0\0\x01a\0\0\0\0\x05b"] {
            let (sender, body) = request(streamed);
            send(&sender, part);
            let begun = Instant::now();
            assert_eq!(read(body).await, (part.len(), Some(Code::DeadlineExceeded)));
            assert!(begun.elapsed() < MESSAGE_QUIET_AT_MOST + Duration::from_secs(1));
            drop(sender);
        }
    }
    // The message is complete, but the request does not end.
    let (sender, body) = request(false);
    send(&sender, b"\0\0\0\0\x01a");
    assert_eq!(read(body).await, (6, Some(Code::DeadlineExceeded)));
    drop(sender);
}

#[tokio::test(start_paused = true)]
async fn a_byte_now_and_then_is_not_enough() {
    for streamed in [false, true] {
        let (sender, body) = request(streamed);
        send(&sender, b"\0\0\x40\0\0");
        let drips = tokio::spawn(async move {
            while sender.send(Ok(Bytes::from_static(b"x"))).is_ok() {
                sleep(MESSAGE_QUIET_AT_MOST / 2).await;
            }
        });
        let begun = Instant::now();
        assert_eq!(read(body).await.1, Some(Code::DeadlineExceeded));
        assert!(begun.elapsed() <= MESSAGE_WITHIN + MESSAGE_QUIET_AT_MOST);
        drips.await.expect("the request ended");
    }
}

#[tokio::test(start_paused = true)]
async fn a_quiet_stream_lives_between_messages() {
    let (sender, body) = request(true);
    let reader = tokio::spawn(read(body));
    for _ in 0..3 {
        sleep(Duration::from_secs(24 * 60 * 60)).await;
        send(&sender, b"\0\0\0\0");
        sleep(MESSAGE_QUIET_AT_MOST / 2).await;
        send(&sender, b"\x02ab\0\0\0\0\0");
    }
    drop(sender);
    assert_eq!(reader.await.expect("continues"), (3 * 12, None));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_the_server_holds_up_has_its_time() {
    let (sender, mut body) = request(false);
    send(&sender, b"\0\0\0\0\x02a");
    let first = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
    assert!(matches!(first, Some(Ok(_))));
    // The server reads nothing for longer than a message may take.
    sleep(MESSAGE_WITHIN * 2).await;
    let reader = tokio::spawn(read(body));
    sleep(MESSAGE_QUIET_AT_MOST / 2).await;
    send(&sender, b"b");
    drop(sender);
    assert_eq!(reader.await.expect("continues"), (1, None));
}

/// A decoded request may wait for its turn or for room, so it occupies memory until it is answered.
#[tokio::test]
async fn a_request_of_one_message_counts_until_it_is_answered() {
    const MIB: usize = 1 << 20;
    let bounds = Bounds {
        connections: 10,
        of_network: 10,
        held_of_connection: 4 * MIB,
        held_of_network: 8 * MIB,
        held_of_server: 16 * MIB,
        strangers_of_network: 4 * MIB,
        strangers_of_server: 4 * MIB,
    };
    let entry = Table::new(bounds).enter(Some([10, 0, 0, 1].into())).expect("there is a place");
    entry.peer.token().show(AccountId(Uuid::nil()));
    entry.peer.recount();
    let has_room = || entry.peer.charge().grow(2 * MIB).is_ok();
    for (path, counts) in [("/gridloom.v1.SheetService/ApplyEdits", true), (SEND, false)] {
        let (read, waits) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (was_read, answered) = (Arc::clone(&read), Arc::clone(&waits));
        let handler = async move |request: Request<Body>| {
            let bytes = axum::body::to_bytes(request.into_body(), usize::MAX).await;
            drop(bytes);
            was_read.notify_one();
            answered.notified().await;
        };
        let router = Router::new().fallback(handler).layer(middleware::from_fn(hold));
        let mut request = Request::new(Body::from(vec![0; 3 * MIB]));
        *request.uri_mut() = path.parse().expect("a path");
        request.extensions_mut().insert(Arc::clone(&entry.peer));
        let call = tokio::spawn(router.oneshot(request));
        read.notified().await;
        assert_eq!(has_room(), !counts, "{path}");
        waits.notify_one();
        call.await.expect("no panic").expect("answers");
        assert!(has_room(), "{path} is answered");
    }
}

#[test]
fn every_streamed_request_is_known() {
    let sets = [
        FILE_DESCRIPTOR_SET,
        tonic_health::pb::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
    ];
    let mut streamed = Vec::new();
    for set in sets {
        let files = FileDescriptorSet::decode(set).expect("is a set of descriptors").file;
        for file in files {
            for service in &file.service {
                let path =
                    |method: &str| format!("/{}.{}/{method}", file.package(), service.name());
                let methods = service.method.iter().filter(|method| method.client_streaming());
                streamed.extend(methods.map(|method| path(method.name())));
            }
        }
    }
    streamed.sort();
    assert_eq!(streamed, STREAMED);
}
