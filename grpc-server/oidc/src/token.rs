//! An ID token: a signed text with claims about a person (OpenID Connect Core 1.0, section 3.1.3.7).
//!
//! Not how it is fetched. Invariant: claims are read only after the signature was checked.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::keys::Keys;
use crate::{TokenFault, encoding};

/// How far the clocks of this machine and of the provider may differ.
pub(crate) const SKEW: Duration = Duration::from_secs(60);
/// How long ago a person may have signed in who was to sign in again.
const FRESH: Duration = Duration::from_secs(5 * 60);
const SUBJECT_BYTES: usize = 255;

/// What the claims of a token have to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client: &'a str,
    pub(crate) nonce: &'a str,
    /// Whether the person was to sign in again.
    pub(crate) is_fresh: bool,
    /// The seconds since the epoch.
    pub(crate) now: f64,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

/// The claims of an ID token that this client reads.
#[derive(Deserialize)]
pub(crate) struct Claims {
    iss: String,
    pub(crate) sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    iat: f64,
    nbf: Option<f64>,
    nonce: Option<String>,
    auth_time: Option<f64>,
    #[serde(flatten)]
    pub(crate) profile: Profile,
}

/// The claims about a person, of an ID token or of the endpoint for them.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Profile {
    pub(crate) email: Option<String>,
    pub(crate) email_verified: Option<Value>,
    pub(crate) name: Option<String>,
    pub(crate) preferred_username: Option<String>,
}

impl Profile {
    /// Whether the provider has confirmed the address; `None` where it does not say. Some providers write a text.
    pub(crate) fn is_verified(&self) -> Option<bool> {
        self.email_verified.as_ref().map(|value| match value {
            Value::String(text) => text == "true",
            value => *value == Value::Bool(true),
        })
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    /// Whether it is this client, or this client is among others and named as the party.
    fn is(&self, client: &str, party: Option<&str>) -> bool {
        let others = match self {
            Self::One(one) if one == client => 0,
            Self::Several(all) if all.iter().any(|one| one == client) => all.len() - 1,
            _ => return false,
        };
        party.map_or(others == 0, |party| party == client)
    }
}

/// Checks a token, and gives its claims.
pub(crate) fn verify(
    token: &str,
    keys: &Keys,
    expected: Expected<'_>,
) -> Result<Claims, TokenFault> {
    let (message, signature) = token.rsplit_once('.').ok_or(TokenFault::Form)?;
    let (header, claims) = message.split_once('.').ok_or(TokenFault::Form)?;
    let part = |text: &str| encoding::bytes(text).ok_or(TokenFault::Form);
    let Header { alg, kid, crit } =
        serde_json::from_slice(&part(header)?).map_err(|_| TokenFault::Form)?;
    // An extension that has to be understood, and is not.
    if crit.is_some() {
        return Err(TokenFault::Form);
    }
    keys.verify((&alg, kid.as_deref()), message.as_bytes(), &part(signature)?)?;
    let claims: Claims = serde_json::from_slice(&part(claims)?).map_err(|_| TokenFault::Form)?;
    check(&claims, expected)?;
    Ok(claims)
}

fn check(claims: &Claims, expected: Expected<'_>) -> Result<(), TokenFault> {
    let (skew, now) = (SKEW.as_secs_f64(), expected.now);
    if claims.iss != expected.issuer {
        return Err(TokenFault::Issuer);
    }
    if !claims.aud.is(expected.client, claims.azp.as_deref()) {
        return Err(TokenFault::Audience);
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(TokenFault::Nonce);
    }
    if claims.exp + skew <= now {
        return Err(TokenFault::Expired);
    }
    let begins = claims.nbf.unwrap_or(claims.iat).max(claims.iat);
    if begins - skew > now {
        return Err(TokenFault::Early);
    }
    let is_old = |at: f64| at + FRESH.as_secs_f64() + skew < now;
    if expected.is_fresh && claims.auth_time.is_none_or(is_old) {
        return Err(TokenFault::NotFresh);
    }
    match claims.sub.len() {
        1..=SUBJECT_BYTES if !claims.sub.contains(char::is_control) => Ok(()),
        _ => Err(TokenFault::Form),
    }
}

#[cfg(test)]
mod tests;
