//! The key that all nodes of a database share: it marks their tokens, and hides networks and addresses in tables.
//!
//! Not a key for passwords, which have salts of their own. Invariant: the key leaves the process only to Postgres, and
//! each purpose has hashes of its own.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::edge::errors::ServiceError;
use store::Store;

/// The name of the key in the table.
const NAME: &str = "edge";

/// The key. Never printed.
#[derive(Clone)]
pub(crate) struct ServerKey(Hmac<Sha256>);

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerKey(..)")
    }
}

impl ServerKey {
    /// The key of this database; the first node makes it.
    pub(crate) async fn load(store: &Store) -> Result<Self, ServiceError> {
        let mut new = [0; 32];
        getrandom::fill(&mut new).map_err(ServiceError::internal)?;
        Self::of(&store.shared_key(NAME, &new).await?)
    }

    fn of(key: &[u8; 32]) -> Result<Self, ServiceError> {
        Hmac::new_from_slice(key).map(Self).map_err(ServiceError::internal)
    }

    /// A keyed hash of some parts for a purpose; the parts can't be moved from one to the next.
    pub(crate) fn hash(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        self.over(purpose, parts).finalize().into_bytes().into()
    }

    /// Whether `tag` begins the hash, compared in constant time.
    pub(crate) fn is_tag(&self, purpose: &str, parts: &[&[u8]], tag: &[u8]) -> bool {
        self.over(purpose, parts).verify_truncated_left(tag).is_ok()
    }

    fn over(&self, purpose: &str, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        for part in std::iter::once(&purpose.as_bytes()).chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }

    /// A key for tests.
    #[cfg(test)]
    pub(crate) fn of_test(byte: u8) -> Self {
        Self::of(&[byte; 32]).expect("any key fits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_differ_by_key_purpose_and_parts() {
        let (one, other) = (ServerKey::of_test(1), ServerKey::of_test(2));
        let hash = one.hash("a", &[b"bc", b"d"]);
        assert_eq!(hash, one.hash("a", &[b"bc", b"d"]));
        for another in [
            other.hash("a", &[b"bc", b"d"]),
            one.hash("b", &[b"bc", b"d"]),
            one.hash("a", &[b"b", b"cd"]),
            one.hash("a", &[b"bcd"]),
        ] {
            assert_ne!(hash, another);
        }
        assert!(one.is_tag("a", &[b"bc", b"d"], &hash[..16]));
        assert!(!one.is_tag("a", &[b"bc", b"d"], &hash[1..17]));
        assert!(!one.is_tag("a", &[b"bc", b"d"], &[]));
    }
}
