//! The messages between nodes, as bytes: signals, which are repeated until they are published, and reports that a person
//! types, which are of the moment.
//!
//! Not their transport. Invariant: what was encoded is decoded to the same message; other bytes are none.

use uuid::Uuid;

use model::people::{Named, ThreadId};
use model::{AccountColor, AccountId, SheetId};
use redis_link::Signal as _;

const ID_BYTES: usize = 16;
const ALL: u8 = b'*';
const HINT: u8 = b'h';
const COMMENTS: u8 = b'c';
/// An earlier release sends `t`, without a color: it is left out, as that release leaves this one out.
const TYPING: u8 = b'y';

/// Something has changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Signal {
    /// Anything may have changed.
    All,
    /// These accounts have new notices.
    Hint(Vec<AccountId>),
    /// Comments on a sheet have changed.
    Comments(SheetId),
}

impl redis_link::Signal for Signal {
    const ALL: Self = Self::All;
}

impl redis_link::Message for Signal {
    fn encode(&self) -> Vec<u8> {
        match self {
            Self::All => vec![ALL],
            Self::Hint(accounts) => [[HINT].as_slice(), &bytes(accounts)].concat(),
            Self::Comments(sheet) => [[COMMENTS].as_slice(), sheet.0.as_bytes()].concat(),
        }
    }
}

/// A person types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Typing {
    pub(super) thread: ThreadId,
    pub(super) person: Named,
    pub(super) audience: Vec<AccountId>,
}

impl Typing {
    pub(super) fn encode(&self) -> Vec<u8> {
        let Self { thread, person: Named { account, name, color }, audience } = self;
        // The audience has a small bound.
        let count = u16::try_from(audience.len()).unwrap_or(u16::MAX);
        let audience = &audience[..count.into()];
        let head = [thread.0.as_bytes().as_slice(), account.0.as_bytes()].concat();
        let count = count.to_be_bytes();
        let tail = [&[color.number()], name.as_bytes()].concat();
        [[TYPING].as_slice(), &head, &count, &bytes(audience), &tail].concat()
    }
}

/// A message of another node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Received {
    Signal(Signal),
    Typing(Typing),
}

impl Received {
    /// `None` for what a later release may send.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        match *kind {
            ALL if rest.is_empty() => Some(Self::Signal(Signal::ALL)),
            HINT if rest.len().is_multiple_of(ID_BYTES) => {
                Some(Self::Signal(Signal::Hint(ids(rest)?)))
            }
            COMMENTS => Some(Self::Signal(Signal::Comments(SheetId(Uuid::from_slice(rest).ok()?)))),
            TYPING => {
                let (thread, rest) = rest.split_at_checked(ID_BYTES)?;
                let (account, rest) = rest.split_at_checked(ID_BYTES)?;
                let (count, rest) = rest.split_first_chunk()?;
                let count = usize::from(u16::from_be_bytes(*count));
                let (audience, rest) = rest.split_at_checked(count * ID_BYTES)?;
                let (color, name) = rest.split_first()?;
                Some(Self::Typing(Typing {
                    thread: ThreadId(Uuid::from_slice(thread).ok()?),
                    person: Named {
                        account: AccountId(Uuid::from_slice(account).ok()?),
                        name: std::str::from_utf8(name).ok()?.into(),
                        color: AccountColor::new((*color).into())?,
                    },
                    audience: ids(audience)?,
                }))
            }
            _ => None,
        }
    }
}

fn bytes(ids: &[AccountId]) -> Vec<u8> {
    ids.iter().flat_map(|account| *account.0.as_bytes()).collect()
}

fn ids(bytes: &[u8]) -> Option<Vec<AccountId>> {
    bytes.chunks(ID_BYTES).map(|id| Some(AccountId(Uuid::from_slice(id).ok()?))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use redis_link::Message as _;

    use super::*;

    fn account(number: u128) -> AccountId {
        AccountId(Uuid::from_u128(number))
    }

    proptest! {
        #[test]
        fn a_message_is_read_as_it_is_written(
            ids in prop::collection::vec(any::<u128>(), 0..20), name in ".{0,40}",
            color in 0..=i32::from(AccountColor::LAST),
        ) {
            let color = AccountColor::new(color).expect("has a color");
            let audience: Vec<_> = ids.into_iter().map(account).collect();
            let typing = Typing {
                thread: ThreadId(Uuid::from_u128(3)),
                person: Named { account: account(4), name: name.into(), color },
                audience: audience.clone(),
            };
            let received = Received::decode(&typing.encode());
            prop_assert_eq!(received, Some(Received::Typing(typing)));
            let comments = Signal::Comments(SheetId(Uuid::from_u128(5)));
            for signal in [Signal::All, Signal::Hint(audience), comments] {
                let received = Received::decode(&signal.encode());
                prop_assert_eq!(received, Some(Received::Signal(signal)));
            }
        }

        #[test]
        fn other_bytes_are_no_message_or_one_that_encodes_to_them(
            bytes in prop::collection::vec(any::<u8>(), 0..100),
        ) {
            match Received::decode(&bytes) {
                Some(Received::Signal(signal)) => prop_assert_eq!(signal.encode(), bytes),
                Some(Received::Typing(typing)) => prop_assert_eq!(typing.encode(), bytes),
                None => {}
            }
        }
    }
}
