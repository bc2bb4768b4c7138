//! A request with its redirects: each address on the way is checked, and the whole has one bound in time.
//!
//! Not the connection (`connect`), and no second attempt. Invariants: the headers that a caller has chosen reach the origin of the
//! first address alone; a request is never sent a second time to the same place, unless that redirects to itself; an error behind a
//! redirect has no host that an answer to a secret has chosen.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONNECTION, HOST, HeaderMap, USER_AGENT};
use http::{HeaderValue, Method, Request};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use model::limits::outbound::{
    OUTBOUND_CONNECT, OUTBOUND_FIRST_BYTE, OUTBOUND_HEAD_BYTES, OUTBOUND_REDIRECTS,
};
use tls::{Check, TlsError, Trust};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::address::HostName;
use crate::answer::{self, Answer};
use crate::connect::{connected, resolved};
use crate::{Address, Allowed, OutboundError};

const AGENT: HeaderValue = HeaderValue::from_static("gridloom");

/// Asks other servers. Cheap to clone.
#[derive(Clone)]
pub struct Outbound(Arc<Parts>);

struct Parts {
    /// Absent: there is no authority, so no certificate can be checked.
    tls: Option<TlsConnector>,
    allowed: Allowed,
    within: Duration,
}

/// What one request has led to.
enum Step {
    Answer(Answer),
    Redirect(String),
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound").field("allowed", &self.0.allowed).finish_non_exhaustive()
    }
}

impl Outbound {
    /// A client that trusts these authorities, with the exceptions of the operator; a request with its redirects ends within a
    /// time.
    ///
    /// # Errors
    /// [`TlsError`]
    pub fn new(trust: &Trust, allowed: Allowed, within: Duration) -> Result<Self, TlsError> {
        let tls = match trust.is_empty() {
            true => None,
            false => Some(TlsConnector::from(Arc::new(trust.client_config(Check::Name)?))),
        };
        Ok(Self(Arc::new(Parts { tls, allowed, within })))
    }

    /// Looks the host of an address up, and checks where it leads. A later request checks it again.
    ///
    /// # Errors
    /// [`OutboundError::Refused`], [`OutboundError::Unreached`]
    pub async fn check(&self, address: &Address) -> Result<(), OutboundError> {
        resolved(address, &self.0.allowed).await.map(drop)
    }

    /// Reads an address, with headers that stay at its origin.
    ///
    /// # Errors
    /// [`OutboundError`]
    pub async fn get(
        &self,
        address: &Address,
        headers: &HeaderMap,
    ) -> Result<Answer, OutboundError> {
        let within = self.0.within;
        match timeout(within, self.follow(address, headers)).await {
            Ok(answer) => answer,
            Err(_) => {
                let host = address.host_text();
                let text = format!("{host} has not answered within {within:?}");
                Err(OutboundError::Unreached(text))
            }
        }
    }

    async fn follow(&self, first: &Address, headers: &HeaderMap) -> Result<Answer, OutboundError> {
        let none = HeaderMap::new();
        let has_secret = first.has_query() || headers.values().any(HeaderValue::is_sensitive);
        let (mut address, mut headers) = (first.clone(), headers);
        for _ in 0..=OUTBOUND_REDIRECTS {
            match self.step(&address, headers).await? {
                Step::Answer(answer) => return Ok(answer),
                Step::Redirect(location) => {
                    let next = address.redirected(&location)?;
                    let is_away = !next.has_origin_of(first);
                    if is_away {
                        // Also where a later redirect leads back: the place in between has chosen the address.
                        headers = &none;
                    }
                    address = if is_away && has_secret { next.hidden_behind(first) } else { next };
                }
            }
        }
        let host = first.host_text();
        let text = format!("{host} redirects more than {OUTBOUND_REDIRECTS} times");
        Err(OutboundError::Answer(text))
    }

    /// One request on a connection of its own.
    async fn step(&self, address: &Address, headers: &HeaderMap) -> Result<Step, OutboundError> {
        let request = request(address, headers)?;
        let found = resolved(address, &self.0.allowed).await?;
        let stream = connected(address, &found).await?;
        if !address.is_encrypted() {
            return talk(address, stream, request).await;
        }
        talk(address, self.encrypted(address, stream).await?, request).await
    }

    async fn encrypted(
        &self,
        address: &Address,
        stream: TcpStream,
    ) -> Result<tokio_rustls::client::TlsStream<TcpStream>, OutboundError> {
        let host = address.host_text();
        let failed = |why: String| OutboundError::Unreached(format!("{host} has no TLS: {why}"));
        let name = match address.host() {
            HostName::Ip(ip) => ServerName::from(ip),
            HostName::Name(name) => {
                ServerName::try_from(name).map_err(|error| failed(error.to_string()))?
            }
        };
        let Some(tls) = &self.0.tls else {
            let text = format!(
                "{host} is not asked: this server knows no authority by which to check its certificate"
            );
            return Err(OutboundError::Answer(text));
        };
        let agreed = timeout(OUTBOUND_CONNECT, tls.connect(name, stream)).await;
        let agreed =
            agreed.map_err(|_| failed(format!("no agreement within {OUTBOUND_CONNECT:?}")))?;
        agreed.map_err(|error| {
            failed(match address.is_hidden() {
                // The error may have the name that was expected.
                true => "the agreement has failed".to_owned(),
                false => error.to_string(),
            })
        })
    }
}

fn request(address: &Address, headers: &HeaderMap) -> Result<Request<Empty<Bytes>>, OutboundError> {
    let mut builder = Request::builder()
        .method(Method::GET)
        .uri(address.target())
        .header(HOST, address.authority())
        .header(CONNECTION, "close")
        .header(ACCEPT_ENCODING, "identity");
    for (name, value) in
        [(USER_AGENT, AGENT), (ACCEPT, HeaderValue::from_static("application/json"))]
    {
        if !headers.contains_key(&name) {
            builder = builder.header(name, value);
        }
    }
    for (name, value) in headers {
        builder = builder.header(name, value);
    }
    let malformed =
        OutboundError::Malformed("has a part that can't be sent; encode it by percent signs");
    builder.body(Empty::new()).map_err(|_| malformed)
}

async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    address: &Address,
    stream: S,
    request: Request<Empty<Bytes>>,
) -> Result<Step, OutboundError> {
    let host = address.host_text();
    let broken =
        |error: hyper::Error| OutboundError::Unreached(format!("{host} does not answer: {error}"));
    let mut builder = http1::Builder::new();
    builder.max_buf_size(OUTBOUND_HEAD_BYTES);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let exchange = async {
        let answer = timeout(OUTBOUND_FIRST_BYTE, sender.send_request(request)).await;
        let late = |_| {
            OutboundError::Unreached(format!(
                "{host} has not answered within {OUTBOUND_FIRST_BYTE:?}"
            ))
        };
        let answer = answer.map_err(late)?.map_err(broken)?;
        match answer::location(answer.status(), answer.headers()) {
            Some(location) => Ok(Step::Redirect(location)),
            None => answer::read(host, answer).await.map(Step::Answer),
        }
    };
    let (mut exchange, mut connection) = (pin!(exchange), pin!(connection));
    tokio::select! {
        step = &mut exchange => step,
        // The answer has arrived before the connection has ended, or the exchange reports why not.
        _ = &mut connection => exchange.await,
    }
}
