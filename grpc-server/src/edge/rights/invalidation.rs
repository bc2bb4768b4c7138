//! Invalidation between servers: tokens were revoked, a sheet was deleted or transferred, rights or names changed.
//!
//! The invalidation of a token ends its sessions and calls at once, whether or not Postgres answers. The others are hints:
//! the server that receives one reads Postgres (`listening`). Not the rights themselves. Invariant: an invalidation that
//! is not published is published again, until it is; a server that may have missed some reads everything.

pub(crate) mod announced;
pub(super) mod due;

use std::sync::Arc;

use bytes::Bytes;
use tasks::Tasks;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::due::Due;
use crate::edge::keys::tokens::TokenHash;
use model::{AccountId, SheetId};
use redis_link::{Bus, Message, Publisher, Signal};

/// The topic of invalidations.
pub(super) const TOPIC: &str = "gridloom:invalidations";

/// A record that other servers must look up immediately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Invalidation {
    /// Anything may have changed.
    All,
    /// A token was revoked.
    Token(TokenHash),
    /// Several tokens of an account were revoked.
    Account(AccountId),
    /// A sheet was deleted or restored, or rights on it have changed.
    Sheet(SheetId),
    /// The role of one account on a sheet has changed.
    Role(SheetId, AccountId),
    /// A sheet has another owner.
    Owner(SheetId),
    /// The list of roles and links of a sheet has changed, and no role of an account.
    Sharing(SheetId),
    /// A sheet has another name.
    Name(SheetId),
    /// A person has another name or color.
    Person(AccountId),
}

impl Invalidation {
    fn bytes(self) -> Vec<u8> {
        match self {
            Self::All => b"*".to_vec(),
            Self::Token(hash) => [b"t".as_slice(), &hash].concat(),
            Self::Account(account) => [b"a".as_slice(), account.0.as_bytes()].concat(),
            Self::Owner(sheet) => [b"o".as_slice(), sheet.0.as_bytes()].concat(),
            Self::Sheet(sheet) => [b"s".as_slice(), sheet.0.as_bytes()].concat(),
            Self::Role(sheet, account) => {
                [b"r".as_slice(), sheet.0.as_bytes(), account.0.as_bytes()].concat()
            }
            Self::Sharing(sheet) => [b"l".as_slice(), sheet.0.as_bytes()].concat(),
            Self::Name(sheet) => [b"n".as_slice(), sheet.0.as_bytes()].concat(),
            Self::Person(account) => [b"p".as_slice(), account.0.as_bytes()].concat(),
        }
    }

    /// `None` for what a later release may send.
    pub(super) fn decode(bytes: &Bytes) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        let id = || Uuid::from_slice(rest).ok();
        match kind {
            b'*' => rest.is_empty().then_some(Self::All),
            b't' => Some(Self::Token(rest.try_into().ok()?)),
            b'a' => Some(Self::Account(AccountId(id()?))),
            b's' => Some(Self::Sheet(SheetId(id()?))),
            b'o' => Some(Self::Owner(SheetId(id()?))),
            b'r' => {
                let (sheet, account) = rest.split_at_checked(size_of::<Uuid>())?;
                let (sheet, account) = (Uuid::from_slice(sheet), Uuid::from_slice(account));
                Some(Self::Role(SheetId(sheet.ok()?), AccountId(account.ok()?)))
            }
            b'l' => Some(Self::Sharing(SheetId(id()?))),
            b'n' => Some(Self::Name(SheetId(id()?))),
            b'p' => Some(Self::Person(AccountId(id()?))),
            _ => None,
        }
    }
}

impl Signal for Invalidation {
    const ALL: Self = Self::All;
}

impl Message for Invalidation {
    fn encode(&self) -> Vec<u8> {
        self.bytes()
    }
}

/// Sends invalidations. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Invalidations {
    others: Publisher<Invalidation>,
    /// What this server looks up.
    pub(super) due: Arc<Due>,
}

impl Invalidations {
    /// Starts to publish, until `stop`; without a bus there is no other server.
    pub(crate) fn start(bus: Option<Bus>, tasks: &Tasks, stop: CancellationToken) -> Self {
        let others = Publisher::start(TOPIC, bus, tasks, stop);
        Self { others, due: Arc::default() }
    }

    /// Sends an invalidation to the other servers, without a wait.
    pub(crate) fn send(&self, invalidation: Invalidation) {
        self.others.send(invalidation);
    }

    /// Looks up all open sessions of this server, again and again until Postgres answers: a lookup has failed.
    pub(crate) fn look_soon(&self) {
        self.due.add_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalidation_is_read_as_it_is_written() {
        let sheet = SheetId(Uuid::from_u128(9));
        for invalidation in [
            Invalidation::All,
            Invalidation::Token([7; 32]),
            Invalidation::Account(AccountId(Uuid::from_u128(8))),
            Invalidation::Sheet(sheet),
            Invalidation::Owner(sheet),
            Invalidation::Role(sheet, AccountId(Uuid::from_u128(8))),
            Invalidation::Sharing(sheet),
            Invalidation::Name(sheet),
            Invalidation::Person(AccountId(Uuid::from_u128(8))),
        ] {
            assert_eq!(Invalidation::decode(&invalidation.encode().into()), Some(invalidation));
        }
        for bytes in [&b""[..], b"t", b"s123", b"*1", b"r0123456789abcdef", b"?0123456789abcdef"] {
            assert_eq!(Invalidation::decode(&Bytes::copy_from_slice(bytes)), None);
        }
    }
}
