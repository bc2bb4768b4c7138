//! Takes connections and serves HTTP/1.1 and HTTP/2 on them.
//!
//! Its own loop rather than tonic's, because at the end of a drain it must be able to cut the
//! connections that are left: each holds the whole server. Invariant: when [`serve`] returns, no
//! connection is left.

mod turned_away;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tasks::Tasks;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tonic::transport::server::TcpConnectInfo;
use tower::ServiceExt as _;

use super::guard::Traffic;
use super::outlet::{Answer, TimedStreams, timed};
use super::peer::table::{Entry, Table};
use super::peer::{Bounds, Peer};
use super::requests::layers;
use super::strangers::Strangers;
use super::transport::{Opened, Transport};
use super::{descriptors, proxy_header};
use crate::config::{Options, ProxyOptions};
use crate::edge::connection_end::ConnectionEnd;
use crate::edge::sign_in::networks::network;
use crate::edge::{auth, refusals};
use model::limits::edge::{
    CONNECTION_HELD_BYTES, CONNECTION_STREAMS, CONNECTIONS_ENDING, HEADER_BYTES, HTTP_1_BYTES,
    IDLE_ENDS_WITHIN, KEEPALIVE_EVERY, KEEPALIVE_WITHIN, NETWORK_HELD_BYTES,
    NETWORK_STRANGERS_HELD_BYTES, SERVER_HELD_BYTES, SERVER_STRANGERS_HELD_BYTES,
    STREAM_SEND_BYTES, STREAM_WINDOW_BYTES,
};

/// About the memory of one header beside its text.
const HEADER_ENTRY: usize = 64;
/// How long to wait when the system has no room for another connection.
const RETRY_ACCEPT: Duration = Duration::from_millis(100);

/// What all connections of a port share. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Port {
    transport: Transport,
    table: Arc<Table>,
    proxies: Arc<ProxyOptions>,
    /// Of the streams of all connections.
    tasks: Tasks,
}

impl Port {
    pub(super) fn new(options: &Options, transport: Transport) -> Self {
        let table = Table::new(bounds(options, descriptors::connections()));
        let (proxies, tasks) = (Arc::new(options.proxies.clone()), Tasks::new());
        Self { transport, table, proxies, tasks }
    }

    /// The owner of the tasks of all connections.
    pub(super) fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// How the port speaks.
    pub(super) fn transport(&self) -> Transport {
        self.transport.clone()
    }

    /// The place of a connection that comes from its caller alone; `None` behind a proxy, which names the caller first.
    fn place(&self, peer: SocketAddr) -> Option<Result<Entry, NoRoom>> {
        (!self.proxies.trusts(peer.ip())).then(|| self.enter(Some(peer)))
    }

    /// Makes a connection ready for HTTP, in its place if it has one; `None` when it is refused or has ended.
    async fn open(
        self,
        mut stream: TcpStream,
        router: Router,
        peer: SocketAddr,
        place: Option<Result<Entry, NoRoom>>,
    ) -> Option<Ready> {
        let (caller, place) = match place {
            Some(place) => (peer, place),
            None => match proxy_header::read(&mut stream).await {
                Ok(Some(named)) => (named, self.enter(Some(named))),
                // A proxy's own connections take no share: they are its health checks.
                Ok(None) => (peer, self.enter(None)),
                Err(error) => {
                    if let Some(left_out) = refusals::line("PROXY headers") {
                        tracing::warn!(proxy = %peer, %error, left_out, "connection refused");
                    }
                    return None;
                }
            },
        };
        let Ok(entry) = place else {
            refusals::log("connections", &network(caller.ip()));
            // Without a handshake nothing can be answered.
            if !self.transport.is_encrypted() {
                turned_away::answer(stream).await;
            }
            return None;
        };
        let ended = entry.peer.clone();
        let opened = tokio::select! {
            opened = self.transport.open(stream, router, caller) => opened?,
            () = ended.ended() => return None,
        };
        Some(Ready { opened, caller, entry })
    }

