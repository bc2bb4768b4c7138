//! A live session frame by frame, for tests of the protocol: over HTTP/2 as services use it, and over grpc-web
//! on HTTP/1.1 as browsers use it.
//!
//! Not a client: it keeps no view and answers nothing. Invariant: pieces are joined, so each frame is whole.

use gridloom::pieces::Joiner;
use gridloom::v1;
use gridloom::v1::client_frame::Frame as Outgoing;
use gridloom::v1::live_service_client::LiveServiceClient;
use gridloom::v1::server_frame::Frame as Incoming;
use gridloom::v1::sheet_service_client::SheetServiceClient;
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::body::Body;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status, Streaming};
use tonic_web::{GrpcWebCall, GrpcWebClientService};

use crate::harness::servers::Server;

/// A `Collaborate` stream.
#[derive(Debug)]
pub struct NativeSession {
    frames: mpsc::UnboundedSender<v1::CollaborateRequest>,
    answers: Streaming<v1::CollaborateResponse>,
    joiner: Joiner,
}

impl NativeSession {
    /// Opens a session.
    ///
    /// # Panics
    /// When the server is not there or refuses.
    pub async fn open(server: &Server, token: &str, hello: v1::Hello) -> Self {
        Self::open_at(server.url(), token, hello).await
    }

    /// The same, by the server's address.
    ///
    /// # Panics
    /// When the server is not there or refuses.
    pub async fn open_at(url: &str, token: &str, hello: v1::Hello) -> Self {
        Self::try_open(url, token, hello).await.expect("the session opens")
    }

    /// The same, where the server may refuse.
    ///
    /// # Errors
    /// Why it refuses.
    ///
    /// # Panics
    /// When the server is not there.
    pub async fn try_open(url: &str, token: &str, hello: v1::Hello) -> Result<Self, Status> {
        Self::try_open_with(url, token, hello, Vec::new()).await
    }

    /// The same, with frames that are sent right after `Hello`.
    ///
    /// # Errors
    /// Why it refuses.
    ///
    /// # Panics
    /// When the server is not there.
    pub async fn try_open_with(
        url: &str,
        token: &str,
        hello: v1::Hello,
        early: Vec<Outgoing>,
    ) -> Result<Self, Status> {
        let channel: Channel = Endpoint::from_shared(url.to_owned())
            .expect("the server printed its address")
            .connect()
            .await
            .expect("the server is there");
        let (frames, queue) = mpsc::unbounded_channel();
        let session_frames = UnboundedReceiverStream::new(queue);
        for first in std::iter::once(Outgoing::Hello(hello)).chain(early) {
            let first = Some(frame(first));
            frames.send(v1::CollaborateRequest { frame: first }).expect("the queue is open");
        }
        let request = authorized(session_frames, token);
        let answers = LiveServiceClient::new(channel).collaborate(request).await?;
        Ok(Self { frames, answers: answers.into_inner(), joiner: Joiner::default() })
    }

    /// Sends a frame.
    pub fn send(&self, kind: Outgoing) {
        // The next read returns the status of a stream that has ended.
        let _ = self.frames.send(v1::CollaborateRequest { frame: Some(frame(kind)) });
    }

    /// The next frame; a status when the stream ends.
    ///
    /// # Errors
    /// The status that the stream ended with.
    pub async fn next(&mut self) -> Result<Incoming, Status> {
        loop {
            let response = self.answers.message().await?;
            let message = received(response.and_then(|response| response.frame))?;
            if let Some(frame) = joined(&mut self.joiner, message) {
                return Ok(frame);
            }
        }
    }
}

pub(super) type WebClient =
    LiveServiceClient<GrpcWebClientService<HttpClient<HttpConnector, GrpcWebCall<Body>>>>;

/// A `Watch` stream and the `Send` calls beside it.
#[derive(Debug)]
pub struct WebSession {
    client: WebClient,
    token: String,
    answers: Streaming<v1::WatchResponse>,
    joiner: Joiner,
    session_id: String,
    next_frame: u64,
}

