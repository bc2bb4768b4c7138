//! The pages of lists: their sizes, and the tokens of the next ones.
//!
//! Not the order of a list. Invariant: a token that no answer has given is refused by its field, and no page has more than
//! [`PEOPLE_PAGE_MOST`] items.

use crate::edge::errors::ServiceError;
use model::limits::edge::PEOPLE_PAGE_MOST;
use model::people::ThreadId;

/// The number of items on a page.
pub(super) fn page_size(given: u32, default: u32) -> u32 {
    match given {
        0 => default,
        size => size.min(PEOPLE_PAGE_MOST),
    }
}

/// The place of a page, from its token.
pub(super) fn page_place<T: std::str::FromStr>(token: &str) -> Result<Option<T>, ServiceError> {
    let rule = "must be next_page_token of the page before";
    match token {
        "" => Ok(None),
        token => token.parse().map(Some).map_err(|_| ServiceError::malformed("page_token", rule)),
    }
}

/// The number before which a page begins, from its token; 0: none.
pub(super) fn page_number(token: &str) -> Result<u64, ServiceError> {
    let number = page_place::<i64>(token)?.map_or(Ok(0), u64::try_from);
    let rule = "must be next_page_token of the page before";
    number.map_err(|_| ServiceError::malformed("page_token", rule))
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
