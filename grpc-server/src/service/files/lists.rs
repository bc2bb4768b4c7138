//! Pages of the caller's files and of those that are shared with it, in an order.
//!
//! Not the order itself (the store). Invariant: a page token leads behind the last file of its page, in the same order; one
//! that is made up shows other files of the same list at most.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use gridloom::v1;

use super::Files;
use super::wire::file_to_wire;
use crate::edge::auth::Identity;
use crate::edge::errors::ServiceError;
use crate::edge::pages::{self, Paged as _};
use model::FileOrder;
use store::{FileFilter, FileKey, FilePlace, FileScope};

const FILTER_BYTES: usize = 200;
const PAGE: u32 = 50;
const PAGE_MOST: u32 = 500;
/// More than the bytes of a page token, which may have a name in another normal form.
const TOKEN_BYTES: usize = 4 * 1024;

impl Files {
    pub(super) async fn list(
        &self,
        identity: &Identity,
        request: &v1::ListFilesRequest,
    ) -> Result<v1::ListFilesResponse, ServiceError> {
        if request.filter.len() > FILTER_BYTES || request.filter.contains('\0') {
            let rule = format!("must have at most {FILTER_BYTES} bytes, none of them NUL");
            return Err(ServiceError::malformed("filter", rule));
        }
        let (order, descending) = order(request)?;
        let after = after(request, order)?;
        let page_size = match request.page_size {
            0 => PAGE,
            size => size.min(PAGE_MOST),
        };
        let filter = FileFilter {
            account: identity.account,
            scope: scope(request.scope)?,
            contains: Some(request.filter.clone()).filter(|text| !text.is_empty()),
            order,
            descending,
            removed: request.removed,
        };
        self.place.ready().await?;
        // One file more than requested shows whether there is a next page.
        let found = self.store.files(&filter, after.as_ref(), page_size + 1).await?;
        let listed = found.iter().take(page_size as usize).map(|(found, _)| file_to_wire(found));
        let room = (self.message_bytes as usize).saturating_sub(TOKEN_BYTES);
        let files = pages::fitting(listed, room);
        let last = files.len().checked_sub(1).and_then(|last| found.get(last));
        let last = last.filter(|_| found.len() > files.len());
        let token = last.map(|(_, place)| request.next_page_token(Token(place.clone())));
        Ok(v1::ListFilesResponse { files, next_page_token: token.unwrap_or_default() })
    }
}

fn scope(given: i32) -> Result<FileScope, ServiceError> {
    let scope = v1::FileScope::try_from(given)
        .map_err(|_| ServiceError::malformed("scope", "must be OWN, SHARED or ALL"))?;
    Ok(match scope {
        v1::FileScope::Unspecified | v1::FileScope::All => FileScope::All,
        v1::FileScope::Own => FileScope::Own,
        v1::FileScope::Shared => FileScope::Shared,
    })
}

/// The order of a request, and whether it is the other way round.
fn order(request: &v1::ListFilesRequest) -> Result<(FileOrder, bool), ServiceError> {
    let order = v1::FileOrder::try_from(request.order).map_err(|_| {
        ServiceError::malformed("order", "must be one of the orders that the manual lists")
    })?;
    Ok(match order {
        v1::FileOrder::Unspecified => (FileOrder::Created, true),
        v1::FileOrder::Name => (FileOrder::Name, request.descending),
        v1::FileOrder::Size => (FileOrder::Size, request.descending),
        v1::FileOrder::Created => (FileOrder::Created, request.descending),
    })
}

/// The place behind which the page begins; `None` for the first page.
fn after(
    request: &v1::ListFilesRequest,
    order: FileOrder,
) -> Result<Option<FilePlace>, ServiceError> {
    let Some(Token(place)) = request.place()? else { return Ok(None) };
    let is_of_order = matches!(
        (order, &place.key),
        (FileOrder::Name, FileKey::Name(_))
            | (FileOrder::Size, FileKey::Size(_))
            | (FileOrder::Created, FileKey::Created(_))
    );
    match is_of_order {
        true => Ok(Some(place)),
        false => {
            let rule = "must be next_page_token of an answer to the same question";
            Err(ServiceError::malformed("page_token", rule))
        }
    }
}