    fn enter(&self, caller: Option<SocketAddr>) -> Result<Entry, NoRoom> {
        self.table.enter(caller.map(|caller| caller.ip())).ok_or(NoRoom)
    }
}

/// There are as many connections as there may be.
struct NoRoom;

/// The bounds of these options; with few descriptors one network still has less than half of the connections.
fn bounds(options: &Options, connections: usize) -> Bounds {
    let message = options.limits.message_bytes as usize;
    let held_of_connection = CONNECTION_HELD_BYTES.max(message * 16);
    let held_of_network = NETWORK_HELD_BYTES.max(held_of_connection * 2);
    let held_of_server = SERVER_HELD_BYTES.max(held_of_network * 2);
    let of_network = (options.address_connections as usize).min(connections / 5 * 2);
    Bounds {
        connections,
        of_network,
        held_of_connection,
        held_of_network,
        held_of_server,
        strangers_of_network: NETWORK_STRANGERS_HELD_BYTES,
        strangers_of_server: SERVER_STRANGERS_HELD_BYTES,
    }
}

/// A connection that is ready for HTTP.
struct Ready {
    opened: Opened,
    /// The caller's address, behind a trusted proxy too.
    caller: SocketAddr,
    entry: Entry,
}

/// Serves until `drain` (no new connections; those at hand are asked to end) and, at the latest,
/// until `cut` (those that are left are closed).
pub(super) async fn serve(
    listener: TcpListener,
    port: Port,
    router: Router,
    drain: CancellationToken,
    cut: CancellationToken,
) {
    let mut connections = JoinSet::new();
    accept(&listener, &port, router, &drain, &mut connections).await;
    drop(listener);
    tokio::select! {
        () = cut.cancelled() => connections.shutdown().await,
        () = async { while connections.join_next().await.is_some() {} } => {}
    }
}

/// Takes connections until `drain`; dropping them closes them.
pub(super) async fn accept(
    listener: &TcpListener,
    port: &Port,
    router: Router,
    drain: &CancellationToken,
    connections: &mut JoinSet<()>,
) {
    // A few more than there may be: one that is closed for a new one ends a moment later.
    let most = port.table.connections() + CONNECTIONS_ENDING;
    loop {
        tokio::select! {
            // The server is about to stop.
            () = drain.cancelled() => break,
            // A connection has ended. Its errors concern the client alone.
            Some(_) = connections.join_next() => {}
            // A new one.
            accepted = listener.accept(), if connections.len() < most => match accepted {
                Ok((stream, peer)) => {
                    // Here and not in its task: tasks begin in any order, and an older connection that enters
                    // later would close this one.
                    let place = port.place(peer);
                    let opened = port.clone().open(stream, router.clone(), peer, place);
                    let tasks = port.tasks().clone();
                    connections.spawn(connection(opened, tasks, drain.clone()));
                }
                Err(error) => refused(&error).await,
            },
        }
    }
}

