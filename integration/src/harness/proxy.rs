//! A TCP port that leads to a Unix socket, and the weather on the way: slow, cut, or silent.
//!
//! It knows nothing of what passes. Invariant: what it forwards, it forwards whole and in order; a
//! connection that met silence never says anything again, as behind a firewall that forgot it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// What is forwarded at once, in bytes.
const PIECE_BYTES: usize = 64 << 10;

/// What becomes of what passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// It passes.
    Clear,
    /// It passes so much later, each way.
    Slow(Duration),
    /// Connections are reset, and so is each new one.
    Cut,
    /// Nothing passes, and nobody is told. Connections that are there now stay so for ever.
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
    /// Leads a free port to a socket.
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

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Changes the weather, at once, for connections that are there and those to come.
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
        tokio::spawn(pass_on(caller, socket.clone(), weather.clone()));
    }
}

/// Carries one connection until either side closes it or the weather does.
async fn pass_on(mut caller: TcpStream, socket: PathBuf, mut weather: watch::Receiver<Weather>) {
    // Delays are to be those that were asked for.
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
        // A sender that is gone takes the whole proxy with it.
        met = forecast.wait_for(is_bad) => met.map(|met| *met).unwrap_or(Weather::Cut),
        () = carry => return,
    };
    if met == Weather::Silent {
        // Held, not read: whoever sends hears nothing, not even that nobody is there.
        while weather.changed().await.is_ok() {}
    }
    // Without lingering, closing says "reset" and not "done".
    let _ = caller.set_zero_linger();
}

/// Forwards until the end of what comes, each piece as late as the weather says.
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