/// A place as the token of a page has it: the letter of the order, the id, and the value by which the file is sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Token(FilePlace);

impl Display for Token {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let FilePlace { key, id } = &self.0;
        match key {
            FileKey::Name(name) => write!(f, "n.{id}.{name}"),
            FileKey::Size(bytes) => write!(f, "s.{id}.{bytes}"),
            FileKey::Created(micros) => write!(f, "c.{id}.{micros}"),
        }
    }
}

impl FromStr for Token {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.splitn(3, '.');
        let (Some(order), Some(id), Some(value)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(());
        };
        // Numbers that Postgres has.
        let number = || value.parse::<i64>().ok().filter(|number| *number >= 0).ok_or(());
        let key = match order {
            "n" if !value.contains('\0') => FileKey::Name(value.to_owned()),
            "s" => FileKey::Size(number()?.unsigned_abs()),
            "c" => FileKey::Created(number()?),
            _ => return Err(()),
        };
        Ok(Self(FilePlace { key, id: id.parse().map_err(|_| ())? }))
    }
}

#[cfg(test)]
mod tests {
    use model::FileId;
    use uuid::Uuid;

    use super::*;

    fn place(key: FileKey) -> FilePlace {
        FilePlace { key, id: FileId(Uuid::from_u128(7)) }
    }

    #[test]
    fn a_token_is_read_as_it_is_written() {
        let keys = ["", "a.b-c", ".", "é \u{1f600}"].map(|name| FileKey::Name(name.to_owned()));
        let numbers = [FileKey::Size(0), FileKey::Size(1 << 60), FileKey::Created(1 << 50)];
        for key in keys.into_iter().chain(numbers) {
            let token = Token(place(key));
            assert_eq!(token.to_string().parse::<Token>().as_ref(), Ok(&token));
        }
        let id = Uuid::nil();
        for bad in ["", "n", "n.", "s..7", "x.y.z", &format!("s.{id}.-1"), &format!("c.{id}.x")] {
            assert_eq!(bad.parse::<Token>(), Err(()), "{bad}");
        }
    }

    #[test]
    fn a_token_of_another_order_is_refused() {
        let request = v1::ListFilesRequest::default();
        let next = |key| v1::ListFilesRequest {
            page_token: request.next_page_token(Token(place(key))),
            ..request.clone()
        };
        assert!(after(&next(FileKey::Created(5)), FileOrder::Created).is_ok_and(|it| it.is_some()));
        assert!(after(&next(FileKey::Size(5)), FileOrder::Created).is_err());
        assert!(after(&request, FileOrder::Created).is_ok_and(|it| it.is_none()));
    }

    #[test]
    fn the_newest_files_are_first_without_an_order() {
        let of = |order: v1::FileOrder, descending| {
            order_of(v1::ListFilesRequest { order: order.into(), descending, ..Default::default() })
        };
        assert_eq!(of(v1::FileOrder::Unspecified, false), Some((FileOrder::Created, true)));
        assert_eq!(of(v1::FileOrder::Unspecified, true), Some((FileOrder::Created, true)));
        assert_eq!(of(v1::FileOrder::Name, false), Some((FileOrder::Name, false)));
        assert_eq!(order_of(v1::ListFilesRequest { order: 9, ..Default::default() }), None);
    }

    #[test]
    fn a_list_without_a_scope_has_own_and_shared_files() {
        assert_eq!(scope(0).ok(), Some(FileScope::All));
        assert_eq!(scope(v1::FileScope::Own.into()).ok(), Some(FileScope::Own));
        assert_eq!(scope(v1::FileScope::Shared.into()).ok(), Some(FileScope::Shared));
        assert!(scope(9).is_err());
    }

    fn order_of(request: v1::ListFilesRequest) -> Option<(FileOrder, bool)> {
        order(&request).ok()
    }
}
