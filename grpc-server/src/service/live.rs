//! The live service: sessions over `Collaborate`, over `Watch` and `Send`, or over `Connect` and `Send`.
//!
//! `Collaborate` carries frames both ways. `Watch` carries them to the client and `Send` to the server, for
//! browsers; `Connect` carries those of many sessions. All use the same pump and the same stream. Not what an edit
//! does: see the crate `sheet`.
//!
//! Invariant: a session is in its sheet exactly as long as its response stream lives, or until it is detached.

mod connection;
pub mod frames;
mod looks;
mod pump;
mod sends;
mod slots;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use gridloom::convert;
use gridloom::v1::live_service_client::LiveServiceClient;
use gridloom::v1::live_service_server::LiveService;
use gridloom::v1::{self, client_frame};
use heavy_work::Caller;
use ot_engine::{ClientId, Revision};
use tasks::Tasks;
use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Request, Response, Status, Streaming};
use uuid::Uuid;

use self::connection::{ConnectFrames, Connections};
use self::looks::{AccountLooks, Looks};
use self::pump::Pump;
use self::sends::Sends;
use self::slots::AttachedSession;
use self::stream::{Leave, LiveStream};
use crate::cluster::session_registry::SessionRegistry;
use crate::edge::auth::{Auth, Identity};
use crate::edge::errors::{self, ServiceError};
use crate::edge::quotas::Quotas;
use crate::edge::relay::Relay;
use crate::edge::rights::role_check::RoleCheck;
use model::budget::PerAccount;
use model::{ClientKind, SessionId, SheetId};
use sheet::Registry;
use sheet::api::message::{Join, Request as SheetRequest, SheetHandle};
use sheet::fanout::published::SessionKey;
use sheet::fanout::session::{self, SessionLimits, SessionStream};
use sheet::fanout::sessions::SessionOwner;

/// How long a stream may stay open without `Hello`.
const HELLO_WITHIN: Duration = Duration::from_secs(10);
/// Frames from `Send` that wait for the session's pump.
const SEND_FRAMES: usize = 256;
/// How long a `Send` may take that is passed on to the server that has the session. Nothing is lost when
/// it takes longer: its frames are numbered, and are sent again.
const SEND_WITHIN: Duration = Duration::from_secs(10);
/// How long an `Attach` may take that is passed on: the sheet may have to be read first.
const ATTACH_WITHIN: Duration = Duration::from_secs(30);
/// Attempts to join a sheet that closes at that moment because it is idle.
const JOIN_ATTEMPTS: usize = 3;

/// Serves `gridloom.v1.LiveService`.
#[derive(Debug)]
pub struct Live {
    registry: Registry,
    auth: Arc<Auth>,
    roles: RoleCheck,
    sends: Arc<Sends>,
    connections: Arc<Connections>,
    /// Cancelled when the server shuts down.
    draining: CancellationToken,
    sessions: SessionRegistry,
    relay: Relay,
    quotas: Arc<Quotas>,
    /// The allowance of looks of each account.
    looks: PerAccount<AccountLooks>,
}

/// A session that has asked its sheet to join.
struct Entered {
    key: SessionKey,
    /// Its id in `Welcome`.
    id: String,
    handle: SheetHandle,
    stream: SessionStream,
    identity: Identity,
    /// Cancelled when it has ended.
    ended: CancellationToken,
    /// It leaves its sheet when this is dropped, also when its call ends before its stream begins.
    leave: Leave,
}

impl Live {
    /// A service over the open sheets.
    pub(crate) fn new(
        registry: Registry,
        auth: Arc<Auth>,
        roles: RoleCheck,
        sessions: SessionRegistry,
        relay: Relay,
        quotas: Arc<Quotas>,
        draining: CancellationToken,
    ) -> Self {
        let (sends, connections) = (Arc::default(), Arc::default());
        let rate = registry.shared().limits.account_looks();
        let looks = PerAccount::with(move || AccountLooks::new(rate));
        Self { registry, auth, roles, sends, connections, draining, sessions, relay, quotas, looks }
    }

    /// Opens a session, and registers it also when it fails because a part is away.
    async fn enter(
        &self,
        identity: Identity,
        hello: v1::Hello,
        kind: ClientKind,
    ) -> Result<Entered, Status> {
        let sheet: SheetId = hello
            .sheet_id
            .parse()
            .map_err(|_| errors::malformed("hello.sheet_id", "is no sheet id"))?;
        let account = identity.account;
        let entered = self.join(identity, sheet, hello, kind).await;
        if let Err(status) = &entered
            && status.code() == Code::Unavailable
            && !self.registry.is_draining()
        {
            let number = self.registry.session_key().0;
            self.sessions.failed(number, sheet, account, kind, status.message());
        }
        entered
    }

