//! Calls by the names of rpcs, whose messages are bytes.
//!
//! Not what a call means. Invariant: only the first answer is read.

use bytes::{Buf, BufMut, Bytes};
use integration::harness::{Server, authorized, within};
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

/// A connection to a server.
pub(crate) async fn channel(server: &Server) -> Channel {
    let endpoint = Channel::from_shared(server.url().to_owned()).expect("an address");
    endpoint.connect().await.expect("the server is there")
}

/// Makes a call, and reads its first answer.
pub(crate) async fn call(
    channel: &Channel,
    rpc: &str,
    request: Bytes,
    token: Option<&str>,
) -> Code {
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    grpc.ready().await.expect("the server is there");
    let path = format!("/gridloom.v1.{rpc}").parse().expect("a path");
    let request = match token {
        Some(token) => authorized(request, token),
        None => Request::new(request),
    };
    let answered = async {
        let stream = tokio_stream::once(request.get_ref().clone());
        let (metadata, extensions, _) = request.into_parts();
        let request = Request::from_parts(metadata, extensions, stream);
        let mut answers = grpc.streaming(request, path, Raw).await?.into_inner();
        answers.message().await
    };
    match within("an answer", answered).await {
        Ok(_) => Code::Ok,
        Err(status) => status.code(),
    }
}

/// Bytes of a message as they are.
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        to.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}
