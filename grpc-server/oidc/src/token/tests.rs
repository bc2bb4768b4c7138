//! Tokens that a real key has signed, each with one claim that does not fit.

use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::json;

use super::*;
use crate::keys::KeySet;

const NOW: f64 = 1_000_000.0;

struct Issuer {
    pair: Ed25519KeyPair,
    keys: Keys,
}

impl Issuer {
    fn new() -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("is made");
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).expect("is read");
        let x = encoding::text(pair.public_key().as_ref());
        let set = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "1", "x": x}]});
        let keys = serde_json::from_value::<KeySet>(set).expect("is a set").into();
        Self { pair, keys }
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| encoding::text(value.to_string().as_bytes());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = encoding::text(self.pair.sign(message.as_bytes()).as_ref());
        format!("{message}.{signature}")
    }

    /// Checks a token whose claims are whole but for these.
    fn checked(&self, changed: &Value, is_fresh: bool) -> Result<Claims, TokenFault> {
        let mut claims = json!({
            "iss": "https://id.example", "sub": "ada", "aud": "grid", "nonce": "n",
            "exp": NOW + 300.0, "iat": NOW, "auth_time": NOW, "email": "ada@example.org", "email_verified": true,
        });
        let fields = claims.as_object_mut().expect("is one");
        for (name, value) in changed.as_object().expect("is one") {
            match value {
                Value::Null => drop(fields.remove(name)),
                value => drop(fields.insert(name.clone(), value.clone())),
            }
        }
        let token = self.sign(&json!({"alg": "EdDSA", "kid": "1"}), &claims);
        verify(&token, &self.keys, expected(is_fresh))
    }
}

fn expected(is_fresh: bool) -> Expected<'static> {
    Expected { issuer: "https://id.example", client: "grid", nonce: "n", is_fresh, now: NOW }
}

fn fault(checked: Result<Claims, TokenFault>) -> Option<TokenFault> {
    checked.err()
}

#[test]
fn a_whole_token_names_its_person() {
    let issuer = Issuer::new();
    let claims = issuer.checked(&json!({}), true).expect("is whole");
    assert_eq!((claims.sub.as_str(), claims.profile.is_verified()), ("ada", Some(true)));
    for good in [
        json!({"aud": ["grid"]}),
        json!({"aud": ["grid", "other"], "azp": "grid"}),
        json!({"exp": NOW - 59.0, "iat": NOW + 59.0}),
        json!({"auth_time": NOW - 60.0}),
        json!({"auth_time": NOW - 90_000.0}),
    ] {
        assert_eq!(fault(issuer.checked(&good, false)), None, "{good}");
    }
    let says = |value: Value| {
        let checked = issuer.checked(&json!({ "email_verified": value }), false);
        checked.expect("is whole").profile.is_verified()
    };
    assert_eq!(says(json!("true")), Some(true));
    assert_eq!((says(json!("false")), says(json!(1))), (Some(false), Some(false)));
    assert_eq!(says(Value::Null), None);
}

#[test]
fn each_claim_that_does_not_fit_has_its_fault() {
    let issuer = Issuer::new();
    for (changed, expected) in [
        (json!({"iss": "https://other.example"}), TokenFault::Issuer),
        (json!({"iss": "https://id.example/"}), TokenFault::Issuer),
        (json!({"aud": "other"}), TokenFault::Audience),
        (json!({"aud": []}), TokenFault::Audience),
        (json!({"aud": ["grid", "other"]}), TokenFault::Audience),
        (json!({"azp": "other"}), TokenFault::Audience),
        (json!({"nonce": "another"}), TokenFault::Nonce),
        (json!({"nonce": null}), TokenFault::Nonce),
        (json!({"exp": NOW - 61.0}), TokenFault::Expired),
        (json!({"iat": NOW + 61.0}), TokenFault::Early),
        (json!({"nbf": NOW + 61.0}), TokenFault::Early),
        (json!({"auth_time": NOW - 90_000.0}), TokenFault::NotFresh),
        (json!({"auth_time": null}), TokenFault::NotFresh),
        (json!({"exp": null}), TokenFault::Form),
        (json!({"exp": "never"}), TokenFault::Form),
        (json!({"sub": ""}), TokenFault::Form),
        (json!({"sub": "a\u{0}"}), TokenFault::Form),
        (json!({"sub": "x".repeat(SUBJECT_BYTES + 1)}), TokenFault::Form),
    ] {
        assert_eq!(fault(issuer.checked(&changed, true)), Some(expected), "{changed}");
    }
}

#[test]
fn what_was_changed_or_signed_by_another_is_refused() {
    let (issuer, other) = (Issuer::new(), Issuer::new());
    let claims = json!({
        "iss": "https://id.example", "sub": "ada", "aud": "grid", "nonce": "n", "exp": NOW, "iat": NOW
    });
    let header = json!({"alg": "EdDSA", "kid": "1"});
    let check = |token: &str| fault(verify(token, &issuer.keys, expected(false)));
    let token = issuer.sign(&header, &claims);
    assert_eq!(check(&token), None);
    assert_eq!(check(&other.sign(&header, &claims)), Some(TokenFault::Signature));
    let critical = json!({"alg": "EdDSA", "crit": ["x"]});
    assert_eq!(check(&issuer.sign(&critical, &claims)), Some(TokenFault::Form));
    let parts: Vec<&str> = token.split('.').collect();
    let none = encoding::text(br#"{"alg":"none"}"#);
    for (changed, expected) in [
        (format!("{none}.{}.", parts[1]), TokenFault::Algorithm),
        (format!("{none}.{}.{}", parts[1], parts[2]), TokenFault::Algorithm),
        (format!("{}.{}.", parts[0], parts[1]), TokenFault::Signature),
        (format!("{}.{}", parts[0], parts[1]), TokenFault::Form),
        (format!("{}.{}.{}", parts[0], none, parts[2]), TokenFault::Signature),
        (format!("{}.{}.{}=", parts[0], parts[1], parts[2]), TokenFault::Form),
        (String::new(), TokenFault::Form),
    ] {
        assert_eq!(check(&changed), Some(expected), "{changed}");
    }
}
