//! Takes connections and serves HTTP/1.1 and HTTP/2 on them.
//!
//! Its own loop rather than tonic's, because at the end of a drain it must be able to cut the
//! connections that are left: each holds the whole server. Invariant: when [`serve`] returns, no
//! connection is left.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tonic::transport::server::TcpConnectInfo;
use tower::ServiceExt as _;

use super::guard::Traffic;
use super::outlet::{Answer, TimedStreams};
use super::strangers::Strangers;
use super::transport::{Opened, Transport};
use super::{layers, proxy_header};
use crate::config::{Options, ProxyOptions};
use crate::edge::networks::{Addresses, Place, network};
use crate::edge::refusals;
use model::limits::edge::{
    CONNECTION_STREAMS, CONNECTION_WINDOW_BYTES, CONNECTIONS, HEADER_BYTES, KEEPALIVE_EVERY,
    KEEPALIVE_WITHIN, STREAM_SEND_BYTES, STREAM_WINDOW_BYTES,
};

/// How long to wait when the system has no room for another connection.
const NO_ROOM: Duration = Duration::from_millis(100);

/// What all connections of a port share. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Port {
    transport: Transport,
    addresses: Addresses,
    proxies: Arc<ProxyOptions>,
}

impl Port {
    pub(super) fn new(options: &Options, transport: Transport) -> Self {
        let addresses = Addresses::new(options.address_connections);
        Self { transport, addresses, proxies: Arc::new(options.proxies.clone()) }
    }

    /// How the port speaks.
    pub(super) fn transport(&self) -> Transport {
        self.transport.clone()
    }

    /// Makes a connection ready for HTTP; `None` when it is refused or has ended.
    async fn open(self, mut stream: TcpStream, router: Router, peer: SocketAddr) -> Option<Ready> {
        let (mut caller, mut is_proxys) = (peer, false);
        if self.proxies.trusts(peer.ip()) {
            match proxy_header::read(&mut stream).await {
                Ok(Some(named)) => caller = named,
                Ok(None) => is_proxys = true,
                Err(error) => {
                    if let Some(left_out) = refusals::line("PROXY headers") {
                        tracing::warn!(proxy = %peer, %error, left_out, "connection refused");
                    }
                    return None;
                }
            }
        }
        // A proxy's own connections take no share: they are its health checks.
        let place = match is_proxys {
            true => None,
            false => match self.addresses.take(caller.ip()) {
                Some(place) => Some(place),
                None => {
                    refusals::log("connections", &network(caller.ip()));
                    return None;
                }
            },
        };
        let opened = self.transport.open(stream, router, caller).await?;
        Some(Ready { opened, caller, place })
    }
}

/// A connection that is ready for HTTP.
struct Ready {
    opened: Opened,
    /// The caller's address, behind a trusted proxy too.
    caller: SocketAddr,
    place: Option<Place>,
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
    let builder = builder();
    loop {
        tokio::select! {
            // The server is about to stop.
            () = drain.cancelled() => break,
            // A connection has ended. Its errors concern the client alone.
            Some(_) = connections.join_next() => {}
            // A new one.
            accepted = listener.accept(), if connections.len() < CONNECTIONS => match accepted {
                Ok((stream, peer)) => {
                    let opened = port.clone().open(stream, router.clone(), peer);
                    connections.spawn(connection(builder.clone(), opened, drain.clone()));
                }
                Err(error) => refused(&error).await,
            },
        }
    }
}

fn builder() -> Builder<TimedStreams> {
    let mut builder = Builder::new(TimedStreams);
    // The timer also enforces the time within which headers must have arrived.
    builder.http1().timer(TokioTimer::new());
    builder
        .http2()
        .timer(TokioTimer::new())
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_concurrent_streams(CONNECTION_STREAMS)
        .max_send_buf_size(STREAM_SEND_BYTES)
        .max_header_list_size(HEADER_BYTES)
        .keep_alive_interval(KEEPALIVE_EVERY)
        .keep_alive_timeout(KEEPALIVE_WITHIN);
    builder
}

async fn connection(
    builder: Builder<TimedStreams>,
    opened: impl Future<Output = Option<Ready>>,
    drain: CancellationToken,
) {
    let Some(Some(ready)) = drain.run_until_cancelled(opened).await else { return };
    let Ready { opened: Opened { stream, router, local_addr }, caller, place: _place } = ready;
    let info = TcpConnectInfo { local_addr, remote_addr: Some(caller) };
    let (traffic, strangers) = (Traffic::default(), Strangers::default());
    let requests = traffic.clone();
    let service = tower::service_fn(move |mut request: Request<Incoming>| {
        requests.request();
        request.extensions_mut().insert(info.clone());
        answer(router.clone(), strangers.clone(), request)
    });
    let connection = builder
        .serve_connection(TokioIo::new(traffic.on(stream)), TowerToHyperService::new(service));
    tokio::pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        // The client connected and sends nothing.
        () = traffic.silence() => return,
        // The client does not read what is written.
        () = traffic.stuck() => return tracing::debug!(%caller, "connection cut: its peer does not read"),
        () = drain.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%caller, error, "connection ended");
    }
}

/// Out of file descriptors or memory: the condition passes, and an immediate retry would only cost time.
async fn refused(error: &io::Error) {
    let client_gone =
        matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset);
    if !client_gone {
        tracing::warn!(%error, "connections not accepted; retrying, check the limit of open files");
        tokio::time::sleep(NO_ROOM).await;
    }
}

/// Answers one request, in the task that serves its stream.
async fn answer(
    router: Router,
    strangers: Strangers,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let place = match strangers.admit(&request) {
        Ok(place) => place,
        Err(refused) => return Ok(layers::secured(*refused).await),
    };
    let response = router.oneshot(request).await?;
    Ok(response.map(|body| Body::new(Answer::new(body, place))))
}
