//! A connection to a server: its addresses, its token and the transport's settings.
//!
//! It makes no call; `calls/` does. Invariant: all clones of a client share one HTTP/2 connection for each
//! address.

use std::time::Duration;

use gridloom::v1::account_service_client::AccountServiceClient;
use gridloom::v1::chat_service_client::ChatServiceClient;
use gridloom::v1::comment_service_client::CommentServiceClient;
use gridloom::v1::derivation_service_client::DerivationServiceClient;
use gridloom::v1::file_service_client::FileServiceClient;
use gridloom::v1::job_service_client::JobServiceClient;
use gridloom::v1::live_service_client::LiveServiceClient;
use gridloom::v1::notice_service_client::NoticeServiceClient;
use gridloom::v1::operator_service_client::OperatorServiceClient;
use gridloom::v1::people_service_client::PeopleServiceClient;
use gridloom::v1::sharing_service_client::SharingServiceClient;
use gridloom::v1::sheet_service_client::SheetServiceClient;
use gridloom::v1::table_service_client::TableServiceClient;
use gridloom::v1::transfer_service_client::TransferServiceClient;
use tls::Trust;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{ClientTlsConfig, Endpoint};

use super::addresses::Addresses;
use super::bearer::Bearer;
use super::error::{Error, root_cause};
use super::place::new_place;

/// Time limit of a connection attempt, in seconds.
const CONNECT_TIMEOUT_SECONDS: u64 = 10;
/// Interval between probes of an idle connection, in seconds.
const KEEPALIVE_SECONDS: u64 = 20;
/// Time limit of the answer to a probe, in seconds.
const KEEPALIVE_TIMEOUT_SECONDS: u64 = 10;
/// The largest message that is read, in bytes: far above the servers' default limit of 4 MiB. Larger frames
/// of a live sheet come in pieces.
const MAX_MESSAGE_BYTES: usize = 16 << 20;
/// HTTP/2 flow-control window of one stream, in bytes: the cells of a window need no further round trip.
const STREAM_WINDOW_BYTES: u32 = 4 << 20;
/// HTTP/2 flow-control window of a connection, in bytes.
const CONNECTION_WINDOW_BYTES: u32 = 16 << 20;

type Transport = InterceptedService<Addresses, Bearer>;

/// A connection to a server, with the token of an account. Cheap to clone. All clones share one HTTP/2
/// connection, which reconnects automatically.
#[derive(Clone, Debug)]
pub struct Client {
    addresses: Addresses,
    bearer: Bearer,
    url: String,
    place: u64,
}

impl Client {
    /// Connects to a server, for example `http://127.0.0.1:7400` or `https://grid.example.org`, without a
    /// token. With `https://`, the server's certificate must come from an authority that this machine trusts.
    ///
    /// The url may list several addresses of one server, separated by commas. The client tries them in
    /// order. When the current address does not answer or is unavailable, calls and live sheets use the
    /// next one.
    ///
    /// # Errors
    /// [`Error::Url`] for a malformed address, [`Error::Unreachable`] when no server answers.
    pub async fn connect(url: impl Into<String>) -> Result<Self, Error> {
        Self::connect_trusting(url, &machine()?).await
    }

    /// The same, with the authorities of `trust`.
    ///
    /// # Errors
    /// As [`Self::connect`].
    pub async fn connect_trusting(url: impl Into<String>, trust: &Trust) -> Result<Self, Error> {
        let url = url.into();
        let endpoints = endpoints(&url, trust)?;
        let mut failure = None;
        for (number, endpoint) in endpoints.iter().enumerate() {
            match endpoint.connect().await {
                Ok(_) => return Ok(Self::at(url, &endpoints, number)),
                Err(cause) => failure = Some(cause),
            }
        }
        Err(match failure {
            Some(cause) => Error::unreachable(&url, &cause),
            None => Error::Url {
                url,
                why: "it contains no address; write one such as http://127.0.0.1:7400".to_owned(),
            },
        })
    }

    /// Makes a client without connecting; the first call connects.
    ///
    /// # Errors
    /// [`Error::Url`] for a malformed address.
    pub fn connect_lazy(url: impl Into<String>) -> Result<Self, Error> {
        Self::connect_lazy_trusting(url, &machine()?)
    }

    /// The same, with the authorities of `trust`.
    ///
    /// # Errors
    /// [`Error::Url`] for a malformed address.
    pub fn connect_lazy_trusting(url: impl Into<String>, trust: &Trust) -> Result<Self, Error> {
        let url = url.into();
        let endpoints = endpoints(&url, trust)?;
        Ok(Self::at(url, &endpoints, 0))
    }

    fn at(url: String, endpoints: &[Endpoint], first: usize) -> Self {
        let addresses = Addresses::new(endpoints, first);
        Self { addresses, bearer: Bearer::default(), url, place: new_place() }
    }

    /// The url of [`Self::connect`].
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The number of the current address; see [`Addresses`].
    pub(crate) fn turn(&self) -> usize {
        self.addresses.turn()
    }

