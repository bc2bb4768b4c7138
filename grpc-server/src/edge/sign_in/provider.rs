//! The OpenID provider by which people sign in: its client, its name, and the cookie that binds a sign-in to a browser.
//!
//! Not the accounts that are linked to its persons (`service::accounts`). Invariants: the cookie is sent to this server
//! alone, no script reads it, and a page of another site can't make the browser send it; what the provider has answered is
//! logged, and not sent.

use std::net::IpAddr;
use std::sync::Arc;

use model::limits::edge::{NETWORK_PROVIDER_EXCHANGES, PROVIDER_EXCHANGES, PROVIDER_SIGN_IN_VALID};
use oidc::{Flow, OidcError, Person, Provider, Settings, TokenFault};
use tls::{TlsError, Trust};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_util::sync::CancellationToken;
use tonic::metadata::MetadataMap;

use super::login_throttle::NOWHERE;
use super::networks::{Addresses, Place};
use crate::config::{ClientSecret, OidcOptions};
use crate::edge::errors::{ProviderRefusal, ServiceError};
use crate::edge::keys::browser_secrets::BrowserSecret;
use crate::edge::keys::server_key::ServerKey;
use crate::edge::refusals;

/// The page to which the provider sends the browser back.
const CALLBACK: &str = "/sign-in/callback";
const COOKIE: &str = "gridloom-sign-in";
/// With this prefix a browser takes the cookie from this host alone, over TLS.
const HOST_COOKIE: &str = "__Host-gridloom-sign-in";
/// Cookies of one request that are read at most.
const COOKIES_MOST: usize = 100;

/// The provider of a server.
#[derive(Debug)]
pub(crate) struct SignInProvider {
    client: Provider,
    /// As people know it.
    name: String,
    trusts_email: bool,
    /// Where browsers reach this server.
    server: String,
    exchanges: Semaphore,
    networks: Addresses,
}

/// The place of one code that is exchanged.
#[derive(Debug)]
pub(crate) struct Exchange<'a> {
    _share: Place,
    _place: SemaphorePermit<'a>,
}

impl SignInProvider {
    /// The provider of these settings, for a server that browsers reach at `server`; `None` without one.
    pub(crate) fn new(
        set: &OidcOptions,
        server: String,
        trust: &Trust,
    ) -> Result<Option<Arc<Self>>, TlsError> {
        let (Some(issuer), Some(client_id)) = (&set.oidc_issuer, &set.oidc_client_id) else {
            return Ok(None);
        };
        let settings = Settings {
            issuer: issuer.clone(),
            client_id: client_id.clone(),
            client_secret: set
                .oidc_client_secret
                .as_ref()
                .map(ClientSecret::expose)
                .map(str::to_owned),
            scopes: set.scopes(),
            redirect_uri: format!("{server}{CALLBACK}"),
        };
        tracing::info!(
            issuer,
            redirect_uri = settings.redirect_uri,
            "people sign in with a provider"
        );
        let client = Provider::new(settings, trust)?;
        let (name, trusts_email) = (set.shown_name(), set.oidc_trust_email);
        let exchanges = Semaphore::new(PROVIDER_EXCHANGES);
        let networks = Addresses::new(NETWORK_PROVIDER_EXCHANGES);
        Ok(Some(Arc::new(Self { client, name, trusts_email, server, exchanges, networks })))
    }

    /// Looks the provider up from time to time.
    pub(crate) async fn keep_current(self: Arc<Self>, stop: CancellationToken) {
        self.client.keep_current(stop).await;
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn issuer(&self) -> &str {
        self.client.issuer()
    }

    /// Where a browser begins a sign-in.
    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    /// Where the browser goes.
    pub(crate) fn authorization_url(&self, flow: &Flow) -> Result<String, ServiceError> {
        self.client.authorization_url(flow).map_err(|error| self.refused(&error))
    }

    /// A place for the exchange of a code.
    pub(crate) fn exchange(&self, peer: Option<IpAddr>) -> Result<Exchange<'_>, ServiceError> {
        let busy = || ServiceError::Busy("sign-ins with a provider");
        let share = self.networks.take(peer.unwrap_or(NOWHERE)).ok_or_else(busy)?;
        let place = self.exchanges.try_acquire().map_err(|_| busy())?;
        Ok(Exchange { _share: share, _place: place })
    }

    /// The person of a code.
    pub(crate) async fn identify(
        &self,
        _: &Exchange<'_>,
        code: &str,
        flow: &Flow,
    ) -> Result<Person, ServiceError> {
        self.client.identify(code, flow).await.map_err(|error| self.refused(&error))
    }

    /// The address of a person, if the provider has confirmed it.
    pub(crate) fn confirmed_email(&self, person: &Person) -> Option<String> {
        let is_confirmed = person.is_email_verified.unwrap_or(self.trusts_email);
        person.email.clone().filter(|_| is_confirmed)
    }

