//! Requests to the provider: one connection each, bounded in bytes and time, with the certificate checked.
//!
//! Not what is asked. A redirect is not followed: no endpoint of OpenID Connect needs one. The operator chooses the
//! provider, so an address of the own network is allowed. Invariant: no error repeats a request.

use std::fmt::Display;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tls::{Check, TlsError, Trust};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::OidcError;

/// From the look-up of the host to the last byte of the answer.
const WITHIN: Duration = Duration::from_secs(10);
/// The largest answer: a set of keys, with their certificates.
const ANSWER_BYTES: usize = 512 * 1024;
const AGENT: HeaderValue = HeaderValue::from_static("gridloom");

/// Asks a provider.
pub(crate) struct Http {
    tls: TlsConnector,
}

/// An answer of the provider.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The answer as JSON, if it is a success.
    pub(crate) fn json<T: DeserializeOwned>(&self, what: &str) -> Result<T, OidcError> {
        if !self.status.is_success() {
            return Err(OidcError::Away(format!("{what} answers {}", self.status)));
        }
        serde_json::from_slice(&self.body)
            .map_err(|error| OidcError::Misfit(format!("{what} can't be read: {error}")))
    }
}

impl Http {
    pub(crate) fn new(trust: &Trust) -> Result<Self, TlsError> {
        let config = trust.client_config(Check::Name)?;
        Ok(Self { tls: TlsConnector::from(Arc::new(config)) })
    }

    /// Reads an address, perhaps with a header `authorization`.
    pub(crate) async fn get(
        &self,
        url: &Uri,
        authorization: Option<&str>,
    ) -> Result<Answer, OidcError> {
        self.send(url, Method::GET, String::new(), authorization).await
    }

    /// Posts a form.
    pub(crate) async fn post(
        &self,
        url: &Uri,
        form: String,
        authorization: Option<&str>,
    ) -> Result<Answer, OidcError> {
        self.send(url, Method::POST, form, authorization).await
    }

    async fn send(
        &self,
        url: &Uri,
        method: Method,
        form: String,
        authorization: Option<&str>,
    ) -> Result<Answer, OidcError> {
        let request =
            request(url, method, form, authorization).map_err(|error| away(url, error))?;
        match tokio::time::timeout(WITHIN, self.exchange(url, request)).await {
            Ok(answer) => answer,
            Err(_) => Err(away(url, format_args!("no answer within {WITHIN:?}"))),
        }
    }

    async fn exchange(
        &self,
        url: &Uri,
        request: Request<Full<Bytes>>,
    ) -> Result<Answer, OidcError> {
        let is_encrypted = url.scheme_str() == Some("https");
        let host = url.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port = url.port_u16().unwrap_or(if is_encrypted { 443 } else { 80 });
        let stream = TcpStream::connect((host.as_str(), port)).await;
        let stream = stream.map_err(|error| away(url, error))?;
        if !is_encrypted {
            return talk(url, stream, request).await;
        }
        let name = ServerName::try_from(host).map_err(|error| away(url, error))?;
        let stream = self.tls.connect(name, stream).await.map_err(|error| away(url, error))?;
        talk(url, stream, request).await
    }
}

fn request(
    url: &Uri,
    method: Method,
    form: String,
    authorization: Option<&str>,
) -> Result<Request<Full<Bytes>>, http::Error> {
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    // A user in an address is no part of the host.
    let host = url.authority().map_or("", |it| it.as_str());
    let host = host.rsplit('@').next().unwrap_or_default();
    let mut builder = Request::builder()
        .method(&method)
        .uri(path)
        .header(HOST, host)
        .header(CONNECTION, "close")
        .header(USER_AGENT, AGENT)
        .header(ACCEPT, "application/json");
    if method == Method::POST {
        builder = builder.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    if let Some(authorization) = authorization {
        let mut value = HeaderValue::try_from(authorization)?;
        value.set_sensitive(true);
        builder = builder.header(AUTHORIZATION, value);
    }
    builder.body(Full::from(form))
}

async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    url: &Uri,
    stream: S,
    request: Request<Full<Bytes>>,
) -> Result<Answer, OidcError> {
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| away(url, error))?;
    let exchange = async {
        let (head, body) =
            sender.send_request(request).await.map_err(|error| away(url, error))?.into_parts();
        let body = Limited::new(body, ANSWER_BYTES).collect().await;
        let body = body.map_err(|error| away(url, error))?.to_bytes();
        Ok(Answer { status: head.status, body })
    };
    let (mut exchange, mut connection) = (pin!(exchange), pin!(connection));
    tokio::select! {
        answer = &mut exchange => answer,
        // The answer has arrived before the connection has ended, or the exchange reports why not.
        _ = &mut connection => exchange.await,
    }
}

/// The error names the host alone: an address may hold what is secret.
fn away(url: &Uri, error: impl Display) -> OidcError {
    let host = url.host().unwrap_or_default();
    OidcError::Away(format!("{host} is not reached: {error}"))
}
