//! The tokio half: connections, single calls, and live sheets that keep themselves connected.
//!
//! Not the place for protocol logic: what a frame means is [`crate::core`]'s business, and nothing
//! here looks inside a delta.

mod addresses;
mod auth;
mod error;
mod history;
mod live;
mod sheets;
mod transfer;

use std::time::Duration;

use gridloom::v1::account_service_client::AccountServiceClient;
use gridloom::v1::live_service_client::LiveServiceClient;
use gridloom::v1::sheet_service_client::SheetServiceClient;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Endpoint;

use self::addresses::Addresses;

pub use auth::Bearer;
pub use error::{Error, Refusal, Violation};
pub use history::{ChangesOptions, When};
pub use live::{Accepted, EditTicket, Looking, OpenOptions, Person, Presence, Progress, Sheet};
pub use sheets::{ListOptions, NewSheet, READ_ROWS_MAX};
pub use transfer::{Export, Import, ImportOptions, ImportProgress, Imported};

/// How long a connection attempt may take, in seconds.
const CONNECT_TIMEOUT_SECONDS: u64 = 10;
/// How often a silent connection is probed, in seconds.
const KEEPALIVE_SECONDS: u64 = 20;
/// How long a probe may stay unanswered, in seconds.
const KEEPALIVE_TIMEOUT_SECONDS: u64 = 10;
/// The largest message that is read, in bytes: far above the 4 MiB that servers keep to unless they are
/// told otherwise. Larger frames of a live sheet come in pieces.
const MAX_MESSAGE_BYTES: usize = 16 << 20;
/// HTTP/2 flow-control window of one stream, in bytes: a window of cells fits without a round trip.
const STREAM_WINDOW_BYTES: u32 = 4 << 20;
/// HTTP/2 flow-control window of a connection, in bytes.
const CONNECTION_WINDOW_BYTES: u32 = 16 << 20;

type Transport = InterceptedService<Addresses, Bearer>;

/// A connection to a server, and who is signed in on it. Cheap to clone; all clones share one
/// HTTP/2 connection, which is opened again by itself when it breaks.
#[derive(Clone, Debug)]
pub struct Client {
    addresses: Addresses,
    bearer: Bearer,
    url: String,
}

impl Client {
    /// Connects to a server, for example `http://127.0.0.1:7400`. Nobody is signed in yet.
    ///
    /// Several addresses of one server, with commas between them, are tried one after the other; when
    /// the one in use no longer answers, or lacks what it needs, calls and live sheets go on at the next.
    ///
    /// # Errors
    /// [`Error::Url`] for an address that is none, [`Error::Unreachable`] when no server answers.
    pub async fn connect(url: impl Into<String>) -> Result<Self, Error> {
        let url = url.into();
        let endpoints = endpoints(&url)?;
        let mut failure = None;
        for (number, endpoint) in endpoints.iter().enumerate() {
            match endpoint.connect().await {
                Ok(_) => return Ok(Self::at(url, &endpoints, number)),
                Err(cause) => failure = Some(cause),
            }
        }
        Err(match failure {
            Some(cause) => Error::unreachable(&url, &cause),
            None => Error::Url { url, why: "there is no address in it".to_owned() },
        })
    }

    /// The same as [`Self::connect`], without waiting: the first call connects.
    ///
    /// # Errors
    /// [`Error::Url`] for an address that is none.
    pub fn connect_lazy(url: impl Into<String>) -> Result<Self, Error> {
        let url = url.into();
        let endpoints = endpoints(&url)?;
        Ok(Self::at(url, &endpoints, 0))
    }

    fn at(url: String, endpoints: &[Endpoint], first: usize) -> Self {
        let addresses = Addresses::new(endpoints, first);
        Self { addresses, bearer: Bearer::default(), url }
    }

    /// The address that it was made with.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Which of its addresses is used now.
    pub(crate) fn turn(&self) -> usize {
        self.addresses.turn()
    }

    /// Goes on to the next address, unless that has been done since `turn`.
    pub(crate) fn turn_from(&self, turn: usize) {
        self.addresses.turn_from(turn);
    }

    pub(crate) fn accounts(&self) -> AccountServiceClient<Transport> {
        AccountServiceClient::with_interceptor(self.addresses.clone(), self.bearer.clone())
    }

    pub(crate) fn sheet_calls(&self) -> SheetServiceClient<Transport> {
        SheetServiceClient::with_interceptor(self.addresses.clone(), self.bearer.clone())
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
    }

    pub(crate) fn live_calls(&self) -> LiveServiceClient<Transport> {
        LiveServiceClient::with_interceptor(self.addresses.clone(), self.bearer.clone())
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
    }
}

/// All addresses of a server; at least one.
fn endpoints(urls: &str) -> Result<Vec<Endpoint>, Error> {
    urls.split(',').map(|url| endpoint(url.trim())).collect()
}

/// The transport's settings.
fn endpoint(url: &str) -> Result<Endpoint, Error> {
    if url.starts_with("https://") {
        return Err(Error::Url {
            url: url.to_owned(),
            why: "this client speaks http:// only; put a TLS proxy in front of it".to_owned(),
        });
    }
    let endpoint = Endpoint::from_shared(url.to_owned())
        .map_err(|cause| Error::Url { url: url.to_owned(), why: cause.to_string() })?;
    if endpoint.uri().scheme_str() != Some("http") {
        return Err(Error::Url {
            url: url.to_owned(),
            why: "it must begin with http://".to_owned(),
        });
    }
    Ok(endpoint
        .connect_timeout(Duration::from_secs(CONNECT_TIMEOUT_SECONDS))
        .tcp_nodelay(true)
        .http2_keep_alive_interval(Duration::from_secs(KEEPALIVE_SECONDS))
        .keep_alive_timeout(Duration::from_secs(KEEPALIVE_TIMEOUT_SECONDS))
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES))
}
