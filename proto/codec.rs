//! The codec of all calls: prost, with buffers that fit a session that is idle most of the time.
//!
//! tonic gives each call a buffer to read into and one to write into, and keeps both as large as they
//! have ever been. Invariant: no call begins with more than `BUFFER_BYTES` for each, and one that only
//! sends messages below `FULL_BYTES` never keeps more than about twice that.

use std::marker::PhantomData;

use prost::Message;
use tonic::codec::{BufferSettings, Codec};
use tonic_prost::ProstCodec;

/// What a buffer begins with, in bytes: most edits, and their answers, fit.
const BUFFER_BYTES: usize = 1024;
/// Encoded messages that are ready together are handed to the transport from here on, in bytes.
const FULL_BYTES: usize = 8 * 1024;

/// Protobuf in small buffers.
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
    U: Message + Default + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = <ProstCodec<T, U> as Codec>::Encoder;
    type Decoder = <ProstCodec<T, U> as Codec>::Decoder;

    fn encoder(&mut self) -> Self::Encoder {
        ProstCodec::<T, U>::raw_encoder(settings())
    }

    fn decoder(&mut self) -> Self::Decoder {
        ProstCodec::<T, U>::raw_decoder(settings())
    }
}

fn settings() -> BufferSettings {
    BufferSettings::new(BUFFER_BYTES, FULL_BYTES)
}
