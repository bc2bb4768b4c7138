//! The tokens of links that are mailed, and the hash under which each is known.
//!
//! A token holds random bytes and its expiry, and a tag over both with the servers' key, so a made-up one is refused
//! without a lookup. Not the mail. Invariants: a token is not stored, only its hash; a reader of the database, which
//! also has the key, can compute none, since the random bytes are in the link alone.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::server_key::ServerKey;
use super::tokens::{self, TokenHash};
use store::LinkPurpose;

const RANDOM_BYTES: usize = 32;
const EXPIRY_BYTES: usize = 8;
const BODY_BYTES: usize = RANDOM_BYTES + EXPIRY_BYTES;
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
    /// No server of this database made it for this purpose.
    Foreign,
}

/// Marks a token of a link, for people and for scanners of leaked secrets.
const fn prefix(purpose: LinkPurpose) -> &'static str {
    match purpose {
        LinkPurpose::Password => "glr_",
        LinkPurpose::Confirm => "glc_",
        LinkPurpose::Invite => "gli_",
    }
}

/// The purpose of the tag.
const fn tag_of(purpose: LinkPurpose) -> &'static str {
    match purpose {
        LinkPurpose::Password => "link for a password",
        LinkPurpose::Confirm => "link to confirm an address",
        LinkPurpose::Invite => "link to an invitation",
    }
}

/// A new token, and its hash. The error is the operating system's, which has no randomness to give.
pub(crate) fn generate(
    key: &ServerKey,
    purpose: LinkPurpose,
    expires_micros: i64,
) -> Result<(String, TokenHash), getrandom::Error> {
    let mut bytes = [0; BODY_BYTES + TAG_BYTES];
    let (body, tag) = bytes.split_at_mut(BODY_BYTES);
    getrandom::fill(&mut body[..RANDOM_BYTES])?;
    body[RANDOM_BYTES..].copy_from_slice(&expires_micros.to_be_bytes());
    tag.copy_from_slice(&key.hash(tag_of(purpose), &[body]));
    let token = format!("{}{}", prefix(purpose), URL_SAFE_NO_PAD.encode(bytes));
    let hash = tokens::hash(&token);
    Ok((token, hash))
}

/// Reads a token, or a link that ends with one.
pub(crate) fn read(text: &str, key: &ServerKey, purpose: LinkPurpose, now_micros: i64) -> Form {
    parts(text, key, purpose).map_or(Form::Foreign, |(hash, expires)| match expires > now_micros {
        true => Form::Valid(hash),
        false => Form::Expired,
    })
}

fn parts(text: &str, key: &ServerKey, purpose: LinkPurpose) -> Option<(TokenHash, i64)> {
    let text = text.trim();
    if text.len() > LINK_BYTES_MOST {
        return None;
    }
    let token = text.rsplit_once('#').map_or(text, |(_, token)| token);
    let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(prefix(purpose))?).ok()?;
    let (body, tag) = bytes.split_at_checked(BODY_BYTES)?;
    let whole = tag.len() == TAG_BYTES && key.is_tag(tag_of(purpose), &[body], tag);
    let expires: [u8; EXPIRY_BYTES] = body.get(RANDOM_BYTES..)?.try_into().ok()?;
    whole.then(|| (tokens::hash(token), i64::from_be_bytes(expires)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PURPOSES: [LinkPurpose; 3] =
        [LinkPurpose::Password, LinkPurpose::Confirm, LinkPurpose::Invite];

    #[test]
    fn a_link_is_valid_until_it_expires_and_only_at_its_own_servers() {
        let key = ServerKey::of_test(1);
        for purpose in PURPOSES {
            let (made, hash) = generate(&key, purpose, 1_000).expect("random");
            let link = format!("https://grid.example.org/reset-password#{made}");
            for text in [made.as_str(), &link, &format!("  {made}\n")] {
                assert_eq!(read(text, &key, purpose, 999), Form::Valid(hash), "{text}");
                assert_eq!(read(text, &key, purpose, 1_000), Form::Expired, "{text}");
                let other = ServerKey::of_test(2);
                assert_eq!(read(text, &other, purpose, 999), Form::Foreign, "{text}");
            }
            for other in PURPOSES.into_iter().filter(|it| *it != purpose) {
                let renamed = made.replace(prefix(purpose), prefix(other));
                assert_eq!(read(&made, &key, other, 0), Form::Foreign, "of another purpose");
                assert_eq!(read(&renamed, &key, other, 0), Form::Foreign, "of another purpose");
            }
        }
    }

    #[test]
    fn the_key_and_the_expiry_make_no_link_twice() {
        let key = ServerKey::of_test(1);
        for purpose in PURPOSES {
            let link = || generate(&key, purpose, 1_000).expect("random");
            assert_ne!(link(), link(), "what the database holds would compute a link");
        }
    }

    #[test]
    fn a_changed_link_is_foreign() {
        let (key, purpose) = (ServerKey::of_test(1), LinkPurpose::Password);
        let made = generate(&key, purpose, 1_000).expect("random").0;
        for at in 0..made.len() {
            let letter = if made.as_bytes()[at] == b'B' { "C" } else { "B" };
            let mut changed = made.clone();
            changed.replace_range(at..=at, letter);
            assert_eq!(read(&changed, &key, purpose, 0), Form::Foreign, "{at}");
        }
        for bad in ["", "glr_", "#", &made[..made.len() - 1], &format!("{made}A")] {
            assert_eq!(read(bad, &key, purpose, 0), Form::Foreign, "{bad}");
        }
    }
}
