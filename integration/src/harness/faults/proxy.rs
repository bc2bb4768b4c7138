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

/// The state of the link between the callers and the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Bytes pass at once.
    Open,
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
    link: watch::Sender<Link>,
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
        let (link, changes) = watch::channel(Link::Open);
        let accepting = tokio::spawn(accept(listener, socket, changes));
        Self { addr, link, accepting }
    }

    /// The address at which it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Changes the link at once, for present and for new connections.
    pub fn set(&self, link: Link) {
        self.link.send_replace(link);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, socket: PathBuf, link: watch::Receiver<Link>) {
    while let Ok((caller, _)) = listener.accept().await {
        tokio::spawn(forward(caller, socket.clone(), link.clone()));
    }
}

/// Forwards one connection until a side closes it or the link ends it.
async fn forward(mut caller: TcpStream, socket: PathBuf, mut link: watch::Receiver<Link>) {
    // Nagle's algorithm would add to the delay.
    let _ = caller.set_nodelay(true);
    let is_bad = |link: &Link| matches!(link, Link::Cut | Link::Silent);
    let mut changes = link.clone();
    let carry = async {
        let Ok(mut server) = UnixStream::connect(socket).await else { return };
        let (mut from_caller, mut to_caller) = caller.split();
        let (mut from_server, mut to_server) = server.split();
        tokio::select! {
            () = pump(&mut from_caller, &mut to_server, &link) => {}
            () = pump(&mut from_server, &mut to_caller, &link) => {}
        }
    };
    let met = tokio::select! {
        // Without the sender the proxy has ended.
        met = changes.wait_for(is_bad) => met.map(|met| *met).unwrap_or(Link::Cut),
        () = carry => return,
    };
    if met == Link::Silent {
        // Open, but not read: the caller receives no byte and no reset.
        while link.changed().await.is_ok() {}
    }
    // Makes the close a reset.
    let _ = caller.set_zero_linger();
}

/// Forwards one direction until its end, each piece after the delay of the link.
async fn pump(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    link: &watch::Receiver<Link>,
) {
    let mut piece = vec![0; PIECE_BYTES];
    while let Ok(count @ 1..) = from.read(&mut piece).await {
        let link = *link.borrow();
        if let Link::Slow(late) = link {
            sleep(late).await;
        }
        if to.write_all(&piece[..count]).await.is_err() {
            return;
        }
    }
}
