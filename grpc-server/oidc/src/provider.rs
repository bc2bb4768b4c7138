//! The provider of the settings: where the browser goes, and which person comes back with a code.
//!
//! Not the bond to a browser: see [`Flow`], which the caller keeps. Invariants: the server starts and serves while the
//! provider is away; a new key of the provider is found without a restart; a sign-in asks the provider four times at most.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tls::{TlsError, Trust};
use tokio_util::sync::CancellationToken;

use crate::http::{Answer, Http};
use crate::keys::{KeySet, Keys};
use crate::metadata::Metadata;
use crate::token::{self, Claims, Expected, Profile};
use crate::{OidcError, TokenFault, encoding};

/// Between two looks at the configuration of the provider.
const REFRESH: Duration = Duration::from_secs(60 * 60);
/// After the first failure; it doubles up to [`RETRY_MOST`].
const RETRY: Duration = Duration::from_secs(1);
const RETRY_MOST: Duration = Duration::from_secs(60);
/// Characters of the provider's own error in the log.
const ERROR_CHARACTERS: usize = 200;

/// What the operator sets.
pub struct Settings {
    /// The name of the provider, which is its address.
    pub issuer: String,
    /// The name of this client at the provider.
    pub client_id: String,
    /// The secret of this client; `None` for a public client.
    pub client_secret: Option<String>,
    /// What is asked for, `openid` among it.
    pub scopes: Vec<String>,
    /// Where the provider sends the browser back to.
    pub redirect_uri: String,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { issuer, client_id, scopes, redirect_uri, .. } = self;
        let mut shown = f.debug_struct("Settings");
        shown.field("issuer", issuer).field("client_id", client_id).field("scopes", scopes);
        shown.field("redirect_uri", redirect_uri).finish_non_exhaustive()
    }
}

/// The values of one sign-in, each of them random, that bind it to one browser.
#[derive(Clone)]
pub struct Flow {
    /// Comes back with the browser.
    pub state: String,
    /// Comes back in the ID token.
    pub nonce: String,
    /// Proves that the code was asked for here (PKCE): 43 to 128 letters.
    pub verifier: String,
    /// Whether the person has to sign in again at the provider.
    pub is_fresh: bool,
}

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flow").field("is_fresh", &self.is_fresh).finish_non_exhaustive()
    }
}

/// A person that the provider has identified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The id at the provider, which never changes.
    pub subject: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// Whether the provider has confirmed the address; `None` where it does not say.
    pub is_email_verified: Option<bool>,
    /// The name; may be empty.
    pub name: String,
}

/// A client of one provider.
pub struct Provider {
    settings: Settings,
    http: Http,
    metadata: RwLock<Option<Arc<Metadata>>>,
    keys: RwLock<Arc<Keys>>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("settings", &self.settings).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    access_token: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refused {
    error: String,
    error_description: String,
}

#[derive(Deserialize)]
struct UserInfo {
    sub: String,
    #[serde(flatten)]
    profile: Profile,
}

impl Provider {
    /// A client of the provider, which is not asked yet: see [`Self::keep_current`].
    ///
    /// # Errors
    /// [`TlsError`]
    pub fn new(settings: Settings, trust: &Trust) -> Result<Self, TlsError> {
        let (metadata, keys) = (RwLock::default(), RwLock::default());
        Ok(Self { settings, http: Http::new(trust)?, metadata, keys })
    }

    /// The issuer of the settings.
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Looks up the endpoints of the provider, and again from time to time, until the token is cancelled.
    pub async fn keep_current(&self, stop: CancellationToken) {
        let (mut wait, mut logged) = (RETRY, String::new());
        let issuer = &self.settings.issuer;
        while let Some(found) = stop.run_until_cancelled(Metadata::fetch(&self.http, issuer)).await
        {
            let pause = match found {
                Ok(metadata) => {
                    if self.put(metadata).is_none() || !logged.is_empty() {
                        tracing::info!(issuer, "OpenID provider found");
                    }
                    (wait, logged) = (RETRY, String::new());
                    REFRESH
                }
                Err(error) => {
                    let text = error.to_string();
                    if text != logged {
                        tracing::warn!(issuer, error = text, "OpenID provider not found; retrying");
                        logged = text;
                    }
                    let pause = wait;
                    wait = (wait * 2).min(RETRY_MOST);
                    pause
                }
            };
            if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                return;
            }
        }
    }

