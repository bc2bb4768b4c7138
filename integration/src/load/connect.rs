//! Connections, and one live stream on them.

use std::sync::Arc;

use gridloom::v1;
use gridloom::v1::live_service_client::LiveServiceClient;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Streaming};

use super::LoadError;

/// HTTP/2 flow-control window of one stream, in bytes.
const STREAM_WINDOW_BYTES: u32 = 4 << 20;
/// HTTP/2 flow-control window of a connection, in bytes.
const CONNECTION_WINDOW_BYTES: u32 = 32 << 20;
/// The largest message that is read, in bytes.
const MESSAGE_BYTES_MAX: usize = 64 << 20;
/// Frames beyond the edits on the way that may wait to be sent: looks and pings.
const FRAMES_BESIDES_EDITS: usize = 16;

/// Opens `count` connections, to one node after the other.
pub(super) async fn channels(nodes: &[String], count: u32) -> Result<Vec<Channel>, LoadError> {
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
pub(super) struct Dialer {
    pub(super) channel: Channel,
    /// `Bearer TOKEN`.
    pub(super) authorization: Arc<MetadataValue<Ascii>>,
    pub(super) in_flight: usize,
}

/// A live stream.
#[derive(Debug)]
pub(super) struct Stream {
    frames: mpsc::Sender<v1::CollaborateRequest>,
    answers: Streaming<v1::CollaborateResponse>,
}

impl Dialer {
    pub(super) async fn open(&self, hello: v1::ClientFrame) -> Result<Stream, LoadError> {
        let (frames, queue) = mpsc::channel(self.in_flight + FRAMES_BESIDES_EDITS);
        let first = v1::CollaborateRequest { frame: Some(hello) };
        // The queue is empty, and has room for more than one.
        let _ = frames.try_send(first);
        let mut request = Request::new(ReceiverStream::new(queue));
        request.metadata_mut().insert("authorization", (*self.authorization).clone());
        let answers = LiveServiceClient::new(self.channel.clone())
            .max_decoding_message_size(MESSAGE_BYTES_MAX)
            .collaborate(request)
            .await
            .map_err(|status| LoadError::server("a live session was refused", status))?
            .into_inner();
        Ok(Stream { frames, answers })
    }
}

impl Stream {
    /// Sends a frame; false when the stream is over.
    pub(super) async fn send(&self, frame: v1::ClientFrame) -> bool {
        self.frames.send(v1::CollaborateRequest { frame: Some(frame) }).await.is_ok()
    }

    /// The next frame; an error's text when the stream ended.
    pub(super) async fn next(&mut self) -> Result<v1::ServerFrame, String> {
        match self.answers.message().await {
            Ok(Some(response)) => Ok(response.frame.unwrap_or_default()),
            Ok(None) => Err("the stream ended".to_owned()),
            Err(status) => Err(status.to_string()),
        }
    }
}
