//! The public keys of a provider (RFC 7517), and the check of a signature with them (RFC 7518).
//!
//! Not the claims that are signed. A key is never used for an algorithm of another kind, and neither `none` nor a
//! shared secret is an algorithm here. Invariant: a key that this client does not know is left out, not guessed.

use ring::signature::{
    self, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RsaParameters,
    RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use serde::Deserialize;
use serde_json::Value;

use crate::{TokenFault, encoding};

/// Keys of one set that are read at most.
const KEYS_MOST: usize = 64;

/// The keys of a provider.
#[derive(Debug, Default)]
pub(crate) struct Keys(Vec<Key>);

/// A set of keys, as the provider publishes it.
#[derive(Deserialize)]
pub(crate) struct KeySet {
    keys: Vec<Value>,
}

#[derive(Debug)]
struct Key {
    id: Option<String>,
    /// The one algorithm of the key, where it names one.
    algorithm: Option<String>,
    material: Material,
}

#[derive(Debug)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

#[derive(Deserialize)]
struct Published {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl From<KeySet> for Keys {
    fn from(set: KeySet) -> Self {
        Self(set.keys.into_iter().filter_map(key).take(KEYS_MOST).collect())
    }
}

fn key(value: Value) -> Option<Key> {
    let published: Published = serde_json::from_value(value).ok()?;
    if published.purpose.as_deref().is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    let bytes = |text: &Option<String>| encoding::bytes(text.as_deref()?);
    let point = |length: usize| {
        let (x, y) = (bytes(&published.x)?, bytes(&published.y)?);
        (x.len() == length && y.len() == length).then(|| [&[4][..], &x, &y].concat())
    };
    let material = match (published.kty.as_str(), published.crv.as_deref()) {
        ("RSA", _) => Material::Rsa { n: bytes(&published.n)?, e: bytes(&published.e)? },
        ("EC", Some("P-256")) => Material::P256(point(32)?),
        ("EC", Some("P-384")) => Material::P384(point(48)?),
        ("OKP", Some("Ed25519")) => Material::Ed25519(bytes(&published.x)?),
        _ => return None,
    };
    Some(Key { id: published.kid, algorithm: published.alg, material })
}

impl Keys {
    /// Checks a signature with the key of this id; a token without an id is checked with each key that fits.
    pub(crate) fn verify(
        &self,
        (algorithm, id): (&str, Option<&str>),
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), TokenFault> {
        if !KNOWN.contains(&algorithm) {
            return Err(TokenFault::Algorithm);
        }
        let mut fault = TokenFault::Key;
        for key in self.0.iter().filter(|key| key.fits(algorithm, id)) {
            match key.material.verify(algorithm, message, signature) {
                Some(true) => return Ok(()),
                Some(false) => fault = TokenFault::Signature,
                // A key of another kind.
                None => {}
            }
        }
        Err(fault)
    }
}

impl Key {
    fn fits(&self, algorithm: &str, id: Option<&str>) -> bool {
        let is_named = id.is_none() || self.id.as_deref() == id;
        is_named && self.algorithm.as_deref().is_none_or(|own| own == algorithm)
    }
}

/// The algorithms that [`Material::verify`] knows.
const KNOWN: [&str; 9] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"];

impl Material {
    /// `None`: the algorithm is not one of this kind of key.
    fn verify(&self, algorithm: &str, message: &[u8], signature: &[u8]) -> Option<bool> {
        let by = |algorithm: &'static dyn VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(algorithm, key).verify(message, signature).is_ok()
        };
        match (self, algorithm) {
            (Self::Rsa { n, e }, _) => {
                let key = RsaPublicKeyComponents { n, e };
                Some(key.verify(rsa(algorithm)?, message, signature).is_ok())
            }
            (Self::P256(point), "ES256") => Some(by(&ECDSA_P256_SHA256_FIXED, point)),
            (Self::P384(point), "ES384") => Some(by(&ECDSA_P384_SHA384_FIXED, point)),
            (Self::Ed25519(key), "EdDSA") => Some(by(&ED25519, key)),
            _ => None,
        }
    }
}

/// Keys of 2,048 bits or more.
fn rsa(algorithm: &str) -> Option<&'static RsaParameters> {
    Some(match algorithm {
        "RS256" => &signature::RSA_PKCS1_2048_8192_SHA256,
        "RS384" => &signature::RSA_PKCS1_2048_8192_SHA384,
        "RS512" => &signature::RSA_PKCS1_2048_8192_SHA512,
        "PS256" => &signature::RSA_PSS_2048_8192_SHA256,
        "PS384" => &signature::RSA_PSS_2048_8192_SHA384,
        "PS512" => &signature::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
