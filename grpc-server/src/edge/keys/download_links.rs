//! The secrets of links to downloads: random bytes, and a tag over them with the servers' key.
//!
//! Not what a link leads to: see the store. Invariants: a secret is not stored, only its hash; one that this database's key
//! did not make is refused without a query.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::server_key::ServerKey;
use super::tokens::{self, TokenHash};

/// The purpose of the tag.
const PURPOSE: &str = "link to a download";
const RANDOM_BYTES: usize = 32;
const TAG_BYTES: usize = 16;
const SECRET_BYTES: usize = RANDOM_BYTES + TAG_BYTES;

/// A new secret and its hash: 64 characters that need no escape in an address. The error is the operating system's, which
/// has no randomness to give.
pub(crate) fn generate(key: &ServerKey) -> Result<(String, TokenHash), getrandom::Error> {
    let mut bytes = [0; SECRET_BYTES];
    let (random, tag) = bytes.split_at_mut(RANDOM_BYTES);
    getrandom::fill(random)?;
    tag.copy_from_slice(&key.hash(PURPOSE, &[random])[..TAG_BYTES]);
    let secret = URL_SAFE_NO_PAD.encode(bytes);
    let hash = tokens::hash(&secret);
    Ok((secret, hash))
}

/// The hash of a secret; `None` for a text that is no secret of this database.
pub(crate) fn read(key: &ServerKey, secret: &str) -> Option<TokenHash> {
    if secret.len() != SECRET_BYTES.saturating_mul(4).div_ceil(3) {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(secret).ok()?;
    let (random, tag) = bytes.split_at_checked(RANDOM_BYTES)?;
    key.is_tag(PURPOSE, &[random], tag).then(|| tokens::hash(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_with_its_own_key_alone() {
        let (key, other) = (ServerKey::of_test(1), ServerKey::of_test(2));
        let (secret, hash) = generate(&key).expect("random");
        assert_eq!((read(&key, &secret), read(&other, &secret)), (Some(hash), None));
        assert_ne!(generate(&key).expect("random").0, secret);
        for at in 0..secret.len() {
            let changed = if &secret[at..=at] == "A" { "B" } else { "A" };
            let forged = format!("{}{changed}{}", &secret[..at], &secret[at + 1..]);
            assert_eq!(read(&key, &forged), None, "{at}");
        }
        for bad in ["", "A", &secret[1..], &format!("{secret}A"), "é", &"A".repeat(10_000)] {
            assert_eq!(read(&key, bad), None, "{bad}");
        }
    }
}
