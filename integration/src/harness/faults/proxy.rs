//! A TCP proxy in front of a Unix socket that can delay, reset or silence its connections.
//!
//! Not a parser: it forwards opaque bytes. Invariant: the forwarded bytes are complete and in order, and a
//! silenced connection never forwards again, as behind a firewall that dropped its state.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// Bytes of one read.
const PIECE_BYTES: usize = 64 << 10;

/// How the proxy treats its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// Bytes pass at once.
    Clear,
    /// Bytes pass after this delay, each way.
    Slow(Duration),
    /// Connections are reset, and so is each new one.
    Cut,
    /// No byte passes and no connection closes. Connections of that time stay silent until they end.
    Silent,
}

/// A running proxy; it ends with its handle.
#[derive(Debug)]
pub struct Proxy {
    addr: SocketAddr,
    weather: watch::Sender<Weather>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy from a free port to a socket.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn start(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("bound");
        let (weather, forecast) = watch::channel(Weather::Clear);
        let accepting = tokio::spawn(accept(listener, socket, forecast));
        Self { addr, weather, accepting }
    }

    /// The address at which it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Changes the weather at once, for present and for new connections.
    pub fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, socket: PathBuf, weather: watch::Receiver<Weather>) {
    while let Ok((caller, _)) = listener.accept().await {
        tokio::spawn(forward(caller, socket.clone(), weather.clone()));
    }
}

/// Forwards one connection until a side closes it or the weather ends it.
async fn forward(mut caller: TcpStream, socket: PathBuf, mut weather: watch::Receiver<Weather>) {
    // Nagle's algorithm would add to the delay.
    let _ = caller.set_nodelay(true);
    let is_bad = |weather: &Weather| matches!(weather, Weather::Cut | Weather::Silent);
    let mut forecast = weather.clone();
    let carry = async {
        let Ok(mut server) = UnixStream::connect(socket).await else { return };
        let (mut from_caller, mut to_caller) = caller.split();
        let (mut from_server, mut to_server) = server.split();
        tokio::select! {
            () = pump(&mut from_caller, &mut to_server, &weather) => {}
            () = pump(&mut from_server, &mut to_caller, &weather) => {}
        }
    };
    let met = tokio::select! {
        // Without the sender the proxy has ended.
        met = forecast.wait_for(is_bad) => met.map(|met| *met).unwrap_or(Weather::Cut),
        () = carry => return,
    };
    if met == Weather::Silent {
        // Open, but not read: the caller receives no byte and no reset.
        while weather.changed().await.is_ok() {}
    }
    // Makes the close a reset.
    let _ = caller.set_zero_linger();
}

/// Forwards one direction until its end, each piece after the delay of the weather.
async fn pump(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    weather: &watch::Receiver<Weather>,
) {
    let mut piece = vec![0; PIECE_BYTES];
    while let Ok(count @ 1..) = from.read(&mut piece).await {
        let weather = *weather.borrow();
        if let Weather::Slow(late) = weather {
            sleep(late).await;
        }
        if to.write_all(&piece[..count]).await.is_err() {
            return;
        }
    }
}
