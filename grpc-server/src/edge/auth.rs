//! Authentication: every rpc but a few needs an access token, which becomes an [`Identity`].
//!
//! Not the rights of an account: see `access`. Invariant: past `require_token`, a request for an rpc that
//! is not public has an identity in its extensions, and ends when its token is revoked.

mod calls;
mod doubted;
pub(crate) mod ending;
mod issue;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::middleware::Next;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, Response};
use tokio::sync::SetOnce;
use tonic::Status;
use tonic::transport::server::TcpConnectInfo;

pub(crate) use self::calls::Call;
use self::calls::Calls;
use self::doubted::Doubted;
use self::ending::Ending;
use super::errors::ServiceError;
use super::keys::server_key::ServerKey;
use super::keys::tokens::{self, Form, TokenHash};
use super::lookup_cache::{Asked, Key, LookupCache};
use super::refusals;
use super::sign_in::login_throttle::{NOWHERE, Networks, StrangerQueries};
use super::sign_in::networks::network;
use model::allowance::{AccountAllowance, Rate};
use model::{AccountId, AccountRecord, TokenRecord, now_micros};
use store::Store;

/// The package of the rpcs that need a token.
const PACKAGE: &str = "/gridloom.v1.";
/// The paths that need no token: an rpc, or all rpcs of a service.
const PUBLIC: [&str; 12] = [
    "/gridloom.v1.AccountService/SignUp",
    "/gridloom.v1.AccountService/SignIn",
    "/gridloom.v1.AccountService/RequestPasswordReset",
    "/gridloom.v1.AccountService/ResetPassword",
    "/gridloom.v1.AccountService/ConfirmEmail",
    "/gridloom.v1.AccountService/GetServerSettings",
    "/gridloom.v1.AccountService/BeginProviderSignIn",
    "/gridloom.v1.AccountService/FinishProviderSignIn",
    "/gridloom.v1.SharingService/EnterAsGuest",
    "/grpc.health.v1.Health/",
    "/grpc.reflection.v1.ServerReflection/",
    "/grpc.reflection.v1alpha.ServerReflection/",
];

/// The calls that end their own token.
const SIGN_OUTS: [&str; 3] = [
    "/gridloom.v1.AccountService/SignOut",
    "/gridloom.v1.AccountService/SignOutEverywhere",
    "/gridloom.v1.AccountService/DeleteAccount",
];
/// The calls whose streams end with their session, which may continue under another token.
const LIVE: [&str; 2] = ["/gridloom.v1.LiveService/Collaborate", "/gridloom.v1.LiveService/Watch"];

/// Whose call it is, and by which token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The account.
    pub account: AccountId,
    /// SHA-256 of the token.
    pub token_hash: TokenHash,
    /// When the token ends, in microseconds since the epoch.
    pub expires_micros: i64,
    /// Whether the account is a guest's: one without an e-mail address.
    pub is_guest: bool,
}

impl Identity {
    /// An account with an address, under a token that does not end, for tests.
    #[cfg(test)]
    pub(crate) fn sample(account: u128) -> Self {
        Self {
            account: AccountId(uuid::Uuid::from_u128(account)),
            token_hash: [0; 32],
            expires_micros: i64::MAX,
            is_guest: false,
        }
    }

    /// The identity that came with a call.
    ///
    /// # Errors
    /// UNAUTHENTICATED for a call without one, which `require_token` lets through only for
    /// public rpcs.
    pub fn of<T>(request: &tonic::Request<T>) -> Result<Self, Status> {
        let identity = request.extensions().get::<Self>().cloned();
        identity.ok_or_else(|| ServiceError::NoToken.into())
    }

    /// How long the access token is still valid.
    pub(crate) fn time_left(&self) -> Duration {
        let left = self.expires_micros.saturating_sub(now_micros());
        Duration::from_micros(u64::try_from(left).unwrap_or(0))
    }
}

/// Whether a connection has shown a valid token, in any of its calls, and of which account the first one was.
#[derive(Clone, Debug, Default)]
pub(crate) struct TokenShown(Arc<SetOnce<AccountId>>);

impl TokenShown {
    pub(crate) fn show(&self, account: AccountId) {
        // The only error is that one has been shown before.
        let _ = self.0.set(account);
    }

    pub(crate) fn account(&self) -> Option<AccountId> {
        self.0.get().copied()
    }

    pub(crate) fn is_shown(&self) -> bool {
        self.0.initialized()
    }

