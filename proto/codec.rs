//! The codec of all calls: prost, with small buffers for sessions that are mostly idle, and a limit of the fields of a
//! request.
//!
//! It does not change the encoding. tonic gives each call a read buffer and a write buffer, and never shrinks
//! them.
//!
//! Invariant: both buffers of a call begin with `BUFFER_BYTES`. A call that only sends messages below
//! `FULL_BYTES` keeps at most about twice that.

use std::cell::Cell;
use std::marker::PhantomData;

use prost::bytes::Buf as _;
use prost::{Message, Name};
use tonic::Status;
use tonic::codec::{BufferSettings, Codec, DecodeBuf, Decoder};
use tonic_prost::ProstCodec;

use crate::fields::{FIELDS_MOST, count_fields};

/// Initial size of a buffer, in bytes: most edits and answers fit.
const BUFFER_BYTES: usize = 1024;
/// Size of the encoded messages above which tonic passes them to the transport, in bytes.
const FULL_BYTES: usize = 8 * 1024;

/// Bytes of a request from which on its fields are counted; a smaller one takes no time to decode.
const COUNTED_BYTES: usize = 32 * 1024;

thread_local! {
    /// Fields of the large requests that this thread has decoded since they were taken.
    static DECODED: Cell<usize> = const { Cell::new(0) };
}

/// Takes the number of fields that this thread has decoded in requests above 32 KiB since the last call. A service
/// decodes while it is polled, so the numbers before and after a poll tell what a call has cost.
#[must_use]
pub fn take_decoded_fields() -> usize {
    DECODED.take()
}

/// Protobuf with small buffers.
#[derive(Clone, Debug)]
pub struct LeanCodec<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for LeanCodec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for LeanCodec<T, U>
where
    T: Message + 'static,
    U: Message + Name + Default + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = <ProstCodec<T, U> as Codec>::Encoder;
    type Decoder = BoundedDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstCodec::<T, U>::raw_encoder(settings())
    }

    fn decoder(&mut self) -> Self::Decoder {
        BoundedDecoder(PhantomData)
    }
}

/// Decodes a message; a request with too many fields is refused before.
#[derive(Clone, Debug)]
pub struct BoundedDecoder<U>(PhantomData<U>);

impl<U: Message + Name + Default> Decoder for BoundedDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, buf: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        // Answers of a server are trusted, and a small message can't have too many fields.
        if buf.remaining() > COUNTED_BYTES && U::NAME.ends_with("Request") {
            check_fields(&U::full_name(), buf.chunk())?;
        }
        let decoded = U::decode(buf);
        decoded.map(Some).map_err(|error| Status::internal(error.to_string()))
    }

    fn buffer_settings(&self) -> BufferSettings {
        settings()
    }
}

/// Counts the fields of a request, and refuses one with too many.
fn check_fields(message: &str, bytes: &[u8]) -> Result<(), Status> {
    let fields = count_fields(message, bytes, FIELDS_MOST);
    DECODED.set(DECODED.get().saturating_add(fields));
    if fields <= FIELDS_MOST {
        return Ok(());
    }
    let text = format!("the request has more than {FIELDS_MOST} fields; split it");
    Err(Status::resource_exhausted(text))
}

fn settings() -> BufferSettings {
    BufferSettings::new(BUFFER_BYTES, FULL_BYTES)
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use allocation_counter::{AllocationInfo, measure};
    use http_body_util::Full;
    use prost::bytes::{BufMut as _, Bytes, BytesMut};
    use tonic::{Code, Streaming};

    use super::*;
    use crate::v1::SendRequest;

    /// A message of a call with so many empty frames, of two bytes each.
    fn body(frames: usize) -> Bytes {
        let message = [3 << 3 | 2, 0].repeat(frames);
        let mut body = BytesMut::with_capacity(5 + message.len());
        body.put_u8(0);
        body.put_u32(u32::try_from(message.len()).expect("small"));
        body.put_slice(&message);
        body.freeze()
    }

    /// Decodes a request as the server does; its frames, and what that allocates.
    fn decode(frames: usize) -> (Result<usize, Status>, AllocationInfo) {
        let body = body(frames);
        let mut decoded = Ok(0);
        let cost = measure(|| {
            let decoder = LeanCodec::<(), SendRequest>::default().decoder();
            let most = Some(body.len());
            let mut requests = Streaming::new_request(decoder, Full::new(body), None, most);
            let polled = pin!(requests.message()).poll(&mut Context::from_waker(Waker::noop()));
            let Poll::Ready(request) = polled else { panic!("all bytes are there") };
            decoded = request.map(|request| request.map_or(0, |request| request.frames.len()));
        });
        (decoded, cost)
    }

    #[test]
    fn a_request_with_too_many_fields_is_refused_before_it_is_decoded() {
        let refused = decode(FIELDS_MOST + 1);
        let status = refused.0.expect_err("has a field too many");
        assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
        assert!(status.message().contains("1000000 fields; split it"), "{status:?}");
        // The bytes as they arrive, and no frame.
        let most = 8 * FIELDS_MOST as u64;
        assert!(refused.1.bytes_max < most, "{:?}", refused.1);
        let _before = take_decoded_fields();
        let (few, _) = decode(COUNTED_BYTES);
        assert_eq!(few.expect("is below the limit"), COUNTED_BYTES);
        assert_eq!(take_decoded_fields(), COUNTED_BYTES, "each is counted");
    }
}