    async fn join(
        &self,
        identity: Identity,
        sheet: SheetId,
        hello: v1::Hello,
        kind: ClientKind,
    ) -> Result<Entered, Status> {
        let place = self.quotas.session(identity.account)?;
        let role_asked = self.roles.access.next_lookup();
        let role = self.roles.access.role(&identity, sheet).await?;
        let name = self.auth.account(&identity).await?.display_name;
        let client = presented(&hello.client_id)?;
        let window = hello.window.map_or(ot_engine::Window::ALL, convert::window_from_wire);
        let resume = hello.resume.map(|point| (point.epoch, Revision(point.revision)));
        for _ in 0..JOIN_ATTEMPTS {
            let handle = self.registry.open_for(Caller::Account(identity.account), sheet).await;
            let handle = handle.map_err(errors::open)?;
            let (key, id) = (self.registry.session_key(), client.unwrap_or_else(new_client));
            let limits = self.session_limits();
            let room = self.registry.shared().memory.frames.of(identity.account);
            let status_of = errors::refusal_to_wire;
            let (outbox, stream) =
                session::channel(key, id, window.clone(), status_of, limits, room);
            let session = SessionId { node: self.sessions.node(), number: key.0 };
            let join = Join {
                key,
                session_id: session.to_string(),
                owner: SessionOwner {
                    account: identity.account,
                    token_hash: identity.token_hash,
                    role,
                    role_asked,
                    name: name.clone(),
                },
                client: id,
                presented: client.is_some(),
                resume,
                window: window.clone(),
                outbox,
            };
            // A token that was revoked before the session was in the index is refused by the check.
            let of = (sheet, identity.account);
            let watch = self.roles.session_index.begin(key.0, of, identity.token_hash);
            self.auth.check(&identity).await?;
            if handle.send(SheetRequest::Join(Box::new(join))).await.is_ok() {
                let ended = watch.ended.clone();
                let registered = self.sessions.register(key.0, sheet, identity.account, kind);
                let leave = Leave::new(handle.clone(), key, registered, (watch, place));
                self.roles.confirm(&identity, sheet, role).await;
                let id = session.to_string();
                return Ok(Entered { key, id, handle, stream, identity, ended, leave });
            }
        }
        Err(ServiceError::Unavailable("the sheet").into())
    }

    fn tasks(&self) -> &Tasks {
        &self.registry.shared().tasks
    }

    fn session_limits(&self) -> SessionLimits {
        let limits = &self.registry.shared().limits;
        SessionLimits {
            queue_frames: limits.session_frames as usize,
            message_bytes: limits.message_bytes as usize,
        }
    }

    /// Starts a session whose own frames come by `Send`.
    fn start_web<T>(&self, entered: Entered, wrap: fn(v1::ServerFrame) -> T) -> LiveStream<T> {
        let (sender, frames) = mpsc::channel(SEND_FRAMES);
        let frames = ReceiverStream::new(frames).map(|frame| Ok(Some(frame)));
        self.tasks().spawn(self.pump(&entered).run(frames));
        let Entered { id, identity, stream, leave, .. } = entered;
        let entry = self.sends.open(id, identity.account, sender);
        LiveStream::new(stream, leave.and(entry), wrap)
    }

    fn pump(&self, entered: &Entered) -> Pump {
        let account = entered.identity.account;
        let looks = Looks::new(account, &self.registry.shared().limits, self.looks.of(account));
        Pump {
            key: entered.key,
            handle: entered.handle.clone(),
            auth: self.auth.clone(),
            session_index: self.roles.session_index.clone(),
            identity: entered.identity.clone(),
            limits: self.registry.shared().edit_limits,
            looks,
            wait: Duration::ZERO,
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
        let mut requests = request.into_inner();
        let hello = match tokio::time::timeout(HELLO_WITHIN, requests.message()).await {
            Ok(first) => hello(first?)?,
            Err(_) => return Err(Status::deadline_exceeded("no hello within 10 seconds")),
        };
        let entered = self.enter(identity, hello, ClientKind::Stream).await?;
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
        let entered = self.enter(identity, hello, ClientKind::Web).await?;
        let wrap = |frame| v1::WatchResponse { frame: Some(frame) };
        Ok(Response::new(self.start_web(entered, wrap)))
    }

    async fn connect(
        &self,
        request: Request<v1::ConnectRequest>,
    ) -> Result<Response<Self::ConnectStream>, Status> {
        let identity = Identity::of(&request)?;
        let place = self.quotas.session(identity.account)?;
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
        let entered = self.enter(identity, named(hello)?, ClientKind::Web).await?;
        let attached = AttachedSession {
            handle: entered.handle.clone(),
            key: entered.key,
            left: entered.ended.clone(),
        };
        connection.attach(slot, attached, self.start_web(entered, |frame| frame))?;
        Ok(Response::new(v1::AttachResponse {}))
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
        let identity = Identity::of(&request)?;
        if let Some(node) = self.relay.other_node(&request.get_ref().session_id) {
            let send =
                |channel, request| async { LiveServiceClient::new(channel).send(request).await };
            let gone = errors::session_gone();
            return self.relay.pass_on(node, request, SEND_WITHIN, gone, send).await;
        }
        let v1::SendRequest { session_id, first_frame, frames } = request.into_inner();
        let received =
            self.sends.receive(&session_id, identity.account, first_frame, frames).await?;
        Ok(Response::new(v1::SendResponse { received }))
    }
}

/// The client id that a `Hello` presents.
fn presented(client_id: &str) -> Result<Option<ClientId>, Status> {
    if client_id.is_empty() {
        return Ok(None);
    }
    let read = convert::client_id_from_wire(client_id);
    read.map(Some).map_err(|error| errors::convert(error.within("hello")))
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

/// A client id that was never issued.
fn new_client() -> ClientId {
    // The highest bit marks a client's commands.
    ClientId(Uuid::new_v4().as_u128() & (u128::MAX >> 1))
}