impl WebSession {
    /// Opens a session. Returns its `Welcome`, too.
    ///
    /// # Panics
    /// When the server is not there or refuses.
    pub async fn open(server: &Server, token: &str, hello: v1::Hello) -> (Self, v1::Welcome) {
        let mut client = web_client(server.url());
        let request = v1::WatchRequest { hello: Some(hello) };
        let answers = client.watch(authorized(request, token)).await;
        let answers = answers.expect("the session opens").into_inner();
        let token = token.to_owned();
        let (joiner, session_id) = (Joiner::default(), String::new());
        let mut session = Self { client, token, answers, joiner, session_id, next_frame: 1 };
        let Ok(Incoming::Welcome(welcome)) = session.next().await else {
            panic!("the first frame is no welcome")
        };
        session.session_id.clone_from(&welcome.session_id);
        (session, welcome)
    }

    /// Sends frames in one call, which is repeated `times` times: a repeated call changes nothing.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn send(&mut self, frames: Vec<v1::ClientFrame>, times: u32) {
        if frames.is_empty() {
            return;
        }
        let request = v1::SendRequest {
            session_id: self.session_id.clone(),
            first_frame: self.next_frame,
            frames,
        };
        self.next_frame += request.frames.len() as u64;
        for _ in 0..times {
            let answer = self.client.send(authorized(request.clone(), &self.token)).await;
            let received = answer.expect("the frames are taken").into_inner().received;
            assert_eq!(received, self.next_frame - 1, "how many frames were received");
        }
    }

    /// Directs its further calls to another server than that of its stream, as a balancer may.
    pub fn call_at(&mut self, server: &Server) {
        self.client = web_client(server.url());
    }

    /// Makes its further calls with another token; returns the former one.
    pub fn signed_in_as(&mut self, token: &str) -> String {
        std::mem::replace(&mut self.token, token.to_owned())
    }

    /// Sends a `Ping`, where the server may refuse. Returns how many frames the server has received.
    ///
    /// # Errors
    /// Why it refuses.
    pub async fn try_ping(&mut self) -> Result<u64, Status> {
        let ping = frame(Outgoing::Ping(v1::Ping { nonce: self.next_frame }));
        let (session_id, first_frame) = (self.session_id.clone(), self.next_frame);
        let request = v1::SendRequest { session_id, first_frame, frames: vec![ping] };
        let answer = self.client.send(authorized(request, &self.token)).await?;
        self.next_frame += 1;
        Ok(answer.into_inner().received)
    }

    /// The next frame.
    ///
    /// # Errors
    /// The status that the stream ended with.
    pub async fn next(&mut self) -> Result<Incoming, Status> {
        loop {
            let response = self.answers.message().await?;
            let message = received(response.and_then(|response| response.frame))?;
            if let Some(frame) = joined(&mut self.joiner, message) {
                return Ok(frame);
            }
        }
    }
}

pub(super) fn web_client(url: &str) -> WebClient {
    // Plain HTTP without an upgrade: HTTP/1.1.
    let http = HttpClient::builder(TokioExecutor::new()).build_http();
    let origin = url.parse().expect("the server printed its address");
    LiveServiceClient::with_origin(GrpcWebClientService::new(http), origin)
}

pub(super) fn frame(kind: Outgoing) -> v1::ClientFrame {
    v1::ClientFrame { frame: Some(kind) }
}

pub(super) fn received(frame: Option<v1::ServerFrame>) -> Result<Incoming, Status> {
    frame.and_then(|frame| frame.frame).ok_or_else(|| Status::ok("the stream ended"))
}

/// The frame, when it is whole.
pub(super) fn joined(joiner: &mut Joiner, message: Incoming) -> Option<Incoming> {
    let message = v1::ServerFrame { frame: Some(message) };
    let joined = joiner.take(message).expect("the pieces of a frame come in order");
    joined.and_then(|frame| frame.frame)
}

/// A client of the generated stubs for the sheets of a server.
///
/// # Panics
/// When the server is not there.
pub async fn sheet_calls(server: &Server) -> SheetServiceClient<Channel> {
    let endpoint = Endpoint::from_shared(server.url().to_owned()).expect("an address");
    SheetServiceClient::new(endpoint.connect().await.expect("the server is there"))
}

/// A request with an access token.
///
/// # Panics
/// When the token is not ASCII.
pub fn authorized<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    let authorization = format!("Bearer {token}").parse().expect("a token is ASCII");
    request.metadata_mut().insert("authorization", authorization);
    request
}
