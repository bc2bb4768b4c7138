//! Connections, and the live streams on them.
//!
//! Not the sessions' state. Invariant: opening a stream is retried only at an unavailable server, and not without
//! end.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gridloom::v1;
use gridloom::v1::live_service_client::LiveServiceClient;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status, Streaming};
use tonic_prost::ProstCodec;

use crate::load::error::LoadError;

/// HTTP/2 flow-control window of one stream, in bytes.
const STREAM_WINDOW_BYTES: u32 = 4 << 20;
/// HTTP/2 flow-control window of a connection, in bytes.
const CONNECTION_WINDOW_BYTES: u32 = 32 << 20;
/// The largest message that is read, in bytes.
const MESSAGE_BYTES_MAX: usize = 64 << 20;
/// Frames besides the edits in flight that may wait to be sent: looks and pings.
const FRAMES_BESIDES_EDITS: usize = 16;
/// Sessions that are opened at the same time.
const OPENED_AT_ONCE: usize = 32;
/// Attempts to open a stream at an unavailable server, and the pause between two.
const ATTEMPTS_MAX: u32 = 60;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(500);
/// The method of a live stream, for those that are read as bytes.
const COLLABORATE: &str = "/gridloom.v1.LiveService/Collaborate";

/// Opens `count` connections, to one node after the other.
pub(crate) async fn channels(nodes: &[String], count: u32) -> Result<Vec<Channel>, LoadError> {
    let mut channels = Vec::new();
    for (url, _) in nodes.iter().cycle().zip(0..count) {
        channels.push(channel(url).await?);
    }
    Ok(channels)
}

async fn channel(url: &str) -> Result<Channel, LoadError> {
    let fail = |cause: tonic::transport::Error| {
        LoadError::server("the server cannot be reached", root_cause(&cause))
    };
    let endpoint = Endpoint::from_shared(url.to_owned()).map_err(fail)?;
    let endpoint = endpoint
        .tcp_nodelay(true)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES);
    endpoint.connect().await.map_err(fail)
}

fn root_cause(mut error: &dyn std::error::Error) -> String {
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// Opens live streams for one client.
#[derive(Clone, Debug)]
pub(crate) struct Dialer {
    pub(crate) channel: Channel,
    /// `Bearer TOKEN`.
    pub(crate) authorization: Arc<MetadataValue<Ascii>>,
    pub(crate) in_flight: usize,
}

/// The connections and the token of all dialers of a run.
#[derive(Clone, Debug)]
pub(crate) struct Dialers {
    channels: Vec<Channel>,
    authorization: Arc<MetadataValue<Ascii>>,
}

impl Dialers {
    pub(crate) fn new(channels: Vec<Channel>, token: &str) -> Result<Self, LoadError> {
        let authorization = format!("Bearer {token}").parse();
        let authorization = authorization.map_err(|error| LoadError::server("the token", error))?;
        Ok(Self { channels, authorization: Arc::new(authorization) })
    }

    /// The dialer of a client by its number; clients are dealt out to the connections.
    pub(crate) fn dialer(&self, number: usize, in_flight: usize) -> Dialer {
        Dialer {
            channel: self.channels[number % self.channels.len()].clone(),
            authorization: Arc::clone(&self.authorization),
            in_flight,
        }
    }
}

/// Awaits all of these, a bounded number at the same time. Returns their results, in any order.
pub(crate) async fn opened_together<T: Send + 'static>(
    opening: impl Iterator<Item = impl Future<Output = Result<T, LoadError>> + Send + 'static>,
) -> Result<Vec<T>, LoadError> {
    let mut running = JoinSet::new();
    let mut opened = Vec::new();
    for open in opening {
        if running.len() >= OPENED_AT_ONCE
            && let Some(joined) = running.join_next().await
        {
            opened.push(joined.map_err(|error| LoadError::server("a session", error))??);
        }
        running.spawn(open);
    }
    while let Some(joined) = running.join_next().await {
        opened.push(joined.map_err(|error| LoadError::server("a session", error))??);
    }
    Ok(opened)
}

/// A live stream.
#[derive(Debug)]
pub(crate) struct Stream {
    frames: mpsc::Sender<v1::CollaborateRequest>,
    answers: Streaming<v1::CollaborateResponse>,
}

/// A live stream whose frames stay encoded.
#[derive(Debug)]
pub(crate) struct RawStream {
    /// The session lasts as long as this.
    _frames: mpsc::Sender<v1::CollaborateRequest>,
    answers: Streaming<Bytes>,
}

