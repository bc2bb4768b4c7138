//! Access tokens: how they are made, and under which hash they are known.
//!
//! Not the check of a call: see `auth`. Invariant: a token itself is never kept, only its hash.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// SHA-256 of a token.
pub(crate) type TokenHash = [u8; 32];

/// Marks a token of this server, for people and for scanners of leaked secrets.
const PREFIX: &str = "glt_";
const RANDOM_BYTES: usize = 32;

/// A new token. The error is the operating system's, which has no randomness to give.
pub(crate) fn generate() -> Result<String, getrandom::Error> {
    let mut random = [0; RANDOM_BYTES];
    getrandom::fill(&mut random)?;
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random)))
}

/// The hash under which a token is known; `None` for what can't be one.
///
/// A plain hash is enough: 256 random bits can't be guessed, even if a guess costs nothing.
pub(crate) fn hash(token: &str) -> Option<TokenHash> {
    let body = token.strip_prefix(PREFIX)?;
    let length = RANDOM_BYTES.saturating_mul(4).div_ceil(3);
    (body.len() == length).then(|| Sha256::digest(token.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_only_tokens_have_a_hash() {
        let (one, other) = (generate().expect("random"), generate().expect("random"));
        assert!(one.starts_with(PREFIX) && one != other);
        assert!(hash(&one).is_some() && hash(&one) != hash(&other));
        for wrong in ["", "glt_", &one[1..], &one[..one.len() - 1], &format!("{one}x")] {
            assert_eq!(hash(wrong), None, "{wrong}");
        }
    }
}
