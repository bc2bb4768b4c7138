//! The tokens of links: the id of a link, random bytes, and a tag over both with the servers' key.
//!
//! Not what a link gives: see `access` and the store. Invariants: a token is not stored, only its hash, so that a reader
//! of the database, which also has the key, can compute none; one that this database's key did not make is refused without
//! a query. A link of an earlier release has no hash: its token is its id and a tag, and can be computed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::server_key::ServerKey;
use super::tokens::{self, TokenHash};
use model::LinkId;

/// The purpose of the tag.
const PURPOSE: &str = "link with a secret";
/// The purpose of the tag of an earlier release.
const EARLIER: &str = "link";
const ID_BYTES: usize = 16;
const SECRET_BYTES: usize = 16;
const BODY_BYTES: usize = ID_BYTES + SECRET_BYTES;
const TAG_BYTES: usize = 16;
const TOKEN_BYTES: usize = BODY_BYTES + TAG_BYTES;
const EARLIER_BYTES: usize = ID_BYTES + TAG_BYTES;

/// What a token names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LinkToken {
    pub(crate) link: LinkId,
    /// `None` for a token of an earlier release.
    pub(crate) hash: Option<TokenHash>,
}

/// A token of a new link, and its hash: 64 characters that need no escape in an address. The error is the operating
/// system's, which has no randomness to give.
pub(crate) fn generate(
    key: &ServerKey,
    link: LinkId,
) -> Result<(String, TokenHash), getrandom::Error> {
    let mut bytes = [0; TOKEN_BYTES];
    let (body, tag) = bytes.split_at_mut(BODY_BYTES);
    body[..ID_BYTES].copy_from_slice(link.0.as_bytes());
    getrandom::fill(&mut body[ID_BYTES..])?;
    tag.copy_from_slice(&key.hash(PURPOSE, &[body])[..TAG_BYTES]);
    let token = URL_SAFE_NO_PAD.encode(bytes);
    let hash = tokens::hash(&token);
    Ok((token, hash))
}

/// The token of a link of an earlier release.
pub(crate) fn of_earlier(key: &ServerKey, link: LinkId) -> String {
    let id = link.0.as_bytes();
    let tag = key.hash(EARLIER, &[id]);
    URL_SAFE_NO_PAD.encode([id.as_slice(), &tag[..TAG_BYTES]].concat())
}

/// Reads a token; `None` for a text that is no token of this database.
pub(crate) fn read(key: &ServerKey, token: &str) -> Option<LinkToken> {
    let token = token.trim();
    if token.len() > TOKEN_BYTES.saturating_mul(4).div_ceil(3) {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (purpose, body, hash) = match bytes.len() {
        TOKEN_BYTES => (PURPOSE, BODY_BYTES, Some(tokens::hash(token))),
        EARLIER_BYTES => (EARLIER, ID_BYTES, None),
        _ => return None,
    };
    let (body, tag) = bytes.split_at_checked(body)?;
    let link = Uuid::from_slice(body.get(..ID_BYTES)?).map(LinkId).ok()?;
    key.is_tag(purpose, &[body], tag).then_some(LinkToken { link, hash })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_with_its_own_key_alone() {
        let (key, other) = (ServerKey::of_test(1), ServerKey::of_test(2));
        let link = LinkId(Uuid::from_u128(7));
        let (new, hash) = generate(&key, link).expect("random");
        let earlier = of_earlier(&key, link);
        for (made, hash) in [(new, Some(hash)), (earlier, None)] {
            assert_eq!(read(&key, &made), Some(LinkToken { link, hash }));
            assert_eq!(read(&key, &format!(" {made}\n")), Some(LinkToken { link, hash }));
            assert_eq!(read(&other, &made), None);
            for at in 0..made.len() {
                let changed = if &made[at..=at] == "A" { "B" } else { "A" };
                let forged = format!("{}{changed}{}", &made[..at], &made[at + 1..]);
                assert_eq!(read(&key, &forged), None, "{at}");
            }
            for bad in ["", "A", &made[1..], &format!("{made}A"), "é", &"A".repeat(10_000)] {
                assert_eq!(read(&key, bad), None, "{bad}");
            }
        }
    }

    #[test]
    fn the_key_and_the_id_make_no_token_twice() {
        let (key, link) = (ServerKey::of_test(1), LinkId(Uuid::from_u128(7)));
        let token = || generate(&key, link).expect("random");
        assert_ne!(token(), token(), "what the database holds would compute a token");
    }
}