    /// Resolves when it is shown.
    pub(crate) async fn shown(&self) {
        self.0.wait().await;
    }
}

/// A token that was looked up.
#[derive(Debug)]
struct Known {
    record: TokenRecord,
    /// The moment before its query.
    asked: Asked,
}

/// A token that was given out.
#[derive(Debug)]
pub(crate) struct Issued {
    /// The token itself.
    pub(crate) token: String,
    /// When it ends.
    pub(crate) expires_micros: i64,
    /// The tokens of the account that end for it.
    pub(crate) ended: Vec<TokenHash>,
}

impl Issued {
    /// How long the token is valid from now.
    pub(crate) fn valid_seconds(&self) -> u32 {
        let left = self.expires_micros.saturating_sub(now_micros()) / 1_000_000;
        u32::try_from(left.max(0)).unwrap_or(u32::MAX)
    }
}

/// Gives out, looks up and takes back access tokens.
#[derive(Debug)]
pub struct Auth {
    store: Store,
    known: Arc<LookupCache<TokenHash, Arc<Known>>>,
    doubted: Arc<Doubted>,
    lifetime: Duration,
    key: ServerKey,
    /// Calls of each account.
    calls: AccountAllowance,
    /// Lookups of tokens that may be made up.
    unknown: Networks,
    queries: StrangerQueries,
    running: Arc<Calls>,
}

impl Auth {
    /// Tokens are valid for `lifetime`; each account may call at a rate.
    pub(crate) fn new(
        store: Store,
        lifetime: Duration,
        calls: Rate,
        key: ServerKey,
        queries: StrangerQueries,
    ) -> Self {
        let known = Arc::new(LookupCache::new(store.tasks().clone()));
        let (doubted, running) = (Arc::default(), Arc::default());
        let (calls, unknown) = (AccountAllowance::new(calls), Networks::of_unknown_tokens());
        Self { store, known, doubted, lifetime, key, calls, unknown, queries, running }
    }

    /// Whose token this is.
    ///
    /// # Errors
    /// UNAUTHENTICATED; UNAVAILABLE when the cache does not hold it and Postgres is away.
    pub async fn identify(&self, token: &str) -> Result<Identity, Status> {
        self.identify_from(token, None).await
    }

    /// The same for a token from a network, which may try a few unknown ones.
    async fn identify_from(&self, token: &str, peer: Option<IpAddr>) -> Result<Identity, Status> {
        let form = tokens::read(token, &self.key).ok_or(ServiceError::BadToken)?;
        let (hash, record) = match form {
            Form::Tagged(hash) => (hash, self.look_up(hash).await?),
            Form::Plain(hash) if self.known.has(&hash) => (hash, self.look_up(hash).await?),
            Form::Plain(hash) => (hash, self.look_up_unknown(hash, peer).await?),
        };
        let TokenRecord { account, expires_micros } = &record.record;
        let (account, expires_micros, is_guest) =
            (account.id, *expires_micros, account.email.is_empty());
        Ok(Identity { account, token_hash: hash, expires_micros, is_guest })
    }

    /// Looks up a token that may be made up: within the network's limit, and in a turn of strangers.
    async fn look_up_unknown(
        &self,
        hash: TokenHash,
        peer: Option<IpAddr>,
    ) -> Result<Arc<Known>, ServiceError> {
        let network = network(peer.unwrap_or(NOWHERE));
        let what = "unknown access tokens";
        self.unknown.take(network).map_err(|after| {
            refusals::log(what, &network);
            ServiceError::TooManyAttempts { what, after }
        })?;
        let _turn = self.queries.turn().await?;
        let record = self.look_up(hash).await?;
        self.unknown.give_back(network);
        Ok(record)
    }

    /// Whose token a call came with, if it may call now.
    async fn admit(&self, token: &str, peer: Option<IpAddr>) -> Result<Identity, Status> {
        let identity = self.identify_from(token, peer).await?;
        self.calls.take(identity.account).map_err(|after| {
            refusals::log("calls of one account", &identity.account);
            ServiceError::TooManyCalls(after)
        })?;
        Ok(identity)
    }

    /// The account behind an identity.
    pub(crate) async fn account(&self, identity: &Identity) -> Result<AccountRecord, ServiceError> {
        Ok(self.look_up(identity.token_hash).await?.record.account.clone())
    }

