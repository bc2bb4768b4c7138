//! The bare transport: streams of the same tonic version to a server that echoes each message.
//!
//! Not Gridloom: messages are opaque bytes, as long as an edit of one cell, and neither end decodes them. Invariant:
//! the echo server is a process of its own, as the server is.

use std::convert::Infallible;
use std::fmt;
use std::io::{Read, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde::Serialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_stream::wrappers::ReceiverStream;
use tonic::codegen::{BoxFuture, Context, Poll, Service};
use tonic::server::{NamedService, StreamingService};
use tonic::transport::{Channel, Server, server::TcpIncoming};
use tonic::{Request, Response, Status, Streaming};
use tonic_prost::ProstCodec;

use crate::load::clients::connect::channels;
use crate::load::conditions::Conditions;
use crate::load::error::LoadError;
use crate::load::measure::clock::Clock;
use crate::load::measure::latency::{Percentiles, row};
use crate::load::measure::tally::{Measured, Tally};
use crate::load::options::Options;

/// Bytes of a message: those of an edit that sets one cell.
const MESSAGE_BYTES: usize = 40;
/// The flag that makes a program of this crate the echo server.
pub(crate) const SERVE_FLAG: &str = "--serve-echo";
/// The path of the echo method.
const PATH: &str = "/load.Echo/Echo";
/// HTTP/2 flow-control windows of the echo server, in bytes; as wide as the client's.
const WINDOW_BYTES: u32 = 4 << 20;

type Codec = ProstCodec<Bytes, Bytes>;

/// The bare transport.
#[derive(Clone, Debug, Serialize)]
pub struct EchoReport {
    /// Messages there and back, of all streams together.
    pub echo_per_second: f64,
    /// From the sending of a message to its return.
    pub echo_us: Percentiles,
    /// The conditions.
    #[serde(flatten)]
    pub conditions: Conditions,
}

impl fmt::Display for EchoReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        row(f, "echo", Some(self.echo_per_second), self.echo_us)?;
        write!(f, "{} streams", self.conditions.writers)
    }
}

/// The streams of an echo measurement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) streams: u32,
    pub(crate) connections: u32,
    /// Messages of one stream in flight.
    pub(crate) in_flight: usize,
    /// Seconds that do not count.
    pub(crate) warm_up: f64,
    /// Seconds that count.
    pub(crate) seconds: f64,
}

/// Measures the streams that the options name.
pub(crate) async fn report(options: &Options) -> Result<EchoReport, LoadError> {
    let load = Load {
        streams: options.writers,
        connections: options.connections(),
        in_flight: options.in_flight(),
        warm_up: options.warm_up,
        seconds: options.seconds,
    };
    let tally = measure(&load).await?;
    Ok(EchoReport {
        echo_per_second: tally.edits as f64 / options.seconds,
        echo_us: tally.accepted.percentiles(),
        conditions: Conditions::new(options),
    })
}

/// Measures streams to an echo server in a process of its own.
pub(crate) async fn measure(load: &Load) -> Result<Tally, LoadError> {
    // Held to the end: the server ends with it.
    let (_server, url) = start().await?;
    let channels = channels(std::slice::from_ref(&url), load.connections).await?;
    let clock = Clock::new();
    let begin = Instant::now() + Duration::from_secs_f64(load.warm_up);
    let end = begin + Duration::from_secs_f64(load.seconds);
    let measured = Measured { from: clock.at(begin), to: clock.at(end), by_due: false };
    let mut streams = JoinSet::new();
    for number in 0..load.streams as usize {
        let channel = channels[number % channels.len()].clone();
        streams.spawn(echo(channel, load.in_flight, clock, measured));
    }
    let mut tally = Tally::new(measured);
    while let Some(joined) = streams.join_next().await {
        tally.add(&joined.map_err(|error| LoadError::server("an echo", error))??);
    }
    Ok(tally)
}

/// One stream, with `in_flight` messages in flight.
async fn echo(
    channel: Channel,
    in_flight: usize,
    clock: Clock,
    measured: Measured,
) -> Result<Tally, LoadError> {
    let fail = |status: Status| LoadError::server("the echo", status);
    let (sender, queue) = mpsc::channel(in_flight);
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready().await.map_err(|error| LoadError::server("the echo", error))?;
    let path = http::uri::PathAndQuery::from_static(PATH);
    let request = Request::new(ReceiverStream::new(queue));
    let answers = grpc.streaming(request, path, Codec::default()).await;
    let mut answers: Streaming<Bytes> = answers.map_err(fail)?.into_inner();
    let mut tally = Tally::new(measured);
    for _ in 0..in_flight {
        send(&sender, clock);
    }
    while let Some(message) = answers.message().await.map_err(fail)? {
        let now = clock.now();
        let sent = message.first_chunk().map_or(now, |at| u64::from_be_bytes(*at));
        tally.accept(sent, now);
        if now >= measured.to {
            break;
        }
        send(&sender, clock);
    }
    Ok(tally)
}

fn send(sender: &mpsc::Sender<Bytes>, clock: Clock) {
    let mut message = [0_u8; MESSAGE_BYTES];
    message[..8].copy_from_slice(&clock.now().to_be_bytes());
    // The queue has room for all messages in flight.
    let _ = sender.try_send(Bytes::copy_from_slice(&message));
}

/// Starts this program again, as the echo server.
async fn start() -> Result<(Child, String), LoadError> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg(SERVE_FLAG)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let output = child.stdout.take().ok_or_else(|| std::io::Error::other("no output"))?;
    let mut url = String::new();
    BufReader::new(output).read_line(&mut url).await?;
    Ok((child, url.trim().to_owned()))
}

/// Serves the echo until standard input ends, as it does when the generator ends.
pub(crate) async fn serve() -> Result<(), LoadError> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), "http://{}", listener.local_addr()?)?;
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let gone = async {
        // An error is an end, too.
        let _ = tokio::task::spawn_blocking(|| std::io::stdin().read(&mut [0])).await;
    };
    Server::builder()
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .add_service(Echo)
        .serve_with_incoming_shutdown(incoming, gone)
        .await
        .map_err(|error| LoadError::server("serving the echo", error))
}

/// The service, written by hand because it has no `.proto`.
#[derive(Clone, Copy, Debug)]
struct Echo;

impl NamedService for Echo {
    const NAME: &'static str = "load.Echo";
}

impl StreamingService<Bytes> for Echo {
    type Response = Bytes;
    type ResponseStream = Streaming<Bytes>;
    type Future = BoxFuture<Response<Self::ResponseStream>, Status>;

    fn call(&mut self, request: Request<Streaming<Bytes>>) -> Self::Future {
        Box::pin(async move { Ok(Response::new(request.into_inner())) })
    }
}

impl Service<http::Request<tonic::body::Body>> for Echo {
    type Response = http::Response<tonic::body::Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<tonic::body::Body>) -> Self::Future {
        Box::pin(async move {
            if request.uri().path() != PATH {
                return Ok(Status::unimplemented("only the echo is served").into_http());
            }
            Ok(tonic::server::Grpc::new(Codec::default()).streaming(Echo, request).await)
        })
    }
}
