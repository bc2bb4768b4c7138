//! The relay passes a call on to the server that has its session or its import.
//!
//! A web session and an import live on the server that opened them, and a balancer may send a later call to any
//! server. Their ids name that server, so another one passes the call on with the caller's own token, and returns
//! the answer. Not what the call does. Invariant: one hop only; a call that was passed on and whose session
//! or import is not there gets the answer that it is gone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::header::AUTHORIZATION;
use tokio::sync::Semaphore;
use tonic::metadata::MetadataValue;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::errors::ServiceError;
use crate::cluster::membership::Membership;
use model::NodeId;
use store::Store;
use tls::Trust;

/// How long the other server may take to be reached.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);
/// Calls that are passed on at once.
const CALLS_AT_ONCE: usize = 1_024;
/// The header of a call that was passed on already.
const PASSED_ON: &str = "gridloom-passed-on";

/// Calls to the other servers. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Relay {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    membership: Membership,
    store: Store,
    trust: Trust,
    channels: Mutex<HashMap<NodeId, Channel>>,
    places: Semaphore,
}

impl Relay {
    /// `trust` checks the certificates of servers whose address begins with `https://`.
    pub(crate) fn new(membership: Membership, store: Store, trust: Trust) -> Self {
        let (channels, places) = (Mutex::default(), Semaphore::new(CALLS_AT_ONCE));
        Self { inner: Arc::new(Inner { membership, store, trust, channels, places }) }
    }

    /// This server, as it is named in ids.
    pub(crate) fn node(&self) -> NodeId {
        self.inner.membership.node()
    }

    /// A new name for something that lives on this server.
    pub(crate) fn name(&self) -> String {
        format!("{}-{}", self.node().0.simple(), Uuid::new_v4().simple())
    }

    /// The other server that has what `id` names; `None` when it is this one, if any.
    pub(crate) fn other_node(&self, id: &str) -> Option<NodeId> {
        let (node, _) = id.split_once('-')?;
        let node = NodeId(Uuid::try_parse(node).ok()?);
        (node != self.node()).then_some(node)
    }

    /// Whether another server has passed this call on.
    pub(crate) fn has_passed_on<Q>(request: &Request<Q>) -> bool {
        request.metadata().contains_key(PASSED_ON)
    }

    /// Makes a call at another server; `gone` is the answer when that server is dead.
    pub(crate) async fn pass_on<Q, A, F>(
        &self,
        node: NodeId,
        request: Request<Q>,
        within: Duration,
        gone: Status,
        call: impl FnOnce(Channel, Request<Q>) -> F,
    ) -> Result<Response<A>, Status>
    where
        F: Future<Output = Result<Response<A>, Status>>,
    {
        if Self::has_passed_on(&request) {
            return Err(gone);
        }
        let _place = self.inner.places.try_acquire().map_err(|_| away())?;
        let Some(channel) = self.channel(node).await? else { return Err(gone) };
        let (metadata, _, message) = request.into_parts();
        let mut request = Request::new(message);
        if let Some(token) = metadata.get(AUTHORIZATION.as_str()) {
            request.metadata_mut().insert(AUTHORIZATION.as_str(), token.clone());
        }
        request.metadata_mut().insert(PASSED_ON, MetadataValue::from_static("1"));
        match tokio::time::timeout(within, call(channel, request)).await {
            Ok(Ok(answer)) => Ok(Response::new(answer.into_inner())),
            // An error of the transport, not an answer of the other server.
            Ok(Err(status)) if std::error::Error::source(&status).is_some() => {
                tracing::debug!(%node, %status, "call not passed on");
                Err(away())
            }
            Ok(Err(status)) => Err(Status::with_details(
                status.code(),
                status.message(),
                status.details().to_vec().into(),
            )),
            Err(_) => Err(away()),
        }
    }

    /// A connection to a server that lives; it is made by the first call.
    async fn channel(&self, node: NodeId) -> Result<Option<Channel>, Status> {
        let peers = self.inner.membership.peers().borrow().clone();
        let address = match peers.get(&node) {
            Some(record) => Some(record.address.clone()),
            // The server may have started since the last heartbeat.
            None => {
                let found = self.inner.store.live_node(node).await.map_err(ServiceError::from)?;
                found.map(|record| record.address)
            }
        };
        let mut channels = self.inner.channels();
        let Some(address) = address else {
            channels.remove(&node);
            return Ok(None);
        };
        if let Some(channel) = channels.get(&node) {
            return Ok(Some(channel.clone()));
        }
        let endpoint = self.endpoint(&address).map_err(|error| {
            ServiceError::internal(format!("the address {address:?} of a server: {error}"))
        })?;
        let channel = endpoint.connect_timeout(CONNECT_WITHIN).tcp_nodelay(true).connect_lazy();
        channels.retain(|known, _| peers.contains_key(known));
        channels.insert(node, channel.clone());
        Ok(Some(channel))
    }

    /// An address without a scheme is one without TLS.
    fn endpoint(&self, address: &str) -> Result<Endpoint, tonic::transport::Error> {
        if !address.starts_with("https://") {
            return Endpoint::from_shared(format!("http://{address}"));
        }
        let tls = ClientTlsConfig::new().trust_anchors(self.inner.trust.anchors());
        Endpoint::from_shared(address.to_owned())?.tls_config(tls)
    }
}

impl Inner {
    fn channels(&self) -> MutexGuard<'_, HashMap<NodeId, Channel>> {
        // Every change of the map is a single call, so a poisoned one is whole.
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn away() -> Status {
    ServiceError::Unavailable("the server that has it").into()
}
