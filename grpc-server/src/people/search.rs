//! `gridloom.v1.PeopleService`: the search for people.
//!
//! Not the decision whom an account finds: the setting and the store's statement make it. Invariant: a stranger and an
//! unknown person have the same answer, none.

use gridloom::v1;
use gridloom::v1::people_service_server::PeopleService;
use tonic::{Request, Response, Status};

use super::pages::{page_place, page_size};
use super::wire;
use crate::config::PeopleOptions;
use crate::edge::auth::Identity;
use crate::edge::errors::{ServiceError, StatusBuilder};
use crate::edge::rights::access::{Access, sheet_id};
use model::Role;
use model::allowance::AccountAllowance;
use model::limits::edge::PEOPLE_SEARCHES;
use store::{PeopleFilter, Store};

const QUERY_BYTES: usize = 200;

/// Serves the search.
#[derive(Debug)]
pub(super) struct Search {
    store: Store,
    access: Access,
    options: PeopleOptions,
    searches: AccountAllowance,
}

impl Search {
    pub(super) fn new(store: Store, access: Access, options: PeopleOptions) -> Self {
        let searches = AccountAllowance::new(PEOPLE_SEARCHES);
        Self { store, access, options, searches }
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
        let begins = request.query.trim().to_lowercase();
        if begins.len() > QUERY_BYTES || begins.contains('\0') {
            let rule = "must have at most 200 bytes, and no NUL character";
            return Err(ServiceError::malformed("query", rule).into());
        }
        let size = page_size(request.page_size, self.options.people_page);
        let after = page_place(&request.page_token)?;
        let taken = self.searches.take(identity.account);
        taken.map_err(|after| Status::from(StatusBuilder::rate_limited("searches", after)))?;
        let all = self.options.finds_all() && !identity.is_guest;
        let filter = PeopleFilter { begins: &begins, all, sheet, after };
        let found = self.store.find_people(identity.account, filter, size + 1).await;
        let mut found = found.map_err(ServiceError::from)?;
        let more = found.len() > size as usize;
        found.truncate(size as usize);
        let last = found.last().filter(|_| more);
        let next_page_token = last.map(|last| last.person.0.to_string()).unwrap_or_default();
        let people = found.into_iter().map(wire::person).collect();
        Ok(v1::SearchPeopleResponse { people, next_page_token })
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
