//! A connection of `Connect` as a browser has it: over grpc-web on HTTP/1.1, with many sessions.
//!
//! Not a client: it keeps no view and answers nothing. Invariant: the pieces of each session are joined, so each frame
//! is whole.

use std::collections::HashMap;

use gridloom::pieces::Joiner;
use gridloom::v1::client_frame::Frame as Outgoing;
use gridloom::v1::connect_response::Frame;
use gridloom::v1::server_frame::Frame as Incoming;
use gridloom::{rpc, v1};
use tonic::{Status, Streaming};

use super::wire::{WebClient, authorized, frame, joined, received, web_client};
use crate::harness::wait::within;

/// What a connection carries.
#[derive(Debug)]
pub enum ConnectEvent {
    /// A frame of a session.
    Frame(u32, Incoming),
    /// An answer of a stream of notices.
    Notices(u32, Box<v1::NoticeServiceWatchResponse>),
    /// A session or a stream of notices has ended.
    End(u32, rpc::Status),
    /// The answer to `keep`.
    Pong(u64),
}

/// What the connection knows of one session.
#[derive(Debug, Default)]
struct Session {
    joiner: Joiner,
    id: String,
    sent: u64,
}

/// A connection and its sessions.
#[derive(Debug)]
pub struct WebConnection {
    client: WebClient,
    token: String,
    answers: Streaming<v1::ConnectResponse>,
    sessions: HashMap<u32, Session>,
    /// The first frame.
    pub opened: v1::Opened,
}

impl WebConnection {
    /// Opens a connection.
    ///
    /// # Panics
    /// When the server is not there or refuses.
    pub async fn open(url: &str, token: &str) -> Self {
        Self::try_open(url, token).await.expect("the connection opens")
    }

    /// The same, where the server may refuse.
    ///
    /// # Errors
    /// Why it refuses.
    ///
    /// # Panics
    /// When the first frame is another one.
    pub async fn try_open(url: &str, token: &str) -> Result<Self, Status> {
        let mut client = web_client(url);
        let answers = client.connect(authorized(v1::ConnectRequest {}, token)).await?;
        let mut answers = answers.into_inner();
        let first = within("the first frame", answers.message()).await?;
        let Some(Frame::Opened(opened)) = first.and_then(|it| it.frame) else {
            panic!("the first frame is another one")
        };
        let (token, sessions) = (token.to_owned(), HashMap::new());
        Ok(Self { client, token, answers, sessions, opened })
    }

    /// Directs its further calls to another server than that of its stream, as a balancer may.
    pub fn call_at(&mut self, url: &str) {
        self.client = web_client(url);
    }

    /// Attaches a session under the token of the connection.
    ///
    /// # Errors
    /// Why the server refuses.
    pub async fn attach(&mut self, session: u32, hello: v1::Hello) -> Result<(), Status> {
        let token = self.token.clone();
        self.attach_as(&token, session, hello).await
    }

    /// The same under a token of its own.
    ///
    /// # Errors
    /// Why the server refuses.
    pub async fn attach_as(
        &mut self,
        token: &str,
        session: u32,
        hello: v1::Hello,
    ) -> Result<(), Status> {
        let connection_id = self.opened.connection_id.clone();
        let request = v1::AttachRequest { connection_id, session, hello: Some(hello) };
        self.client.attach(authorized(request, token)).await.map(drop)
    }

    /// Attaches a stream of notices, under the token of the connection where none is given.
    ///
    /// # Errors
    /// Why the server refuses.
    pub async fn attach_notices(
        &mut self,
        token: Option<&str>,
        session: u32,
        after: Option<u64>,
    ) -> Result<(), Status> {
        let connection_id = self.opened.connection_id.clone();
        let request = v1::AttachNoticesRequest { connection_id, session, after };
        let request = authorized(request, token.unwrap_or(&self.token));
        self.client.attach_notices(request).await.map(drop)
    }

