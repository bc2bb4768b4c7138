//! The live service: sessions over `Collaborate`, over `Watch` and `Send`, or over `Connect` and `Send`.
//!
//! `Collaborate` carries frames both ways. `Watch` carries them to the client and `Send` to the server, for
//! browsers; `Connect` carries those of many sessions, and streams of notices. All use the same pump and the same stream.
//! Not what an edit does: see the crate `sheet`.
//!
//! Invariant: a session is in its sheet exactly as long as its response stream lives, or until it is detached.

mod connection;
pub mod frames;
mod looks;
mod opener;
mod pump;
mod send_room;
mod sends;
mod slots;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use gridloom::v1::live_service_client::LiveServiceClient;
use gridloom::v1::live_service_server::LiveService;
use gridloom::v1::{self, client_frame};
use heavy_work::Caller;
use tasks::Tasks;
use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use self::connection::{ConnectFrames, Connections};
use self::looks::{AccountLooks, Looks};
use self::opener::Entered;
pub(crate) use self::opener::SessionOpener;
use self::pump::Pump;
use self::send_room::SendRoom;
use self::sends::{Queued, Sends};
use self::slots::AttachedSession;
use self::stream::LiveStream;
use crate::edge::auth::Identity;
use crate::edge::errors;
use crate::edge::large::messages::Messages;
use crate::edge::relay::Relay;
use crate::people::NoticeStreams;
use model::ClientKind;
use model::budget::PerAccount;

/// How long a stream may stay open without `Hello`.
const HELLO_WITHIN: Duration = Duration::from_secs(10);
/// Frames from `Send` that wait for the session's pump.
const SEND_FRAMES: usize = 256;
/// How long a `Send` may take that is passed on to the server that has the session. Nothing is lost when
/// it takes longer: its frames are numbered, and are sent again.
const SEND_WITHIN: Duration = Duration::from_secs(10);
/// How long an `Attach` may take that is passed on: the sheet may have to be read first.
const ATTACH_WITHIN: Duration = Duration::from_secs(30);

/// Serves `gridloom.v1.LiveService`.
#[derive(Debug)]
pub struct Live {
    opener: SessionOpener,
    sends: Arc<Sends>,
    /// The memory of the frames that wait in `sends`, or on the way to another server.
    send_room: SendRoom,
    connections: Arc<Connections>,
    relay: Relay,
    notices: NoticeStreams,
    /// Cancelled when the server shuts down.
    draining: CancellationToken,
    /// The allowance of looks of each account.
    looks: PerAccount<AccountLooks>,
}

impl Live {
    /// A service over the open sheets, and over the streams of notices.
    pub(crate) fn new(
        opener: SessionOpener,
        relay: Relay,
        notices: NoticeStreams,
        draining: CancellationToken,
    ) -> Self {
        let (sends, connections) = (Arc::default(), Arc::default());
        let rate = opener.registry.shared().limits.account_looks();
        let looks = PerAccount::with(move || AccountLooks::new(rate));
        let send_room = SendRoom::default();
        Self { opener, sends, send_room, connections, relay, notices, draining, looks }
    }

    fn tasks(&self) -> &Tasks {
        &self.opener.registry.shared().tasks
    }

    /// Starts a session whose own frames come by `Send`.
    fn start_web<T>(&self, entered: Entered, wrap: fn(v1::ServerFrame) -> T) -> LiveStream<T> {
        let (sender, frames) = mpsc::channel(SEND_FRAMES);
        let frames = ReceiverStream::new(frames).map(|queued: Queued| Ok(Some(queued.frame)));
        self.tasks().spawn(self.pump(&entered).run(frames));
        let Entered { id, identity, stream, leave, .. } = entered;
        let entry = self.sends.open(id, identity.account, sender);
        LiveStream::new(stream, leave.and(entry), wrap)
    }

    fn pump(&self, entered: &Entered) -> Pump {
        let account = entered.identity.account;
        let looks =
            Looks::new(account, &self.opener.registry.shared().limits, self.looks.of(account));
        Pump {
            key: entered.key,
            handle: entered.handle.clone(),
            auth: self.opener.auth.clone(),
            session_index: self.opener.roles.session_index.clone(),
            identity: entered.identity.clone(),
            limits: self.opener.registry.shared().edit_limits,
            looks,
            wait: Duration::ZERO,
            silence: entered.silence,
            left: entered.ended.clone(),
        }
    }
}

#[tonic::async_trait]
impl LiveService for Live {
    type CollaborateStream = LiveStream<v1::CollaborateResponse>;
    type WatchStream = LiveStream<v1::WatchResponse>;
    type ConnectStream = ConnectFrames;

    async fn collaborate(
        &self,
        request: Request<Streaming<v1::CollaborateRequest>>,
    ) -> Result<Response<Self::CollaborateStream>, Status> {
        let identity = Identity::of(&request)?;
        let mut requests = Messages::of(request, Caller::Account(identity.account));
        let hello = match tokio::time::timeout(HELLO_WITHIN, requests.next()).await {
            Ok(first) => hello(first.transpose()?)?,
            Err(_) => return Err(Status::deadline_exceeded("no hello within 10 seconds")),
        };
        let entered = self.opener.enter(identity, hello, ClientKind::Stream).await?;
        let frames = requests.map(|request| request.map(|request| request.frame));
        self.tasks().spawn(self.pump(&entered).run(frames));
        let Entered { stream, leave, .. } = entered;
        Ok(Response::new(LiveStream::new(stream, leave, |frame| v1::CollaborateResponse {
            frame: Some(frame),
        })))
    }

