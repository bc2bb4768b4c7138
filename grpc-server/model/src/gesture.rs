//! Where a change was made, and of which gesture it is a part: what an undo goes by.
//!
//! A place is a number that a client makes and keeps: a tab of a browser, a program. The ids of its clients contain it,
//! so the journal, the log and an edit that is sent again name the place without a field of their own. A server of an
//! earlier release keeps it, too.
//!
//! Not here: which changes can be taken back (the undo stacks of the sheet). Invariant: an id without the mark has no
//! place; earlier releases have made no id with the mark but one of 65,536 names of unary edits.

use std::sync::Arc;

use ot_engine::{ClientId, Revision};

/// The bits of a place.
const PLACE_BITS: u32 = 48;
/// Stands above the place. No random UUID has it: its two highest bits are others there.
const MARK: u16 = 0x11ac;
/// The bits of place and mark.
const MARKED_BITS: u32 = 64;
/// How many edits of one call have names of their own.
pub const NAMES: u16 = 1 << 12;

/// The place of a change; see the [module](self).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EditPlace(u64);

impl EditPlace {
    /// The largest place.
    pub const MAX: u64 = (1 << PLACE_BITS) - 1;

    /// The place of this number; `None` for 0 and above [`Self::MAX`].
    #[must_use]
    pub const fn new(number: u64) -> Option<Self> {
        if number == 0 || number > Self::MAX { None } else { Some(Self(number)) }
    }

    /// The place that a client id contains.
    #[must_use]
    pub fn of(client: ClientId) -> Option<Self> {
        if has_mark(client.0) { Self::new(client.0 as u64 & Self::MAX) } else { None }
    }

    /// The number of the place.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The last 8 bytes of the ids of its clients.
    #[must_use]
    pub fn bytes(self) -> [u8; 8] {
        (u64::from(MARK) << PLACE_BITS | self.0).to_be_bytes()
    }
}

/// The id of a client at a place, or without one, from random bits.
#[must_use]
pub fn client_at(place: Option<EditPlace>, random: u128) -> ClientId {
    // The highest bit marks a client's commands.
    let random = random & (u128::MAX >> 1);
    match place {
        Some(place) => {
            let marked = u64::from_be_bytes(place.bytes());
            ClientId(random >> MARKED_BITS << MARKED_BITS | u128::from(marked))
        }
        None if has_mark(random) => ClientId(random ^ 1 << PLACE_BITS),
        None => ClientId(random),
    }
}

/// The name of a further edit of the same call, at the same place.
#[must_use]
pub fn further_name(first: ClientId, number: u16) -> ClientId {
    ClientId(first.0 ^ u128::from(number % NAMES) << MARKED_BITS)
}

/// What the names of a request have in common, at whatever place it is sent.
#[must_use]
pub const fn request_of(client: ClientId) -> u64 {
    (client.0 >> MARKED_BITS) as u64
}

/// The group of the changes of one undo or redo: their names have all but their number in common. It is never 0.
#[must_use]
pub fn group_of_call(client: ClientId) -> EditGroup {
    let number = u64::from(NAMES - 1);
    EditGroup((request_of(client) & !number) | 1)
}

fn has_mark(id: u128) -> bool {
    (id >> PLACE_BITS) as u16 == MARK
}

/// The group of an edit: consecutive edits of one place with the same group are one gesture, and one undo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct EditGroup(pub u64);

impl EditGroup {
    /// The edit is a gesture of its own.
    pub const NONE: Self = Self(0);

    /// Whether an edit of this group and one of the other are parts of one gesture, where no edit lies between.
    #[must_use]
    pub fn is_of(self, other: Self) -> bool {
        self != Self::NONE && self == other
    }
}

/// What an undo or a redo has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UndoReport {
    /// The edits that it has taken back.
    pub edits: u32,
    /// The cells of these edits that it could not set.
    pub cells_left_out: u32,
    /// The changes that it has passed over, the newest first.
    pub passed_over: Vec<PassedOver>,
    /// Whether the next one continues with the same group, or behind those that were passed over.
    pub more: bool,
}

/// A change that an undo or a redo has passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedOver {
    /// The change.
    pub revision: Revision,
    /// Why, as a part of a sentence.
    pub why: Arc<str>,
    /// Whether its cells have the values of before already: it leaves the stack.
    pub is_settled: bool,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_id_contains_its_place(random: u128, number: u64, further: u16) {
            let place = EditPlace::new(number & EditPlace::MAX);
            let client = client_at(place, random);
            prop_assert_eq!(EditPlace::of(client), place);
            prop_assert_eq!(client.0 >> 127, 0, "the bit of commands");
            prop_assert_eq!(request_of(client), request_of(client_at(None, random)));
            let further = further_name(client, further % NAMES);
            prop_assert_eq!(EditPlace::of(further), place);
            prop_assert_eq!(group_of_call(further), group_of_call(client));
            let other = ClientId(client.0 ^ u128::from(NAMES) << MARKED_BITS);
            prop_assert!(!group_of_call(other).is_of(group_of_call(client)));
            prop_assert_eq!(EditPlace::of(ClientId(further.0 | 1 << 127)), place);
        }
    }

    #[test]
    fn an_id_with_the_mark_by_chance_gets_no_place() {
        let chance = u128::from(MARK) << PLACE_BITS | 7;
        assert_eq!(EditPlace::of(ClientId(chance)).map(EditPlace::number), Some(7));
        assert_eq!(EditPlace::of(client_at(None, chance)), None);
        assert_eq!((EditPlace::new(0), EditPlace::new(EditPlace::MAX + 1)), (None, None));
    }

    #[test]
    fn edits_without_a_group_are_gestures_of_their_own() {
        assert!(EditGroup(3).is_of(EditGroup(3)) && !EditGroup(3).is_of(EditGroup(4)));
        assert!(!EditGroup::NONE.is_of(EditGroup::NONE));
    }
}