impl Dialer {
    pub(crate) async fn open(&self, hello: v1::ClientFrame) -> Result<Stream, LoadError> {
        let mut patience = Patience::default();
        loop {
            match self.try_open(hello.clone()).await {
                Ok(stream) => return Ok(stream),
                Err(status) => patience.wait_after(status).await?,
            }
        }
    }

    pub(crate) async fn open_raw(&self, hello: v1::ClientFrame) -> Result<RawStream, LoadError> {
        let mut patience = Patience::default();
        loop {
            match self.try_open_raw(hello.clone()).await {
                Ok(stream) => return Ok(stream),
                Err(status) => patience.wait_after(status).await?,
            }
        }
    }

    async fn try_open(&self, hello: v1::ClientFrame) -> Result<Stream, Status> {
        let mut service = LiveServiceClient::new(self.channel.clone())
            .max_decoding_message_size(MESSAGE_BYTES_MAX);
        let (frames, request) = self.request(hello);
        let answers = service.collaborate(request).await?.into_inner();
        Ok(Stream { frames, answers })
    }

    async fn try_open_raw(&self, hello: v1::ClientFrame) -> Result<RawStream, Status> {
        let mut grpc = tonic::client::Grpc::new(self.channel.clone())
            .max_decoding_message_size(MESSAGE_BYTES_MAX);
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let path = http::uri::PathAndQuery::from_static(COLLABORATE);
        // prost takes `Bytes` for a message whose field 1 is bytes, and field 1 of `CollaborateResponse` is
        // the frame: on the wire both look the same.
        let codec = ProstCodec::<v1::CollaborateRequest, Bytes>::default();
        let (frames, request) = self.request(hello);
        let answers = grpc.streaming(request, path, codec).await?;
        Ok(RawStream { _frames: frames, answers: answers.into_inner() })
    }

    /// A request that begins with `hello`, and where to put the frames after it.
    fn request(
        &self,
        hello: v1::ClientFrame,
    ) -> (mpsc::Sender<v1::CollaborateRequest>, Request<ReceiverStream<v1::CollaborateRequest>>)
    {
        let (frames, queue) = mpsc::channel(self.in_flight + FRAMES_BESIDES_EDITS);
        // The queue is empty, and has room for more than one.
        let _ = frames.try_send(v1::CollaborateRequest { frame: Some(hello) });
        let mut request = Request::new(ReceiverStream::new(queue));
        request.metadata_mut().insert("authorization", (*self.authorization).clone());
        (frames, request)
    }
}

/// The number of times that an unavailable server refused a stream, after which clients retry.
#[derive(Debug, Default)]
struct Patience {
    refusals: u32,
}

impl Patience {
    /// Waits before the next attempt; gives an error when no attempt is left, or would not help.
    async fn wait_after(&mut self, refusal: Status) -> Result<(), LoadError> {
        self.refusals += 1;
        if refusal.code() != Code::Unavailable || self.refusals >= ATTEMPTS_MAX {
            return Err(LoadError::server("a live session was refused", refusal));
        }
        tokio::time::sleep(BETWEEN_ATTEMPTS).await;
        Ok(())
    }
}

impl RawStream {
    /// The next frame, encoded; an error's text when the stream ended.
    pub(crate) async fn next(&mut self) -> Result<Bytes, String> {
        ended_or(self.answers.message().await)
    }
}

impl Stream {
    /// Sends a frame; false when the stream is over.
    pub(crate) async fn send(&self, frame: v1::ClientFrame) -> bool {
        self.frames.send(v1::CollaborateRequest { frame: Some(frame) }).await.is_ok()
    }

    /// The next frame; an error's text when the stream ended.
    pub(crate) async fn next(&mut self) -> Result<v1::ServerFrame, String> {
        let response = ended_or(self.answers.message().await)?;
        Ok(response.frame.unwrap_or_default())
    }
}

fn ended_or<T>(message: Result<Option<T>, Status>) -> Result<T, String> {
    match message {
        Ok(message) => message.ok_or_else(|| "the stream ended".to_owned()),
        Err(status) => Err(status.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_a_server_that_is_unavailable_is_asked_again_and_not_without_end() {
        let mut patience = Patience::default();
        for _ in 1..ATTEMPTS_MAX {
            patience.wait_after(Status::unavailable("busy")).await.expect("an attempt is left");
        }
        patience.wait_after(Status::unavailable("busy")).await.expect_err("none is left");
        let full = Status::resource_exhausted("full");
        Patience::default().wait_after(full).await.expect_err("does not help");
    }
}