    async fn watch(
        &self,
        request: Request<v1::WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let identity = Identity::of(&request)?;
        let hello = named(request.into_inner().hello)?;
        let entered = self.opener.enter(identity, hello, ClientKind::Web).await?;
        let wrap = |frame| v1::WatchResponse { frame: Some(frame) };
        Ok(Response::new(self.start_web(entered, wrap)))
    }

    async fn connect(
        &self,
        request: Request<v1::ConnectRequest>,
    ) -> Result<Response<Self::ConnectStream>, Status> {
        let identity = Identity::of(&request)?;
        let place = self.opener.quotas.session(identity.account)?;
        let (connection, frames) = self.connections.open(self.relay.name(), Some(place));
        self.tasks().spawn(connection.keep(identity.time_left(), self.draining.clone()));
        Ok(Response::new(frames))
    }

    async fn attach(
        &self,
        request: Request<v1::AttachRequest>,
    ) -> Result<Response<v1::AttachResponse>, Status> {
        let identity = Identity::of(&request)?;
        if let Some(node) = self.relay.other_node(&request.get_ref().connection_id) {
            let attach =
                |channel, request| async { LiveServiceClient::new(channel).attach(request).await };
            let gone = errors::connection_gone();
            return self.relay.pass_on(node, request, ATTACH_WITHIN, gone, attach).await;
        }
        let v1::AttachRequest { connection_id, session, hello } = request.into_inner();
        let connection = self.connections.called(&connection_id)?;
        let slot = connection.reserve(session)?;
        let entered = self.opener.enter(identity, named(hello)?, ClientKind::Web).await?;
        let attached = AttachedSession {
            handle: entered.handle.clone(),
            key: entered.key,
            left: entered.ended.clone(),
        };
        connection.attach(slot, attached, self.start_web(entered, |frame| frame))?;
        Ok(Response::new(v1::AttachResponse {}))
    }

    async fn attach_notices(
        &self,
        request: Request<v1::AttachNoticesRequest>,
    ) -> Result<Response<v1::AttachNoticesResponse>, Status> {
        let identity = Identity::of(&request)?;
        if let Some(node) = self.relay.other_node(&request.get_ref().connection_id) {
            let attach = |channel, request| async {
                LiveServiceClient::new(channel).attach_notices(request).await
            };
            let gone = errors::connection_gone();
            return self.relay.pass_on(node, request, ATTACH_WITHIN, gone, attach).await;
        }
        let v1::AttachNoticesRequest { connection_id, session, after } = request.into_inner();
        let connection = self.connections.called(&connection_id)?;
        let slot = connection.reserve(session)?;
        let notices = self.notices.attach(identity, after, slot.detached.clone()).await?;
        connection.attach_notices(slot, notices)?;
        Ok(Response::new(v1::AttachNoticesResponse {}))
    }

    async fn detach(
        &self,
        request: Request<v1::DetachRequest>,
    ) -> Result<Response<v1::DetachResponse>, Status> {
        if let Some(node) = self.relay.other_node(&request.get_ref().connection_id) {
            let detach =
                |channel, request| async { LiveServiceClient::new(channel).detach(request).await };
            let gone = errors::connection_gone();
            return self.relay.pass_on(node, request, SEND_WITHIN, gone, detach).await;
        }
        let v1::DetachRequest { connection_id, session } = request.into_inner();
        self.connections.called(&connection_id)?.detach(session);
        Ok(Response::new(v1::DetachResponse {}))
    }

    async fn keep_connection(
        &self,
        request: Request<v1::KeepConnectionRequest>,
    ) -> Result<Response<v1::KeepConnectionResponse>, Status> {
        if let Some(node) = self.relay.other_node(&request.get_ref().connection_id) {
            let keep = |channel, request| async {
                LiveServiceClient::new(channel).keep_connection(request).await
            };
            let gone = errors::connection_gone();
            return self.relay.pass_on(node, request, SEND_WITHIN, gone, keep).await;
        }
        let v1::KeepConnectionRequest { connection_id, nonce } = request.into_inner();
        self.connections.called(&connection_id)?.pong(nonce);
        Ok(Response::new(v1::KeepConnectionResponse {}))
    }

    async fn send(
        &self,
        request: Request<v1::SendRequest>,
    ) -> Result<Response<v1::SendResponse>, Status> {
        let account = Identity::of(&request)?.account;
        let hold = self.send_room.take(account, &request.get_ref().frames)?;
        if let Some(node) = self.relay.other_node(&request.get_ref().session_id) {
            let send =
                |channel, request| async { LiveServiceClient::new(channel).send(request).await };
            let gone = errors::session_gone();
            return self.relay.pass_on(node, request, SEND_WITHIN, gone, send).await;
        }
        let received = self.sends.receive(account, request.into_inner(), hold).await?;
        Ok(Response::new(v1::SendResponse { received }))
    }
}

/// The `Hello` of a request.
fn named(hello: Option<v1::Hello>) -> Result<v1::Hello, Status> {
    hello.ok_or_else(|| errors::malformed("hello", "must be set: it names the sheet"))
}

/// The first frame of a stream, which must be `Hello`.
fn hello(first: Option<v1::CollaborateRequest>) -> Result<v1::Hello, Status> {
    match first.and_then(|request| request.frame).and_then(|frame| frame.frame) {
        Some(client_frame::Frame::Hello(hello)) => Ok(hello),
        _ => Err(errors::malformed("frame.hello", "must be the first frame: it names the sheet")),
    }
}
