//! What stands between an accepted connection and HTTP: nothing, or TLS.
//!
//! Not HTTP itself: see `connections`. Invariant: at a port that serves TLS, no router but
//! [`router::without_tls`] answers a connection without it.

mod certificate;
mod handshakes;
mod stream;
mod vanished;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use self::certificate::Certificate;
use self::handshakes::Handshakes;
pub(super) use self::stream::Stream;
use super::router;
use crate::config::TlsOptions;
use tls::TlsError;

/// The first byte of each connection of TLS: a record of its handshake.
const HANDSHAKE_RECORD: u8 = 0x16;

/// How the port speaks. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Transport(Option<Arc<Tls>>);

#[derive(Debug)]
struct Tls {
    certificate: Certificate,
    handshakes: Handshakes,
}

/// A connection that is ready for HTTP.
pub(super) struct Opened {
    pub(super) stream: Stream,
    pub(super) router: Router,
    pub(super) local_addr: Option<SocketAddr>,
}

impl Transport {
    /// Reads the certificate, where one is given.
    ///
    /// # Errors
    /// [`TlsError`] when its files can't be used.
    pub(super) async fn load(options: &TlsOptions) -> Result<Self, TlsError> {
        let (Some(certificate), Some(key)) = (&options.tls_cert, &options.tls_key) else {
            return Ok(Self(None));
        };
        let certificate = Certificate::load(certificate.clone(), key.clone()).await?;
        Ok(Self(Some(Arc::new(Tls { certificate, handshakes: Handshakes::default() }))))
    }

    /// Whether the port serves TLS.
    pub(super) fn is_encrypted(&self) -> bool {
        self.0.is_some()
    }

    /// Reads the files of the certificate at intervals, until `stop`.
    pub(super) async fn keep_current(self, stop: CancellationToken) {
        if let Some(tls) = self.0 {
            tls.certificate.keep_current(stop).await;
        }
    }

    /// Makes a connection ready, with the router that answers it; `None` when it has ended.
    pub(super) async fn open(
        self,
        stream: TcpStream,
        router: Router,
        peer: SocketAddr,
    ) -> Option<Opened> {
        // Without it, a small frame would wait for the answer to the one before.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%peer, %error, "connection lost before its first byte");
            return None;
        }
        vanished::bound(&stream);
        let local_addr = stream.local_addr().ok();
        let Some(tls) = self.0 else {
            return Some(Opened { stream: Stream::Plain(stream), router, local_addr });
        };
        match tls.handshakes.run(tls.handshake(stream)).await {
            Ok(stream @ Stream::Tls(_)) => Some(Opened { stream, router, local_addr }),
            Ok(stream) => {
                tls.handshakes.refused(peer, &"it speaks no TLS; its client needs https://");
                Some(Opened { stream, router: router::without_tls(), local_addr })
            }
            Err(error) => {
                tls.handshakes.refused(peer, &error);
                None
            }
        }
    }
}

impl Tls {
    /// A stream of TLS, or the stream as it is when the client does not begin with a handshake.
    async fn handshake(&self, stream: TcpStream) -> io::Result<Stream> {
        let mut first = [0];
        match stream.peek(&mut first).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ if first[0] != HANDSHAKE_RECORD => Ok(Stream::Plain(stream)),
            _ => {
                let acceptor = TlsAcceptor::from(self.certificate.current());
                Ok(Stream::Tls(Box::new(acceptor.accept(stream).await?)))
            }
        }
    }
}
