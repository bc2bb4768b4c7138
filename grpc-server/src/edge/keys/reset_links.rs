//! Links by which the owner of an account sets a new password: their tokens, and the hash under which each is known.
//!
//! A token holds the id of its request and its expiry, and a tag over both with the servers' key. So each attempt to
//! send a link makes the same one, and a made-up one is refused without a lookup. Not the mail. Invariant: a token is
//! not stored, only its hash.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::server_key::ServerKey;
use super::tokens::{self, TokenHash};

/// Marks a token of a link, for people and for scanners of leaked secrets.
const PREFIX: &str = "glr_";
/// The purpose of the tag.
const PURPOSE: &str = "password reset";
const REQUEST_BYTES: usize = 16;
const EXPIRY_BYTES: usize = 8;
const BODY_BYTES: usize = REQUEST_BYTES + EXPIRY_BYTES;
const TAG_BYTES: usize = 32;
/// A link is no longer than this.
const LINK_BYTES_MOST: usize = 2_048;

/// What a text shows without a lookup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A server of this database made it, and it has not expired.
    Valid(TokenHash),
    /// It has expired.
    Expired,
    /// No server of this database made it.
    Foreign,
}

/// The token of a request, and its hash.
pub(crate) fn token(key: &ServerKey, request: Uuid, expires_micros: i64) -> (String, TokenHash) {
    let mut bytes = [0; BODY_BYTES + TAG_BYTES];
    let (body, tag) = bytes.split_at_mut(BODY_BYTES);
    body[..REQUEST_BYTES].copy_from_slice(request.as_bytes());
    body[REQUEST_BYTES..].copy_from_slice(&expires_micros.to_be_bytes());
    tag.copy_from_slice(&key.hash(PURPOSE, &[body]));
    let token = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
    let hash = tokens::hash(&token);
    (token, hash)
}

/// Reads a token, or a link that ends with one.
pub(crate) fn read(text: &str, key: &ServerKey, now_micros: i64) -> Form {
    parts(text, key).map_or(Form::Foreign, |(hash, expires)| match expires > now_micros {
        true => Form::Valid(hash),
        false => Form::Expired,
    })
}

fn parts(text: &str, key: &ServerKey) -> Option<(TokenHash, i64)> {
    let text = text.trim();
    if text.len() > LINK_BYTES_MOST {
        return None;
    }
    let token = text.rsplit_once('#').map_or(text, |(_, token)| token);
    let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(PREFIX)?).ok()?;
    let (body, tag) = bytes.split_at_checked(BODY_BYTES)?;
    let whole = tag.len() == TAG_BYTES && key.is_tag(PURPOSE, &[body], tag);
    let expires: [u8; EXPIRY_BYTES] = body.get(REQUEST_BYTES..)?.try_into().ok()?;
    whole.then(|| (tokens::hash(token), i64::from_be_bytes(expires)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_valid_until_it_expires_and_only_at_its_own_servers() {
        let (key, request) = (ServerKey::of_test(1), Uuid::from_u128(7));
        let (made, hash) = token(&key, request, 1_000);
        assert_eq!(token(&key, request, 1_000), (made.clone(), hash), "each attempt makes it");
        assert_ne!(token(&key, request, 1_001).1, hash);
        let link = format!("https://grid.example.org/reset-password#{made}");
        for text in [made.as_str(), &link, &format!("  {made}\n")] {
            assert_eq!(read(text, &key, 999), Form::Valid(hash), "{text}");
            assert_eq!(read(text, &key, 1_000), Form::Expired, "{text}");
            assert_eq!(read(text, &ServerKey::of_test(2), 999), Form::Foreign, "{text}");
        }
    }

    #[test]
    fn a_changed_link_is_foreign() {
        let key = ServerKey::of_test(1);
        let made = token(&key, Uuid::from_u128(7), 1_000).0;
        for at in 0..made.len() {
            let letter = if made.as_bytes()[at] == b'B' { "C" } else { "B" };
            let mut changed = made.clone();
            changed.replace_range(at..=at, letter);
            assert_eq!(read(&changed, &key, 0), Form::Foreign, "{at}");
        }
        for bad in ["", "glr_", "#", &made[..made.len() - 1], &format!("{made}A")] {
            assert_eq!(read(bad, &key, 0), Form::Foreign, "{bad}");
        }
    }
}
