//! Access tokens: how they are made, and under which hash they are known.
//!
//! A token is random bytes and a tag over them with the servers' key, so a made-up token is refused without a lookup.
//! Tokens of earlier releases have no tag. Not the check of a call: see `auth`. Invariant: a token itself is never
//! kept, only its hash.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::server_key::ServerKey;

/// SHA-256 of a token.
pub(crate) type TokenHash = [u8; 32];

/// Marks a token of this server, for people and for scanners of leaked secrets.
const PREFIX: &str = "glt_";
const RANDOM_BYTES: usize = 32;
const TAG_BYTES: usize = 16;
/// The purpose of the tag.
const TOKEN: &str = "token";

/// What a text shows without a lookup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A server of this database made it.
    Tagged(TokenHash),
    /// A token of an earlier release, or a made-up one.
    Plain(TokenHash),
}

/// A new token. The error is the operating system's, which has no randomness to give.
pub(crate) fn generate(key: &ServerKey) -> Result<String, getrandom::Error> {
    let mut bytes = [0; RANDOM_BYTES + TAG_BYTES];
    let (random, tag) = bytes.split_at_mut(RANDOM_BYTES);
    getrandom::fill(random)?;
    tag.copy_from_slice(&key.hash(TOKEN, &[random])[..TAG_BYTES]);
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
}

/// The form of a token, and the hash under which it is known; `None` for what can't be one.
///
/// A plain hash is enough: 256 random bits can't be guessed, even if a guess costs nothing.
pub(crate) fn read(token: &str, key: &ServerKey) -> Option<Form> {
    let body = token.strip_prefix(PREFIX)?;
    let length = |bytes: usize| bytes.saturating_mul(4).div_ceil(3);
    if body.len() == length(RANDOM_BYTES) {
        return Some(Form::Plain(hash(token)));
    }
    if body.len() != length(RANDOM_BYTES + TAG_BYTES) {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(body).ok()?;
    let (random, tag) = bytes.split_at_checked(RANDOM_BYTES)?;
    key.is_tag(TOKEN, &[random], tag).then(|| Form::Tagged(hash(token)))
}

/// The hash under which a token is known.
pub(crate) fn hash(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_only_tokens_have_a_hash() {
        let key = ServerKey::of_test(1);
        let (one, other) = (generate(&key).expect("random"), generate(&key).expect("random"));
        assert!(one.starts_with(PREFIX) && one != other);
        assert!(matches!(read(&one, &key), Some(Form::Tagged(_))));
        assert_ne!(read(&one, &key), read(&other, &key));
        for wrong in ["", "glt_", &one[1..], &one[..one.len() - 1], &format!("{one}x")] {
            assert_eq!(read(wrong, &key), None, "{wrong}");
        }
    }

    #[test]
    fn a_made_up_token_is_refused_without_a_lookup() {
        let key = ServerKey::of_test(1);
        let token = generate(&key).expect("random");
        assert_eq!(read(&token, &ServerKey::of_test(2)), None, "the key of other servers");
        for at in PREFIX.len()..token.len() {
            let letter = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
            let mut changed = token.clone();
            changed.replace_range(at..=at, letter);
            assert_eq!(read(&changed, &key), None, "{at}");
        }
    }

    #[test]
    fn tokens_of_earlier_releases_are_read() {
        let token = format!("{PREFIX}{}", "A".repeat(43));
        assert!(matches!(read(&token, &ServerKey::of_test(1)), Some(Form::Plain(_))));
    }
}
