//! Takes connections and serves HTTP/1.1 and HTTP/2 on them.
//!
//! Its own loop rather than tonic's, because at the end of a drain it must be able to cut the
//! connections that are left: each holds the whole server. Invariant: when [`serve`] returns, no
//! connection is left.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tonic::transport::server::TcpConnectInfo;
use tower::ServiceExt as _;

use super::guard::Traffic;
use super::layers;
use super::outlet::{Answer, TimedStreams};
use super::strangers::Strangers;
use super::transport::{Opened, Transport};
use crate::edge::networks::{Addresses, Place};
use model::limits::edge::{
    CONNECTION_STREAMS, CONNECTION_WINDOW_BYTES, CONNECTIONS, HEADER_BYTES, KEEPALIVE_EVERY,
    KEEPALIVE_WITHIN, STREAM_SEND_BYTES, STREAM_WINDOW_BYTES,
};

/// How long to wait when the system has no room for another connection.
const NO_ROOM: Duration = Duration::from_millis(100);

/// Serves until `drain` (no new connections; those at hand are asked to end) and, at the latest,
/// until `cut` (those that are left are closed).
pub(super) async fn serve(
    listener: TcpListener,
    transport: Transport,
    router: Router,
    addresses: Addresses,
    drain: CancellationToken,
    cut: CancellationToken,
) {
    let mut connections = JoinSet::new();
    accept(&listener, &transport, router, addresses, &drain, &mut connections).await;
    drop(listener);
    tokio::select! {
        () = cut.cancelled() => connections.shutdown().await,
        () = async { while connections.join_next().await.is_some() {} } => {}
    }
}

/// Takes connections until `drain`; dropping them closes them.
pub(super) async fn accept(
    listener: &TcpListener,
    transport: &Transport,
    router: Router,
    addresses: Addresses,
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
                Ok((stream, peer)) => match addresses.take(peer.ip()) {
                    Some(place) => {
                        let (builder, router) = (builder.clone(), router.clone());
                        let (transport, drain) = (transport.clone(), drain.clone());
                        let opened = transport.open(stream, router, peer);
                        connections.spawn(connection(builder, opened, (peer, place), drain));
                    }
                    None => tracing::debug!(%peer, "connection refused: its address has too many"),
                },
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
    opened: impl Future<Output = Option<Opened>>,
    (peer, _place): (SocketAddr, Place),
    drain: CancellationToken,
) {
    let Some(Some(opened)) = drain.run_until_cancelled(opened).await else { return };
    let Opened { stream, router, local_addr } = opened;
    let info = TcpConnectInfo { local_addr, remote_addr: Some(peer) };
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
        () = traffic.stuck() => return tracing::debug!(%peer, "connection cut: its peer does not read"),
        () = drain.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%peer, error, "connection ended");
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
