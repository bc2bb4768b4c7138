//! The signals between nodes, as bytes.
//!
//! Not their transport. Invariant: what was encoded is decoded to the same signal; other bytes are no signal.

use uuid::Uuid;

use model::people::{Named, ThreadId};
use model::{AccountColor, AccountId, SheetId};

const ID_BYTES: usize = 16;
const HINT: u8 = b'h';
const COMMENTS: u8 = b'c';
/// An earlier release sends `t`, without a color: it is left out, as that release leaves this one out.
const TYPING: u8 = b'y';

/// A signal to the other nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// These accounts have new notices.
    Hint(Vec<AccountId>),
    /// Comments on a sheet have changed.
    Comments(SheetId),
    /// A person types.
    Typing { thread: ThreadId, person: Named, audience: Vec<AccountId> },
}

impl Signal {
    pub(super) fn encode(&self) -> Vec<u8> {
        let ids = |of: &[AccountId]| -> Vec<u8> {
            of.iter().flat_map(|account| *account.0.as_bytes()).collect()
        };
        match self {
            Self::Hint(accounts) => [[HINT].as_slice(), &ids(accounts)].concat(),
            Self::Comments(sheet) => [[COMMENTS].as_slice(), sheet.0.as_bytes()].concat(),
            Self::Typing { thread, person: Named { account, name, color }, audience } => {
                // The audience has a small bound.
                let count = u16::try_from(audience.len()).unwrap_or(u16::MAX);
                let audience = &audience[..count.into()];
                let head = [thread.0.as_bytes().as_slice(), account.0.as_bytes()].concat();
                let count = count.to_be_bytes();
                let tail = [&[color.number()], name.as_bytes()].concat();
                [[TYPING].as_slice(), &head, &count, &ids(audience), &tail].concat()
            }
        }
    }

    /// `None` for what a later release may send.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        match *kind {
            HINT if rest.len().is_multiple_of(ID_BYTES) => Some(Self::Hint(ids(rest)?)),
            COMMENTS => Some(Self::Comments(SheetId(Uuid::from_slice(rest).ok()?))),
            TYPING => {
                let (thread, rest) = rest.split_at_checked(ID_BYTES)?;
                let (account, rest) = rest.split_at_checked(ID_BYTES)?;
                let (count, rest) = rest.split_first_chunk()?;
                let count = usize::from(u16::from_be_bytes(*count));
                let (audience, rest) = rest.split_at_checked(count * ID_BYTES)?;
                let (color, name) = rest.split_first()?;
                Some(Self::Typing {
                    thread: ThreadId(Uuid::from_slice(thread).ok()?),
                    person: Named {
                        account: AccountId(Uuid::from_slice(account).ok()?),
                        name: std::str::from_utf8(name).ok()?.into(),
                        color: AccountColor::new((*color).into())?,
                    },
                    audience: ids(audience)?,
                })
            }
            _ => None,
        }
    }
}

fn ids(bytes: &[u8]) -> Option<Vec<AccountId>> {
    bytes.chunks(ID_BYTES).map(|id| Some(AccountId(Uuid::from_slice(id).ok()?))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn account(number: u128) -> AccountId {
        AccountId(Uuid::from_u128(number))
    }

    proptest! {
        #[test]
        fn a_signal_is_read_as_it_is_written(
            ids in prop::collection::vec(any::<u128>(), 0..20), name in ".{0,40}",
            color in 0..=i32::from(AccountColor::LAST),
        ) {
            let color = AccountColor::new(color).expect("has a color");
            let audience: Vec<_> = ids.into_iter().map(account).collect();
            let typing = Signal::Typing {
                thread: ThreadId(Uuid::from_u128(3)),
                person: Named { account: account(4), name: name.into(), color },
                audience: audience.clone(),
            };
            let comments = Signal::Comments(SheetId(Uuid::from_u128(5)));
            for signal in [Signal::Hint(audience), typing, comments] {
                prop_assert_eq!(Signal::decode(&signal.encode()), Some(signal));
            }
        }

        #[test]
        fn other_bytes_are_no_signal_or_one_that_encodes_to_them(
            bytes in prop::collection::vec(any::<u8>(), 0..100),
        ) {
            if let Some(signal) = Signal::decode(&bytes) {
                prop_assert_eq!(signal.encode(), bytes);
            }
        }
    }
}