    /// Where the browser goes to sign in.
    ///
    /// # Errors
    /// [`OidcError::Away`], as long as the provider was not found.
    pub fn authorization_url(&self, flow: &Flow) -> Result<String, OidcError> {
        let metadata = self.metadata()?;
        let challenge = encoding::text(&Sha256::digest(flow.verifier.as_bytes()));
        let scope = self.settings.scopes.join(" ");
        let mut parameters = vec![
            ("response_type", "code"),
            ("client_id", &*self.settings.client_id),
            ("redirect_uri", &*self.settings.redirect_uri),
            ("scope", &*scope),
            ("state", &*flow.state),
            ("nonce", &*flow.nonce),
            ("code_challenge", &*challenge),
            ("code_challenge_method", "S256"),
        ];
        if flow.is_fresh {
            parameters.extend([("prompt", "login"), ("max_age", "0")]);
        }
        let url = &metadata.authorization;
        let joint = if url.query().is_some() { '&' } else { '?' };
        Ok(format!("{url}{joint}{}", encoding::form(&parameters)))
    }

    /// The person of a code. The caller bounds how many codes are exchanged at once.
    ///
    /// # Errors
    /// [`OidcError`]; a code is used up then, too, but perhaps not by [`OidcError::Away`].
    pub async fn identify(&self, code: &str, flow: &Flow) -> Result<Person, OidcError> {
        let metadata = self.metadata()?;
        let Tokens { id_token, access_token } = self.redeem(&metadata, code, flow).await?;
        let claims = self.verified(&metadata, &id_token, flow).await?;
        let profile = match (&metadata.userinfo, access_token) {
            (Some(url), Some(token)) if claims.profile.email.is_none() => {
                let bearer = format!("Bearer {token}");
                let answer = self.http.get(url, Some(&bearer)).await?;
                let info: UserInfo = answer.json("the user info of the provider")?;
                if info.sub != claims.sub {
                    return Err(OidcError::Misfit("the user info is another person's".into()));
                }
                info.profile
            }
            _ => claims.profile,
        };
        let name = profile.name.clone().or_else(|| profile.preferred_username.clone());
        Ok(Person {
            subject: claims.sub,
            is_email_verified: profile.is_verified(),
            email: profile.email,
            name: name.unwrap_or_default(),
        })
    }

    /// Exchanges a code for tokens.
    async fn redeem(
        &self,
        metadata: &Metadata,
        code: &str,
        flow: &Flow,
    ) -> Result<Tokens, OidcError> {
        let Settings { client_id, client_secret, redirect_uri, .. } = &self.settings;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", &*flow.verifier),
        ];
        let header = match client_secret.as_deref() {
            Some(secret) if !metadata.secret_in_form => Some(encoding::basic(client_id, secret)),
            secret => {
                form.push(("client_id", client_id));
                form.extend(secret.map(|secret| ("client_secret", secret)));
                None
            }
        };
        let form = encoding::form(&form);
        let answer = self.http.post(&metadata.token, form, header.as_deref()).await?;
        match answer.status.is_client_error() {
            true => Err(refused(&answer)),
            false => answer.json("the token endpoint of the provider"),
        }
    }

    /// The claims of a token. One that no known key fits leads to a look at the keys.
    async fn verified(
        &self,
        metadata: &Metadata,
        token: &str,
        flow: &Flow,
    ) -> Result<Claims, OidcError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let expected = Expected {
            issuer: &self.settings.issuer,
            client: &self.settings.client_id,
            nonce: &flow.nonce,
            is_fresh: flow.is_fresh,
            now: now.as_secs_f64(),
        };
        let known = Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner));
        match token::verify(token, &known, expected) {
            Err(TokenFault::Key | TokenFault::Signature) => {}
            checked => return Ok(checked?),
        }
        let answer = self.http.get(&metadata.keys, None).await?;
        let set: KeySet = answer.json("the keys of the provider")?;
        let keys = Arc::new(Keys::from(set));
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&keys);
        Ok(token::verify(token, &keys, expected)?)
    }

    fn metadata(&self) -> Result<Arc<Metadata>, OidcError> {
        let metadata = self.metadata.read().unwrap_or_else(PoisonError::into_inner).clone();
        metadata.ok_or_else(|| OidcError::Away("the provider was not found yet".into()))
    }

    /// Gives the earlier ones.
    fn put(&self, metadata: Metadata) -> Option<Arc<Metadata>> {
        let mut current = self.metadata.write().unwrap_or_else(PoisonError::into_inner);
        current.replace(Arc::new(metadata))
    }
}

/// The provider's own error, in one line. A wrong code is the caller's; anything else is the operator's.
fn refused(answer: &Answer) -> OidcError {
    let Refused { error, error_description } =
        serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = format!("{} {error} {error_description}", answer.status);
    let text = text.chars().filter(|it| !it.is_control()).take(ERROR_CHARACTERS).collect();
    match error.as_str() {
        "invalid_grant" => OidcError::CodeRefused(text),
        _ => OidcError::Misfit(format!("the provider refuses this client: {text}")),
    }
}