fn builder(window: u32, tasks: Tasks) -> Builder<TimedStreams> {
    let mut builder = Builder::new(TimedStreams(tasks));
    // The timer also enforces the time within which headers must have arrived.
    builder.http1().timer(TokioTimer::new()).max_buf_size(HTTP_1_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .initial_stream_window_size(STREAM_WINDOW_BYTES.min(window))
        .initial_connection_window_size(window)
        .max_concurrent_streams(CONNECTION_STREAMS)
        .max_send_buf_size(STREAM_SEND_BYTES)
        .max_header_list_size(HEADER_BYTES)
        .keep_alive_interval(KEEPALIVE_EVERY)
        .keep_alive_timeout(KEEPALIVE_WITHIN);
    builder
}

async fn connection(
    opened: impl Future<Output = Option<Ready>>,
    tasks: Tasks,
    drain: CancellationToken,
) {
    let Some(Some(ready)) = drain.run_until_cancelled(opened).await else { return };
    let Ready { opened: Opened { stream, router, local_addr }, caller, entry } = ready;
    let info = TcpConnectInfo { local_addr, remote_addr: Some(caller) };
    let (traffic, strangers, peer) = (Traffic::default(), Strangers::default(), entry.peer.clone());
    let requests = traffic.clone();
    let (end, _ends) = ConnectionEnd::of_new();
    let service = tower::service_fn(move |mut request: Request<Incoming>| {
        requests.request();
        request.extensions_mut().insert(info.clone());
        request.extensions_mut().insert(end.clone());
        answer(router.clone(), strangers.clone(), Arc::clone(&peer), request)
    });
    let peer = &entry.peer;
    let builder = builder(peer.window, tasks);
    let connection = builder
        .serve_connection(TokioIo::new(traffic.on(stream)), TowerToHyperService::new(service));
    tokio::pin!(connection);
    let bounds = async {
        tokio::select! {
            // Another connection needs its place, or the room of its bytes.
            () = peer.ended() => "another one needs its place or its room",
            () = traffic.silence() => "its client sends nothing",
            () = traffic.stuck() => "its peer does not read",
        }
    };
    tokio::pin!(bounds);
    let ending = async {
        tokio::select! {
            () = drain.cancelled() => None,
            () = peer.idle() => Some(IDLE_ENDS_WITHIN),
        }
    };
    let within = tokio::select! {
        served = timed(connection.as_mut()) => return ended(caller, served),
        why = &mut bounds => return tracing::debug!(%caller, why, "connection cut"),
        within = ending => within,
    };
    // Calls under way end as they would, also those that begin before the client knows of it.
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        served = timed(connection) => ended(caller, served),
        why = bounds => tracing::debug!(%caller, why, "connection cut"),
        () = peer.silent_for(within.unwrap_or_default()), if within.is_some() => {
            tracing::debug!(%caller, "idle connection cut");
        }
    }
}

fn ended<E: std::fmt::Display>(caller: SocketAddr, served: Option<Result<(), E>>) {
    match served {
        Some(Ok(())) => {}
        Some(Err(error)) => tracing::debug!(%caller, %error, "connection ended"),
        None => tracing::debug!(%caller, "connection cut: its peer does not read its answer"),
    }
}

/// Out of file descriptors or memory: the condition passes, and an immediate retry would only cost time.
async fn refused(error: &io::Error) {
    let client_gone =
        matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset);
    if !client_gone {
        tracing::warn!(%error, "connections not accepted; retrying, check the limit of open files");
        tokio::time::sleep(RETRY_ACCEPT).await;
    }
}

/// Answers one request, in the task that serves its stream.
async fn answer(
    router: Router,
    strangers: Strangers,
    peer: Arc<Peer>,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let is_public = auth::is_public(request.uri().path());
    let mut call = match peer.begin(head_bytes(&request)) {
        Ok(call) => call,
        Err(full) => {
            let code = StatusCode::TOO_MANY_REQUESTS;
            let refused = layers::refusal(request.headers(), full.into(), code);
            return Ok(layers::secured(refused).await);
        }
    };
    match strangers.admit(&request, is_public, peer.token()).await {
        Ok(place) => call.take(place),
        Err(refused) => return Ok(layers::secured(*refused).await),
    }
    request.extensions_mut().insert(peer.token().clone());
    request.extensions_mut().insert(Arc::clone(&peer));
    let answered = router.oneshot(request);
    tokio::pin!(answered);
    let response = tokio::select! {
        biased;
        response = &mut answered => response?,
        () = peer.token().shown(), if !peer.token().is_shown() => {
            peer.recount();
            answered.await?
        }
    };
    peer.recount();
    call.answered(is_public);
    Ok(response.map(|body| Body::new(Answer::new(body, Some(call)))))
}

/// About the memory of a request's head.
fn head_bytes<B>(request: &Request<B>) -> usize {
    let headers = request.headers().iter();
    let headers = headers.map(|(name, value)| name.as_str().len() + value.len() + HEADER_ENTRY);
    headers.sum::<usize>() + request.uri().path().len() + HEADER_ENTRY
}
