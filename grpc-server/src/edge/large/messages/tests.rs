//! The thread that decodes a message of a stream, by the size of the message.

use std::sync::Mutex;

use futures_util::FutureExt as _;
use prost::bytes::Buf as _;
use tonic::codec::{DecodeBuf, Decoder};
use uuid::Uuid;

use super::*;
use model::AccountId;

/// Decodes a message into its length, and notes the thread.
struct Noting(Arc<Mutex<Vec<bool>>>);

impl Decoder for Noting {
    type Item = usize;
    type Error = Status;

    fn decode(&mut self, buf: &mut DecodeBuf<'_>) -> Result<Option<usize>, Status> {
        let thread = std::thread::current();
        let is_heavy = thread.name().is_some_and(|name| name.starts_with("heavy-work"));
        self.0.lock().expect("no panic").push(is_heavy);
        let length = buf.remaining();
        buf.advance(length);
        Ok(Some(length))
    }
}

/// Which messages were decoded as heavy work, in their order.
type Decoded = Arc<Mutex<Vec<bool>>>;

/// Messages of these lengths, in a body of parts of `size` bytes.
fn messages(lengths: &[usize], size: usize) -> (Messages<usize>, Decoded) {
    let message = |length: &usize| {
        let head = u32::try_from(*length).expect("it is short").to_be_bytes();
        [&[0][..], &head, &vec![1; *length]].concat()
    };
    let bytes = lengths.iter().map(message).collect::<Vec<_>>().concat();
    let parts = bytes.chunks(size).map(|part| Ok::<_, BoxError>(Bytes::copy_from_slice(part)));
    let parts: Vec<_> = parts.collect();
    let request = marked(Request::new(Body::from_stream(tokio_stream::iter(parts))));
    let (parts, body) = request.into_parts();
    let heavy = Arc::new(Mutex::new(Vec::new()));
    let decoder = Noting(Arc::clone(&heavy));
    let stream = Streaming::new_request(decoder, body, None, Some(usize::MAX));
    let request = tonic::Request::from_http(Request::from_parts(parts, stream));
    (Messages::of(request, account(1)), heavy)
}

fn account(number: u128) -> Caller {
    Caller::Account(AccountId(Uuid::from_u128(number)))
}

async fn decoded(lengths: &[usize], size: usize) -> Vec<bool> {
    let (messages, decoded) = messages(lengths, size);
    let read: Vec<_> = messages.map(|it| it.expect("whole")).collect().await;
    assert_eq!(read, lengths);
    decoded.lock().expect("no panic").clone()
}

/// A reader may poll once and not again for long.
#[tokio::test]
async fn a_message_whose_reader_does_not_poll_holds_up_no_other_work() {
    let (mut messages, decoded) = messages(&[3 * LIGHT_BYTES], 16 << 10);
    // A thread may have done the work before this poll ends.
    let polled = messages.next().now_or_never();
    for other in 2..5 {
        assert_eq!(heavy_work::run(account(other), || ()).await, Ok(()));
    }
    let message = if let Some(message) = polled { message } else { messages.next().await };
    assert_eq!(message.map(|it| it.expect("whole")), Some(3 * LIGHT_BYTES));
    assert_eq!(*decoded.lock().expect("no panic"), [true]);
}

/// Each turn may be waited for, and the bytes of a message arrive in hundreds of parts.
#[tokio::test]
async fn the_parts_of_a_large_message_need_no_turn_before_the_last() {
    let (sender, parts) = tokio::sync::mpsc::unbounded_channel::<Result<Bytes, BoxError>>();
    let parts = tokio_stream::wrappers::UnboundedReceiverStream::new(parts);
    let mut marked = marked(Request::new(Body::from_stream(parts))).into_body();
    let mut next =
        || std::future::poll_fn(|cx| Pin::new(&mut marked).poll_frame(cx)).now_or_never();
    let length = 2 * LIGHT_BYTES;
    let head = u32::try_from(length).expect("it is short").to_be_bytes();
    let message = [&[0][..], &head, &vec![1; length]].concat();
    let (last, first) = message.split_last().expect("it has bytes");
    for part in first.chunks(1_000) {
        sender.send(Ok(Bytes::copy_from_slice(part))).expect("is read");
        let frame = next().flatten().expect("arrives at once").expect("is whole");
        assert_eq!(frame.data_ref().map(Bytes::len), Some(part.len()));
    }
    sender.send(Ok(Bytes::copy_from_slice(&[*last]))).expect("is read");
    assert!(next().is_none(), "the last part is kept back");
}

#[tokio::test]
async fn large_messages_are_decoded_as_heavy_work_and_small_ones_at_once() {
    let lengths = [10, LIGHT_BYTES + 1, 0, 50 * LIGHT_BYTES, 3 * LIGHT_BYTES, 7, LIGHT_BYTES];
    for size in [700, 16 << 10] {
        let heavy = decoded(&lengths, size).await;
        // A small one that arrives with a part of a large one may be, too.
        let mut large = lengths.iter().zip(heavy).filter(|(length, _)| **length > LIGHT_BYTES);
        assert!(large.all(|(_, heavy)| heavy), "in parts of {size} bytes");
    }
    assert_eq!(decoded(&[10, LIGHT_BYTES, 0, 7], 700).await, [false; 4]);
}