    /// Attaches a session and waits for its `Welcome`.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn join(&mut self, session: u32, hello: v1::Hello) -> v1::Welcome {
        self.attach(session, hello).await.expect("is attached");
        self.welcome(session).await
    }

    /// Waits for the `Welcome` of a session; skips what comes before it.
    ///
    /// # Panics
    /// When the session ends.
    pub async fn welcome(&mut self, session: u32) -> v1::Welcome {
        loop {
            match within("a welcome", self.next()).await.expect("the connection is open") {
                ConnectEvent::Frame(number, Incoming::Welcome(welcome)) if number == session => {
                    return welcome;
                }
                ConnectEvent::End(number, status) if number == session => panic!("{status:?}"),
                _ => {}
            }
        }
    }

    /// Sends frames of a session under the token of the connection.
    ///
    /// # Errors
    /// Why the server refuses.
    pub async fn send(&mut self, session: u32, frames: Vec<Outgoing>) -> Result<(), Status> {
        let session = self.sessions.entry(session).or_default();
        let request = v1::SendRequest {
            session_id: session.id.clone(),
            first_frame: session.sent + 1,
            frames: frames.into_iter().map(frame).collect(),
        };
        session.sent += request.frames.len() as u64;
        self.client.send(authorized(request, &self.token)).await.map(drop)
    }

    /// Detaches a session.
    ///
    /// # Errors
    /// Why the server refuses.
    pub async fn detach(&mut self, session: u32) -> Result<(), Status> {
        let connection_id = self.opened.connection_id.clone();
        let request = v1::DetachRequest { connection_id, session };
        self.client.detach(authorized(request, &self.token)).await?;
        self.sessions.remove(&session);
        Ok(())
    }

    /// Keeps the connection open.
    ///
    /// # Errors
    /// Why the server refuses.
    pub async fn keep(&mut self, nonce: u64) -> Result<(), Status> {
        let connection_id = self.opened.connection_id.clone();
        let request = v1::KeepConnectionRequest { connection_id, nonce };
        self.client.keep_connection(authorized(request, &self.token)).await.map(drop)
    }

    /// The next event.
    ///
    /// # Errors
    /// The status that the connection ended with.
    pub async fn next(&mut self) -> Result<ConnectEvent, Status> {
        loop {
            let message = self.answers.message().await?;
            match message.and_then(|it| it.frame) {
                Some(Frame::Session(v1::SessionFrame { session: number, frame })) => {
                    let session = self.sessions.entry(number).or_default();
                    if let Some(whole) = joined(&mut session.joiner, received(frame)?) {
                        if let Incoming::Welcome(welcome) = &whole {
                            session.id.clone_from(&welcome.session_id);
                        }
                        return Ok(ConnectEvent::Frame(number, whole));
                    }
                }
                Some(Frame::Notices(v1::NoticeFrame { session, answer })) => {
                    let answer = Box::new(answer.unwrap_or_default());
                    return Ok(ConnectEvent::Notices(session, answer));
                }
                Some(Frame::End(v1::SessionEnd { session, status })) => {
                    self.sessions.remove(&session);
                    return Ok(ConnectEvent::End(session, status.unwrap_or_default()));
                }
                Some(Frame::Pong(v1::ConnectionPong { nonce })) => {
                    return Ok(ConnectEvent::Pong(nonce));
                }
                Some(Frame::Opened(_)) | None => return Err(Status::ok("the stream ended")),
            }
        }
    }

    /// Reads until an event is as expected.
    ///
    /// # Panics
    /// When the connection ends before.
    pub async fn until<T>(
        &mut self,
        what: &str,
        mut expected: impl FnMut(ConnectEvent) -> Option<T>,
    ) -> T {
        within(what, async {
            loop {
                let event = self.next().await.expect("the connection is open");
                if let Some(found) = expected(event) {
                    return found;
                }
            }
        })
        .await
    }

    /// Reads until a session ends. Returns its status.
    ///
    /// # Panics
    /// When the connection ends before.
    pub async fn end_of(&mut self, session: u32) -> rpc::Status {
        let ended = |event| match event {
            ConnectEvent::End(number, status) if number == session => Some(status),
            _ => None,
        };
        self.until("the end of a session", ended).await
    }

    /// Sends a ping of a session and reads until its answer: everything before it has arrived.
    ///
    /// # Panics
    /// When the session or the connection ends.
    pub async fn answers(&mut self, session: u32, nonce: u64) {
        let ping = Outgoing::Ping(v1::Ping { nonce });
        self.send(session, vec![ping]).await.expect("is open");
        let pong = |event| match event {
            ConnectEvent::Frame(number, Incoming::Pong(pong)) if number == session => {
                (pong.nonce == nonce).then_some(())
            }
            ConnectEvent::End(number, status) if number == session => panic!("{status:?}"),
            _ => None,
        };
        self.until("a pong", pong).await;
    }
}
