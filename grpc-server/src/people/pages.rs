//! The pages of lists: their sizes in items and in bytes, and the places of the next ones.
//!
//! Not the order of a list, nor the form of a token: see `edge::pages`. Invariant: no page has more than
//! [`PEOPLE_PAGE_MOST`] items, and only its first one is ever larger than the rest of a message.

use std::fmt::Display;

use prost::Message;

use crate::edge::pages::{self, Paged};
use model::limits::edge::PEOPLE_PAGE_MOST;
use model::people::ThreadId;

/// More than the bytes of a page besides its items.
const PAGE_BYTES: usize = 2 * 1024;

/// The sizes of pages.
#[derive(Clone, Copy, Debug)]
pub(super) struct PageSizes {
    /// The items of a page whose request names no number.
    pub(super) items: u32,
    /// The bytes of a message.
    pub(super) message_bytes: u32,
}

impl PageSizes {
    /// The number of items on a page.
    pub(super) fn items(self, given: u32) -> u32 {
        match given {
            0 => self.items,
            size => size.min(PEOPLE_PAGE_MOST),
        }
    }

    /// The first items, as far as they fit an answer.
    pub(super) fn fitting<T: Message>(self, items: impl IntoIterator<Item = T>) -> Vec<T> {
        pages::fitting(items, (self.message_bytes as usize).saturating_sub(PAGE_BYTES))
    }

    /// A page of at most `most` items, and the token of the next one. The list has one item more than that where there
    /// is a next page.
    pub(super) fn page<T, W: Message, P: Display>(
        self,
        request: &impl Paged,
        (listed, most): (Vec<T>, u32),
        place: impl Fn(&T) -> P,
        to_wire: impl FnMut(T) -> W,
    ) -> (Vec<W>, String) {
        let places: Vec<P> = listed.iter().map(place).collect();
        let items = self.fitting(listed.into_iter().take(most as usize).map(to_wire));
        let last = items.len().checked_sub(1).and_then(|last| places.get(last));
        let last = last.filter(|_| items.len() < places.len());
        let token = last.map(|last| request.next_page_token(last)).unwrap_or_default();
        (items, token)
    }
}

/// The number before which a page begins, as its token names it.
pub(super) struct NumberPlace(pub(super) u64);

impl NumberPlace {
    /// As the store takes it; 0: none.
    pub(super) fn number(place: Option<Self>) -> u64 {
        place.map_or(0, |place| place.0)
    }
}

impl Display for NumberPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for NumberPlace {
    type Err = ();

    fn from_str(place: &str) -> Result<Self, ()> {
        let number: i64 = place.parse().map_err(|_| ())?;
        u64::try_from(number).map(Self).map_err(|_| ())
    }
}

/// The place of a page in a list by time: that of the last item before it. It needs no lookup, so that a token shows
/// nothing about the thread that it names.
pub(super) struct TimePlace {
    pub(super) at_micros: i64,
    pub(super) thread: ThreadId,
}

impl TimePlace {
    /// As the store takes it.
    pub(super) fn pair(self) -> (i64, ThreadId) {
        (self.at_micros, self.thread)
    }
}

impl std::fmt::Display for TimePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.at_micros, self.thread)
    }
}

impl std::str::FromStr for TimePlace {
    type Err = ();

    fn from_str(token: &str) -> Result<Self, ()> {
        let (at, id) = token.split_once('.').ok_or(())?;
        // Beyond four digits of a year Postgres has no times.
        let at: u64 = at.parse().map_err(|_| ())?;
        let at = i64::try_from(at).ok().filter(|at| *at < 253_402_300_800_000_000).ok_or(())?;
        Ok(Self { at_micros: at, thread: id.parse().map_err(|_| ())? })
    }
}