    /// Changes to the next address, unless that was done since `turn`.
    pub(crate) fn turn_from(&self, turn: usize) {
        self.addresses.turn_from(turn);
    }

    /// This client with a token from an earlier sign-in.
    ///
    /// # Errors
    /// [`Error::Token`] when the text can't be a token.
    pub fn with_token(&self, token: &str) -> Result<Self, Error> {
        Ok(Self { bearer: Bearer::new(token)?, ..self.clone() })
    }

    /// This client at another place: undo takes back what was done at the same place, by the same account. A program that
    /// keeps its place can undo what it did in an earlier run. 0: without a place.
    #[must_use]
    pub fn at_place(&self, place: u64) -> Self {
        Self { place, ..self.clone() }
    }

    /// The place of this client's edits: a new one for each connection, and the same one for all its clones.
    #[must_use]
    pub const fn place(&self) -> u64 {
        self.place
    }

    pub(crate) fn bearer(&self) -> &Bearer {
        &self.bearer
    }

    pub(crate) fn accounts(&self) -> AccountServiceClient<Transport> {
        AccountServiceClient::with_interceptor(self.addresses.clone(), self.bearer.clone())
    }

    pub(crate) fn chat(&self) -> ChatServiceClient<Transport> {
        ChatServiceClient::with_interceptor(self.addresses.clone(), self.bearer.clone())
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
    }

    pub(crate) fn comment_calls(&self) -> CommentServiceClient<Transport> {
        CommentServiceClient::with_interceptor(self.addresses.clone(), self.bearer.clone())
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
    }

    pub(crate) fn file_calls(&self) -> FileServiceClient<Transport> {
        FileServiceClient::with_interceptor(self.addresses.clone(), self.bearer.clone())
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
    }

    pub(crate) fn job_calls(&self) -> JobServiceClient<Transport> {
        JobServiceClient::with_interceptor(self.addresses.clone(), self.bearer.clone())
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
    }

    pub(crate) fn notice_calls(&self) -> NoticeServiceClient<Transport> {
        NoticeServiceClient::with_interceptor(self.addresses.clone(), self.bearer.clone())
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
    }

    pub(crate) fn operator_calls(&self) -> OperatorServiceClient<Transport> {
        OperatorServiceClient::with_interceptor(self.addresses.clone(), self.bearer.clone())
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
    }

    pub(crate) fn people(&self) -> PeopleServiceClient<Transport> {
        PeopleServiceClient::with_interceptor(self.addresses.clone(), self.bearer.clone())
    }

    pub(crate) fn sharing(&self) -> SharingServiceClient<Transport> {
        SharingServiceClient::with_interceptor(self.addresses.clone(), self.bearer.clone())
    }

    pub(crate) fn sheet_calls(&self) -> SheetServiceClient<Transport> {
        SheetServiceClient::with_interceptor(self.addresses.clone(), self.bearer.clone())
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
    }

    pub(crate) fn table_calls(&self) -> TableServiceClient<Transport> {
        TableServiceClient::with_interceptor(self.addresses.clone(), self.bearer.clone())
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
    }

    pub(crate) fn derivation_calls(&self) -> DerivationServiceClient<Transport> {
        DerivationServiceClient::with_interceptor(self.addresses.clone(), self.bearer.clone())
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
    }

    pub(crate) fn transfer_calls(&self) -> TransferServiceClient<Transport> {
        TransferServiceClient::with_interceptor(self.addresses.clone(), self.bearer.clone())
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
    }

    pub(crate) fn live_calls(&self) -> LiveServiceClient<Transport> {
        LiveServiceClient::with_interceptor(self.addresses.clone(), self.bearer.clone())
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
    }
}

/// The endpoints of all addresses; at least one.
fn endpoints(urls: &str, trust: &Trust) -> Result<Vec<Endpoint>, Error> {
    urls.split(',').map(|url| endpoint(url.trim(), trust)).collect()
}

/// The authorities of this machine.
fn machine() -> Result<Trust, Error> {
    Trust::new(None).map_err(|cause| Error::Trust(cause.to_string()))
}

/// The endpoint of one address, with the transport's settings.
fn endpoint(url: &str, trust: &Trust) -> Result<Endpoint, Error> {
    let malformed = |why: String| Error::Url { url: url.to_owned(), why };
    let endpoint =
        Endpoint::from_shared(url.to_owned()).map_err(|cause| malformed(cause.to_string()))?;
    let endpoint = match endpoint.uri().scheme_str() {
        Some("http") => endpoint,
        Some("https") => {
            let tls = ClientTlsConfig::new().trust_anchors(trust.anchors());
            endpoint.tls_config(tls).map_err(|cause| malformed(root_cause(&cause)))?
        }
        _ => return Err(malformed("it must begin with http:// or https://".to_owned())),
    };
    Ok(endpoint
        .connect_timeout(Duration::from_secs(CONNECT_TIMEOUT_SECONDS))
        .tcp_nodelay(true)
        .http2_keep_alive_interval(Duration::from_secs(KEEPALIVE_SECONDS))
        .keep_alive_timeout(Duration::from_secs(KEEPALIVE_TIMEOUT_SECONDS))
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES))
}
