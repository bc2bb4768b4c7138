//! Opens sessions: an account with a role joins a sheet.
//!
//! Not the frames of a session (`pump`, `stream`). Invariant: a session is in the index before it joins, and its end is
//! registered, also when it fails because a part is away.

use std::sync::Arc;
use std::time::Duration;

use gridloom::convert;
use gridloom::v1;
use heavy_work::Caller;
use ot_engine::{ClientId, Revision};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};
use uuid::Uuid;

use super::pump::promised;
use super::stream::Leave;
use crate::cluster::session_registry::SessionRegistry;
use crate::edge::auth::{Auth, Identity};
use crate::edge::errors::{self, ServiceError};
use crate::edge::quotas::Quotas;
use crate::edge::rights::access::FoundRole;
use crate::edge::rights::role_check::RoleCheck;
use crate::service::place::edit_place;
use model::gesture::client_at;
use model::{ClientKind, EditPlace, SessionId, SheetId};
use sheet::Registry;
use sheet::api::message::{Join, Request as SheetRequest, SheetHandle};
use sheet::fanout::published::SessionKey;
use sheet::fanout::session::{self, SessionLimits, SessionStream};
use sheet::fanout::sessions::SessionOwner;

/// Attempts to join a sheet that closes at that moment because it is idle.
const JOIN_ATTEMPTS: usize = 3;

/// A session that has asked its sheet to join.
pub(super) struct Entered {
    pub(super) key: SessionKey,
    /// Its id in `Welcome`.
    pub(super) id: String,
    pub(super) handle: SheetHandle,
    pub(super) stream: SessionStream,
    pub(super) identity: Identity,
    /// How often its client has promised a frame.
    pub(super) silence: Option<Duration>,
    /// Cancelled when it has ended.
    pub(super) ended: CancellationToken,
    /// It leaves its sheet when this is dropped, also when its call ends before its stream begins.
    pub(super) leave: Leave,
}

/// What opens a session.
#[derive(Debug)]
pub(crate) struct SessionOpener {
    pub(crate) registry: Registry,
    pub(crate) auth: Arc<Auth>,
    pub(crate) roles: RoleCheck,
    pub(crate) sessions: SessionRegistry,
    pub(crate) quotas: Arc<Quotas>,
}

impl SessionOpener {
    /// Opens a session, and registers it also when it fails because a part is away.
    pub(super) async fn enter(
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
        let silence = promised(hello.silence_seconds)?;
        let at = edit_place("hello.place", hello.place)?;
        let place = self.quotas.session(identity.account)?;
        let FoundRole { role, asked: role_asked } =
            self.roles.access.found(&identity, sheet).await?;
        let account = self.auth.account(&identity).await?;
        let client = presented(&hello.client_id)?;
        let window = hello.window.map_or(ot_engine::Window::ALL, convert::window_from_wire);
        let resume = hello.resume.map(|point| (point.epoch, Revision(point.revision)));
        for _ in 0..JOIN_ATTEMPTS {
            let handle = self.registry.open_for(Caller::Account(identity.account), sheet).await;
            let handle = handle.map_err(errors::open)?;
            let (key, id) = (self.registry.session_key(), client.unwrap_or_else(|| new_client(at)));
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
                    name: account.display_name.clone(),
                    color: account.color,
                    person_asked: 0,
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
                return Ok(Entered { key, id, handle, stream, identity, silence, ended, leave });
            }
        }
        Err(ServiceError::Unavailable("the sheet").into())
    }

    fn session_limits(&self) -> SessionLimits {
        let limits = &self.registry.shared().limits;
        SessionLimits {
            queue_frames: limits.session_frames as usize,
            message_bytes: limits.message_bytes as usize,
        }
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

/// A client id at a place that was never issued.
fn new_client(place: Option<EditPlace>) -> ClientId {
    client_at(place, Uuid::new_v4().as_u128())
}
