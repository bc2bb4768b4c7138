//! The secret by which a browser is known for one sign-in with a provider, and the values that follow from it.
//!
//! The state, the nonce and the verifier are keyed hashes of the secret, so no table has to keep them. Not the cookie
//! that carries it. Invariants: the secret itself is in the browser alone; one that no node of this database made costs no
//! query.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oidc::Flow;

use super::server_key::ServerKey;
use super::tokens::{self, TokenHash};

const RANDOM_BYTES: usize = 32;
const TAG_BYTES: usize = 16;
const SECRET: &str = "secret of a browser";
const STATE: &str = "state of a sign-in";
const NONCE: &str = "nonce of a sign-in";
const VERIFIER: &str = "verifier of a sign-in";
/// A sign-in in which the person has to sign in again at the provider has other secrets.
const FRESH: u8 = 1;

/// A secret that a node of this database made.
#[derive(Clone)]
pub(crate) struct BrowserSecret {
    text: String,
    is_fresh: bool,
}

impl BrowserSecret {
    /// A new one. The error is the operating system's, which has no randomness to give.
    pub(crate) fn generate(key: &ServerKey, is_fresh: bool) -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 1 + RANDOM_BYTES + TAG_BYTES];
        let (body, tag) = bytes.split_at_mut(1 + RANDOM_BYTES);
        body[0] = if is_fresh { FRESH } else { 0 };
        getrandom::fill(&mut body[1..])?;
        tag.copy_from_slice(&key.hash(SECRET, &[body])[..TAG_BYTES]);
        Ok(Self { text: URL_SAFE_NO_PAD.encode(bytes), is_fresh })
    }

    /// Reads one; `None` for a text that no node made.
    pub(crate) fn read(text: &str, key: &ServerKey) -> Option<Self> {
        let bytes: [u8; 1 + RANDOM_BYTES + TAG_BYTES] =
            URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (body, tag) = bytes.split_at(1 + RANDOM_BYTES);
        let is_own = key.is_tag(SECRET, &[body], tag);
        is_own.then(|| Self { text: text.to_owned(), is_fresh: body[0] == FRESH })
    }

    /// The text for the browser.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The hash under which its sign-in is known.
    pub(crate) fn hash(&self) -> TokenHash {
        tokens::hash(&self.text)
    }

    /// Whether the person has to sign in again at the provider.
    pub(crate) fn is_fresh(&self) -> bool {
        self.is_fresh
    }

    /// The values of the sign-in.
    pub(crate) fn flow(&self, key: &ServerKey) -> Flow {
        let value = |purpose| URL_SAFE_NO_PAD.encode(key.hash(purpose, &[self.text.as_bytes()]));
        Flow {
            state: value(STATE),
            nonce: value(NONCE),
            verifier: value(VERIFIER),
            is_fresh: self.is_fresh,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_with_its_own_key_and_has_values_of_its_own() {
        let (key, other) = (ServerKey::of_test(1), ServerKey::of_test(2));
        for is_fresh in [false, true] {
            let made = BrowserSecret::generate(&key, is_fresh).expect("random");
            let read = BrowserSecret::read(made.text(), &key).expect("is own");
            assert_eq!((read.hash(), read.is_fresh()), (made.hash(), is_fresh));
            assert!(BrowserSecret::read(made.text(), &other).is_none());
            let (flow, again) = (made.flow(&key), read.flow(&key));
            assert_eq!((&flow.state, &flow.nonce), (&again.state, &again.nonce));
            assert_eq!(flow.verifier, again.verifier);
            assert!(flow.state != flow.nonce && flow.nonce != flow.verifier);
            assert_eq!(flow.verifier.len(), 43, "as short as a verifier may be");
            let another = BrowserSecret::generate(&key, is_fresh).expect("random").flow(&key);
            assert!(another.state != flow.state && another.nonce != flow.nonce);
            for at in 0..made.text().len() {
                let letter = if &made.text()[at..=at] == "A" { "B" } else { "A" };
                let mut changed = made.text().to_owned();
                changed.replace_range(at..=at, letter);
                assert!(BrowserSecret::read(&changed, &key).is_none(), "{at}");
            }
        }
        for bad in ["", "A", &"A".repeat(65), "é"] {
            assert!(BrowserSecret::read(bad, &key).is_none(), "{bad}");
        }
    }
}
