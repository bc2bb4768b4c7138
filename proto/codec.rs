//! The codec of all calls: prost, with small buffers for sessions that are mostly idle.
//!
//! It does not change the encoding. tonic gives each call a read buffer and a write buffer, and never shrinks
//! them.
//!
//! Invariant: both buffers of a call begin with `BUFFER_BYTES`. A call that only sends messages below
//! `FULL_BYTES` keeps at most about twice that.

use std::marker::PhantomData;

use prost::Message;
use tonic::codec::{BufferSettings, Codec};
use tonic_prost::ProstCodec;

/// Initial size of a buffer, in bytes: most edits and answers fit.
const BUFFER_BYTES: usize = 1024;
/// Size of the encoded messages above which tonic passes them to the transport, in bytes.
const FULL_BYTES: usize = 8 * 1024;

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
