//! `gridloom.v1.PeopleService`: the search for people.
//!
//! Not the decision whom an account finds: the setting and the store's statement make it. Invariant: a stranger and an
//! unknown person have the same answer, none.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gridloom::v1;
use gridloom::v1::people_service_server::PeopleService;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::pages::PageSizes;
use super::wire;
use crate::config::PeopleOptions;
use crate::edge::auth::Identity;
use crate::edge::errors::{ServiceError, StatusBuilder};
use crate::edge::pages::Paged;
use crate::edge::rights::access::{Access, sheet_id};
use model::allowance::AccountAllowance;
use model::limits::edge::PEOPLE_SEARCHES;
use model::{AccountId, Role};
use store::{FoundPeople, PeopleFilter, PersonPlace, Store};

const QUERY_BYTES: usize = 200;
const ID_BYTES: usize = 16;
/// More than the bytes of the longest display name in capitals: of one character there are three, of three bytes each, at most.
const NAME_BYTES: usize = 1_800;

/// Serves the search.
#[derive(Debug)]
pub(super) struct Search {
    store: Store,
    access: Access,
    options: PeopleOptions,
    page: PageSizes,
    searches: AccountAllowance,
}

impl Search {
    pub(super) fn new(
        store: Store,
        access: Access,
        options: PeopleOptions,
        page: PageSizes,
    ) -> Self {
        let searches = AccountAllowance::new(PEOPLE_SEARCHES);
        Self { store, access, options, page, searches }
    }

    async fn find(
        &self,
        identity: &Identity,
        request: &v1::SearchPeopleRequest,
    ) -> Result<v1::SearchPeopleResponse, Status> {
        let sheet = match request.sheet_id.as_str() {
            "" => None,
            id => Some(sheet_id(id)?),
        };
        if let Some(sheet) = sheet {
            self.access.require(identity, sheet, Role::Viewer).await?;
        }
        let begins = request.query.trim();
        let address = begins.to_ascii_lowercase();
        if begins.len() > QUERY_BYTES || begins.contains('\0') {
            let rule = "must have at most 200 bytes, and no NUL character";
            return Err(ServiceError::malformed("query", rule).into());
        }
        let size = self.page.items(request.page_size);
        let after = request.place::<Place>()?.map(|place| place.0);
        let taken = self.searches.take(identity.account);
        taken.map_err(|after| Status::from(StatusBuilder::rate_limited("searches", after)))?;
        let all = self.options.finds_all() && !identity.is_guest;
        let filter = PeopleFilter { begins, address: &address, all, sheet, after: after.as_ref() };
        let found = self.store.find_people(identity.account, filter, size + 1).await;
        let FoundPeople { people, is_cut } = found.map_err(ServiceError::from)?;
        let place = |(_, place): &(_, PersonPlace)| Place(place.clone());
        let wire = |(person, _)| wire::person(person);
        let (people, next_page_token) = self.page.page(request, (people, size), place, wire);
        let people_left_out = is_cut && next_page_token.is_empty();
        Ok(v1::SearchPeopleResponse { people, next_page_token, people_left_out })
    }
}

/// The place of a page: the account and the name of the last person before it. It needs no lookup, so that a token shows
/// nothing about the account that it names.
struct Place(PersonPlace);

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(PersonPlace { name, account }) = self;
        f.write_str(&URL_SAFE_NO_PAD.encode([account.0.as_bytes(), name.as_bytes()].concat()))
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(token: &str) -> Result<Self, ()> {
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| ())?;
        let (id, name) = bytes.split_at_checked(ID_BYTES).ok_or(())?;
        let account = Uuid::from_slice(id).map(AccountId).map_err(|_| ())?;
        let name = std::str::from_utf8(name).map_err(|_| ())?;
        let is_name = name.len() <= NAME_BYTES && !name.contains('\0');
        is_name.then(|| Self(PersonPlace { name: name.to_owned(), account })).ok_or(())
    }
}

#[tonic::async_trait]
impl PeopleService for Search {
    async fn search_people(
        &self,
        request: Request<v1::SearchPeopleRequest>,
    ) -> Result<Response<v1::SearchPeopleResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.find(&identity, request.get_ref()).await.map(Response::new)
    }
}
