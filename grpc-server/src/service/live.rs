//! The live service: sessions over `Collaborate`, or over `Watch` and `Send`.
//!
//! `Collaborate` carries frames both ways. `Watch` carries them to the client and `Send` to the server, for
//! browsers. Both use the same pump and the same stream. Not what an edit does: see the crate `sheet`.
//!
//! Invariant: a session is in its sheet exactly as long as its response stream lives.

pub mod frames;
mod looks;
mod pump;
mod sends;
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
use tonic::{Code, Request, Response, Status, Streaming};
use uuid::Uuid;

use self::looks::{AccountLooks, Looks};
use self::pump::Pump;
use self::sends::Sends;
use self::stream::LiveStream;
use crate::cluster::session_registry::{RegisteredSession, SessionRegistry};
use crate::edge::auth::{Auth, Identity};
use crate::edge::errors::{self, ServiceError};
use crate::edge::quotas::{Place, Quotas};
use crate::edge::relay::Relay;
use crate::edge::rights::role_check::RoleCheck;
use crate::edge::rights::session_index::IndexedSession;
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
/// Attempts to join a sheet that closes at that moment because it is idle.
const JOIN_ATTEMPTS: usize = 3;

/// Serves `gridloom.v1.LiveService`.
#[derive(Debug)]
pub struct Live {
    registry: Registry,
    auth: Arc<Auth>,
    roles: RoleCheck,
    sends: Arc<Sends>,
    sessions: SessionRegistry,
    relay: Relay,
    quotas: Arc<Quotas>,
    /// The allowance of looks of each account.
    looks: PerAccount<AccountLooks>,
}

/// A session that has asked its sheet to join.
struct Entered {
    key: SessionKey,
    registered: RegisteredSession,
    watch: IndexedSession,
    handle: SheetHandle,
    stream: SessionStream,
    identity: Identity,
    place: Place,
}

impl Entered {
    /// Its frames, and what ends it.
    fn leave(self) -> (SessionStream, stream::Leave) {
        let Self { key, registered, watch, handle, stream, place, .. } = self;
        (stream, stream::Leave::new(handle, key, registered, (watch, place)))
    }
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
    ) -> Self {
        let (sends, rate) = (Arc::default(), registry.shared().limits.account_looks());
        let looks = PerAccount::with(move || AccountLooks::new(rate));
        Self { registry, auth, roles, sends, sessions, relay, quotas, looks }
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
        let client = match hello.client_id.as_str() {
            "" => None,
            text => Some(
                convert::client_id_from_wire(text)
                    .map_err(|error| errors::convert(error.within("hello")))?,
            ),
        };
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
                self.roles.confirm(&identity, sheet, role).await;
                let registered = self.sessions.register(key.0, sheet, identity.account, kind);
                return Ok(Entered { key, registered, watch, handle, stream, identity, place });
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
            left: entered.watch.ended.clone(),
        }
    }
}

#[tonic::async_trait]
impl LiveService for Live {
    type CollaborateStream = LiveStream<v1::CollaborateResponse>;
    type WatchStream = LiveStream<v1::WatchResponse>;

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
        let (stream, leave) = entered.leave();
        Ok(Response::new(LiveStream::new(stream, leave, |frame| v1::CollaborateResponse {
            frame: Some(frame),
        })))
    }

    async fn watch(
        &self,
        request: Request<v1::WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let identity = Identity::of(&request)?;
        let hello = request
            .into_inner()
            .hello
            .ok_or_else(|| errors::malformed("hello", "must be set: it names the sheet"))?;
        let entered = self.enter(identity, hello, ClientKind::Web).await?;
        let (sender, frames) = mpsc::channel(SEND_FRAMES);
        let frames = ReceiverStream::new(frames).map(|frame| Ok(Some(frame)));
        self.tasks().spawn(self.pump(&entered).run(frames));
        let (id, account) = (entered.registered.id().to_string(), entered.identity.account);
        let entry = self.sends.open(id, account, sender);
        let (stream, leave) = entered.leave();
        Ok(Response::new(LiveStream::new(stream, leave.and(entry), |frame| v1::WatchResponse {
            frame: Some(frame),
        })))
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