    /// Something that a call has begun and that lasts longer than the call: it ends with the call's token.
    pub(crate) fn begin(&self, identity: &Identity) -> Call {
        self.running.begin(identity.token_hash, identity.account)
    }

    /// Ends the calls of a token, and asks Postgres again at the next one: the token was revoked.
    pub(crate) fn forget(&self, hash: &TokenHash) {
        self.known.forget(hash);
        self.running.revoke(hash);
    }

    /// Asks Postgres again about each token of an account, of which some were revoked. Gives those that have calls under
    /// way.
    pub(crate) fn doubt(&self, account: AccountId) -> Vec<TokenHash> {
        self.doubted.add(account);
        self.running.tokens_of(account)
    }

    /// The tokens of the calls under way, some of which last as long as their client stays.
    pub(crate) fn running_tokens(&self) -> Vec<TokenHash> {
        self.running.all()
    }

    /// Asks Postgres again at the next call of a token: its account was changed.
    pub(crate) fn ask_again(&self, hash: &TokenHash) {
        self.known.forget(hash);
    }

    /// Asks Postgres again about each token: invalidations may be lost.
    pub(crate) fn doubt_all(&self) {
        self.known.doubt_all();
    }

    /// Whether a token is valid still.
    ///
    /// # Errors
    /// As for [`Auth::identify`].
    pub(crate) async fn check(&self, identity: &Identity) -> Result<(), Status> {
        Ok(self.look_up(identity.token_hash).await.map(drop)?)
    }

    async fn look_up(&self, hash: TokenHash) -> Result<Arc<Known>, ServiceError> {
        loop {
            let question = || {
                let (store, asked) = (self.store.clone(), self.doubted.asked());
                async move {
                    let record = store.token(&hash).await?;
                    Ok(record.map(|record| Arc::new(Known { record, asked })))
                }
            };
            // With Postgres away, known tokens stay valid.
            let known = self.known.look_up(hash, question).await?.ok_or(ServiceError::BadToken)?;
            if known.record.expires_micros <= now_micros() {
                self.known.forget(&hash);
                return Err(ServiceError::BadToken);
            }
            if !self.doubted.since(known.record.account.id, known.asked) {
                return Ok(known);
            }
            // The next answer is newer, unless the account is doubted once more meanwhile.
            self.known.forget(&hash);
        }
    }
}

impl Key for TokenHash {
    type Group = Self;

    fn group(&self) -> &Self {
        self
    }
}

/// Whether a path is answered without a token: a public rpc, or no rpc of this package.
pub(crate) fn is_public(path: &str) -> bool {
    let is = |public: &str| path == public || public.ends_with('/') && path.starts_with(public);
    !path.starts_with(PACKAGE) || PUBLIC.iter().any(|public| is(public))
}

/// Puts the caller's identity into a request, or refuses it.
pub(crate) async fn require_token(
    State(auth): State<Arc<Auth>>,
    mut request: Request<Body>,
    next: Next,
) -> Response<Body> {
    let path = request.uri().path();
    if is_public(path) {
        return next.run(request).await;
    }
    let (is_sign_out, is_live) = (SIGN_OUTS.contains(&path), LIVE.contains(&path));
    let identity = match bearer(request.headers()) {
        Some(token) => auth.admit(token, peer(&request)).await,
        None => Err(ServiceError::NoToken.into()),
    };
    let identity = match identity {
        Ok(identity) => identity,
        Err(status) => return status.into_http(),
    };
    if let Some(token) = request.extensions().get::<TokenShown>() {
        token.show(identity.account);
    }
    let call = auth.begin(&identity);
    let (account, path) = (identity.account, path.to_owned());
    request.extensions_mut().insert(identity);
    // It ends its own token.
    if is_sign_out {
        return next.run(request).await;
    }
    let response = tokio::select! {
        response = next.run(request) => response,
        () = call.revoked() => return revoked().into_http(),
    };
    refusals::log_call(account, &path, response.headers());
    match is_live {
        true => response,
        false => response.map(|body| {
            Body::new(Ending::new(body, async move {
                call.revoked().await;
                revoked()
            }))
        }),
    }
}

fn revoked() -> Status {
    ServiceError::BadToken.into()
}

/// The address of the caller.
fn peer(request: &Request<Body>) -> Option<IpAddr> {
    Some(request.extensions().get::<TcpConnectInfo>()?.remote_addr()?.ip())
}

/// The token of `authorization: Bearer TOKEN`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
