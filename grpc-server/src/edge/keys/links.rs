//! The tokens of links: the id of a link, and a keyed hash of it.
//!
//! Not what a link gives: see `access` and the store. Invariant: a token is not stored, and one that this database's key
//! did not make is refused without a query.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::server_key::ServerKey;
use model::LinkId;

const PURPOSE: &str = "link";
const ID_BYTES: usize = 16;
const TAG_BYTES: usize = 16;

/// The token of a link: 43 characters that need no escape in an address.
pub(crate) fn token(key: &ServerKey, link: LinkId) -> String {
    let id = link.0.as_bytes();
    let tag = key.hash(PURPOSE, &[id]);
    URL_SAFE_NO_PAD.encode([id.as_slice(), &tag[..TAG_BYTES]].concat())
}

/// The link of a token; `None` for a text that is no token of this database.
pub(crate) fn read(key: &ServerKey, token: &str) -> Option<LinkId> {
    let bytes: [u8; ID_BYTES + TAG_BYTES] =
        URL_SAFE_NO_PAD.decode(token.trim()).ok()?.try_into().ok()?;
    let (id, tag) = bytes.split_at(ID_BYTES);
    let is_own = key.is_tag(PURPOSE, &[id], tag);
    is_own.then(|| Uuid::from_slice(id).ok().map(LinkId))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_with_its_own_key_alone() {
        let (key, other) = (ServerKey::of_test(1), ServerKey::of_test(2));
        let link = LinkId(Uuid::from_u128(7));
        let made = token(&key, link);
        assert_eq!(made.len(), 43);
        assert_eq!(read(&key, &made), Some(link));
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
