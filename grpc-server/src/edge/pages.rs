//! The pages of answers: how many items fit, and the tokens of the next pages.
//!
//! A token is the digest of its request without the fields of the page, and the place where the next page begins:
//! `DIGEST-PLACE`. Not a secret: a place that is made up gives another page of what the caller may read. Not the order
//! of a list. Invariant: a token of another request, or of no form that an answer has, is refused by its field.

use std::fmt::Display;
use std::str::FromStr;

use gridloom::v1;
use prost::Message;
use sha2::{Digest as _, Sha256};

use super::errors::ServiceError;

const DIGEST_BYTES: usize = 12;
/// The longest token that an answer has: of `ListChanges` with many ranges.
const TOKEN_BYTES_MOST: usize = 8 * 1024;
/// More than the bytes of a token whose place is some numbers or an id.
pub(crate) const TOKEN_BYTES: usize = 160;
/// The bytes of an item in front of its content.
pub(crate) const ITEM_HEAD_BYTES: usize = 6;

/// A request whose answer has pages.
pub(crate) trait Paged: Message + Clone {
    /// Its rpc.
    const RPC: &'static str;

    /// The token of the page before.
    fn page_token(&self) -> &str;

    /// The same for each page.
    fn without_page(&self) -> Self;

    /// The place where this page begins; `None` for the first page.
    fn place<T: FromStr>(&self) -> Result<Option<T>, ServiceError> {
        let token = self.page_token();
        if token.is_empty() {
            return Ok(None);
        }
        let rule = "must be next_page_token of an answer to the same question";
        let place = token.split_once('-').filter(|_| token.len() <= TOKEN_BYTES_MOST);
        let place = place.filter(|(digest, _)| *digest == self.digest());
        let (_, place) = place.ok_or_else(|| ServiceError::malformed("page_token", rule))?;
        place.parse().map(Some).map_err(|_| {
            if is_of_an_earlier_release(place) {
                ServiceError::page_of_an_earlier_release()
            } else {
                ServiceError::malformed("page_token", rule)
            }
        })
    }

    /// The token of the page that begins at a place.
    fn next_page_token(&self, place: impl Display) -> String {
        format!("{}-{place}", self.digest())
    }

    /// Names the request, the same for all of its pages.
    fn digest(&self) -> String {
        let mut hash = Sha256::new_with_prefix(Self::RPC);
        hash.update(self.without_page().encode_to_vec());
        let hash: [u8; 32] = hash.finalize().into();
        hash.iter().take(DIGEST_BYTES).map(|byte| format!("{byte:02x}")).collect()
    }
}

macro_rules! paged {
    ($($request:ident { $($of_page:ident)* })*) => {
        $(impl Paged for v1::$request {
            const RPC: &'static str = stringify!($request);

            fn page_token(&self) -> &str {
                &self.page_token
            }

            fn without_page(&self) -> Self {
                let mut request = self.clone();
                request.page_token.clear();
                $(request.$of_page = Default::default();)*
                request
            }
        })*
    };
}

paged! {
    GetRevisionRequest {}
    ListAllJobsRequest { page_size }
    ListChangesRequest { page_size }
    ListCommentsRequest { page_size }
    ListFilesRequest { page_size }
    ListJobsRequest { page_size }
    ListMessagesRequest { page_size }
    ListNoticesRequest { page_size }
    ListSheetsRequest { page_size }
    ListThreadsRequest { page_size }
    QueryRowsRequest { page_size include_total }
    ReadCellsRequest {}
    SearchPeopleRequest { page_size }
}

/// Whether a place has the form `REVISION.ROW.COL`, `REVISION.ROW.POSITION` or `REVISION;ROWS;COLS`: windows, searches and
/// lists of changes had it without an epoch.
fn is_of_an_earlier_release(place: &str) -> bool {
    let numbers: Vec<_> = place.splitn(4, '.').map(str::parse::<u64>).collect();
    let is_place = numbers.len() == 3 && numbers.iter().all(Result::is_ok);
    let is_of_lines = |char: char| char.is_ascii_digit() || ";*,-".contains(char);
    let is_of_changes = place.chars().all(is_of_lines)
        && place.split(';').count() == 3
        && place.split(';').next().is_some_and(|revision| revision.parse::<u64>().is_ok());
    is_place || is_of_changes
}

/// The first items, as far as they fit an answer with `room` bytes left; one at least, so that each page leads further.
pub(crate) fn fitting<T: Message>(items: impl IntoIterator<Item = T>, room: usize) -> Vec<T> {
    take(items, room, 1)
}

/// The first items, as far as they fit an answer with `room` bytes left.
pub(crate) fn fitting_or_none<T: Message>(
    items: impl IntoIterator<Item = T>,
    room: usize,
) -> Vec<T> {
    take(items, room, 0)
}

fn take<T: Message>(items: impl IntoIterator<Item = T>, room: usize, least: usize) -> Vec<T> {
    let mut left = Some(room);
    let mut taken = Vec::new();
    for item in items {
        left = left.and_then(|left| left.checked_sub(item.encoded_len() + ITEM_HEAD_BYTES));
        if left.is_none() && taken.len() >= least {
            break;
        }
        taken.push(item);
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_to_its_place_in_the_same_request_alone() {
        let request = v1::ListSheetsRequest { filter: "a".to_owned(), ..Default::default() };
        let page_token = request.next_page_token(7);
        let next = v1::ListSheetsRequest { page_size: 3, page_token, ..request };
        assert_eq!(next.place::<u64>().ok(), Some(Some(7)));
        let other = v1::ListSheetsRequest { filter: "b".to_owned(), ..next.clone() };
        assert!(other.place::<u64>().is_err());
        let of_another_rpc = v1::ListThreadsRequest {
            page_token: v1::ListSheetsRequest::default().next_page_token(7),
            ..Default::default()
        };
        assert!(of_another_rpc.place::<u64>().is_err());
        let digest = v1::ListSheetsRequest::default().digest();
        for token in ["7", "-7", "x-7", &digest, &format!("{digest}-"), &format!("{digest}-x")] {
            let request =
                v1::ListSheetsRequest { page_token: token.to_owned(), ..Default::default() };
            assert!(request.place::<u64>().is_err(), "{token}");
        }
    }

    #[test]
    fn a_token_of_an_earlier_release_begins_again() {
        let digest = v1::ReadCellsRequest::default().digest();
        let error = |place: &str| {
            let page_token = format!("{digest}-{place}");
            let request = v1::ReadCellsRequest { page_token, ..Default::default() };
            request.place::<u64>().expect_err("is refused")
        };
        for place in ["7.16.0", "7;*;*", "7;0-3,7-9;"] {
            let error = error(place);
            assert!(
                matches!(&error, ServiceError::OutOfRange { field, .. } if field == "page_token"),
                "{place}"
            );
        }
        for place in
            ["7.16", "7.16.0.1", "7.16.x", "..", "7.16.", "7;*", "7;*;*;*", "*;*;*", "7;x;*"]
        {
            assert!(matches!(error(place), ServiceError::Malformed { .. }), "{place}");
        }
    }

    #[test]
    fn a_page_has_one_item_at_least() {
        let sheets = || (0..3).map(|_| v1::Sheet { name: "n".repeat(100), ..Default::default() });
        assert_eq!([0, 150, 230, 1_000].map(|room| fitting(sheets(), room).len()), [1, 1, 2, 3]);
    }
}