    /// The cookie that gives a browser its secret; without one, the cookie that takes it away.
    pub(crate) fn cookie(&self, secret: Option<&BrowserSecret>) -> String {
        let (value, seconds) = match secret {
            Some(secret) => (secret.text(), PROVIDER_SIGN_IN_VALID.as_secs()),
            None => ("", 0),
        };
        let secure = if self.is_encrypted() { "; Secure" } else { "" };
        let name = self.cookie_name();
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
    }

    /// The secret that a browser has sent.
    pub(crate) fn secret(&self, metadata: &MetadataMap, key: &ServerKey) -> Option<BrowserSecret> {
        let headers = metadata.get_all("cookie").iter().filter_map(|header| header.to_str().ok());
        let cookies = headers.flat_map(|header| header.split(';')).take(COOKIES_MOST);
        let mut ours = cookies.filter_map(|cookie| {
            let (name, value) = cookie.trim().split_once('=')?;
            (name == self.cookie_name()).then_some(value)
        });
        ours.find_map(|value| BrowserSecret::read(value, key))
    }

    fn cookie_name(&self) -> &'static str {
        if self.is_encrypted() { HOST_COOKIE } else { COOKIE }
    }

    fn is_encrypted(&self) -> bool {
        self.server.starts_with("https://")
    }

    fn refused(&self, error: &OidcError) -> ServiceError {
        if let Some(left_out) = refusals::line("sign-ins with a provider") {
            tracing::warn!(%error, left_out, "sign-in with the provider refused");
        }
        let name = self.name.clone();
        let why = match error {
            OidcError::Away(_) => ProviderRefusal::Away(name),
            OidcError::CodeRefused(_) => ProviderRefusal::Used(name),
            OidcError::Token(TokenFault::NotFresh) => ProviderRefusal::SignInAgain(name),
            OidcError::Misfit(_) | OidcError::Token(_) => ProviderRefusal::Refused(name),
        };
        why.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(server: &str) -> Arc<SignInProvider> {
        let set = OidcOptions {
            oidc_issuer: Some("https://id.example".to_owned()),
            oidc_client_id: Some("grid".to_owned()),
            ..OidcOptions::default()
        };
        let trust = Trust::new(None).expect("the machine's own");
        let made = SignInProvider::new(&set, server.to_owned(), &trust);
        made.expect("can be made").expect("is set")
    }

    #[test]
    fn the_cookie_of_a_browser_is_found_among_others() {
        let key = ServerKey::of_test(1);
        let secret = BrowserSecret::generate(&key, false).expect("random");
        for (url, name, is_secure) in [
            ("https://grid.example.org", HOST_COOKIE, true),
            ("http://127.0.0.1:7400", COOKIE, false),
        ] {
            let provider = provider(url);
            let cookie = provider.cookie(Some(&secret));
            assert!(cookie.starts_with(&format!("{name}={}; ", secret.text())), "{cookie}");
            assert!(cookie.contains("; HttpOnly; SameSite=Lax") && cookie.contains("Path=/"));
            assert!(!cookie.contains("Domain") && cookie.ends_with("; Secure") == is_secure);
            let sent = |headers: &[String]| {
                let mut metadata = MetadataMap::new();
                for header in headers {
                    metadata.append("cookie", header.parse().expect("ASCII"));
                }
                provider.secret(&metadata, &key).map(|found| found.hash())
            };
            let pair = format!("{name}={}", secret.text());
            assert_eq!(sent(&[format!("a=b; {pair}")]), Some(secret.hash()));
            assert_eq!(sent(&["a=b".into(), format!("{name}=made-up"), pair]), Some(secret.hash()));
            assert_eq!(sent(&[format!("x{name}={}", secret.text())]), None);
            assert_eq!(sent(&[]), None);
            assert!(provider.cookie(None).contains("Max-Age=0"));
        }
    }

    #[test]
    fn one_network_has_its_share_of_the_exchanges() {
        let provider = provider("https://grid.example.org");
        let from = |number: u8| provider.exchange(Some(IpAddr::from([10, 0, 0, number])));
        let held: Vec<_> = (0..NETWORK_PROVIDER_EXCHANGES).map(|_| from(1)).collect();
        assert!(held.iter().all(Result::is_ok));
        assert!(matches!(from(1), Err(ServiceError::Busy(_))));
        let others: Vec<_> = (held.len()..PROVIDER_EXCHANGES).map(|_| from(2)).collect();
        assert!(others.iter().all(Result::is_ok) && from(3).is_err(), "all have places");
        drop(held);
        assert!(from(1).is_ok());
    }

    #[test]
    fn an_address_counts_when_the_provider_has_confirmed_it() {
        let person = |is_email_verified| Person {
            subject: "ada".to_owned(),
            email: Some("ada@example.org".to_owned()),
            is_email_verified,
            name: String::new(),
        };
        let mut provider = Arc::into_inner(provider("https://grid.example.org")).expect("alone");
        assert!(provider.confirmed_email(&person(Some(true))).is_some());
        assert!(provider.confirmed_email(&person(None)).is_none());
        provider.trusts_email = true;
        assert!(provider.confirmed_email(&person(None)).is_some());
        assert!(provider.confirmed_email(&person(Some(false))).is_none(), "it says that it is not");
    }
}
