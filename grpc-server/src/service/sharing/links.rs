//! The calls on links.
//!
//! Not the tokens of links (`edge::keys::links`). Invariants: a token of no link costs no query; the token of a link is in
//! the answer that made it, and in no other.

use std::net::IpAddr;

use gridloom::v1;
use tonic::Status;
use uuid::Uuid;

use super::Sharing;
use super::wire::{given_role, link_to_wire};
use crate::edge::auth::Identity;
use crate::edge::errors::{ServiceError, SharingRefusal};
use crate::edge::keys::links;
use crate::edge::rights::access::sheet_id;
use crate::service::names;
use model::limits::edge::{LINKS_OF_SHEET, MEMBERS_OF_LINK};
use model::{
    AccountColor, AccountRecord, AccountState, LinkId, LinkRecord, Role, SheetId, now_micros,
};
use sheet::fanout::role::role_to_wire;
use store::{LinkPlace, StoreError};

impl Sharing {
    pub(super) async fn new_link(
        &self,
        identity: &Identity,
        request: v1::CreateLinkRequest,
    ) -> Result<v1::Link, Status> {
        let sheet = sheet_id(&request.sheet_id)?;
        self.roles.access.owned(identity, sheet).await?;
        let role = given_role(request.role)?;
        let (now, expires) = (now_micros(), request.expires_micros);
        if expires != 0 && expires <= now {
            let rule = "must be in the future, or 0 for a link that does not end";
            return Err(ServiceError::malformed("expires_micros", rule).into());
        }
        let id = LinkId(Uuid::new_v4());
        let (token, hash) = links::generate(&self.key, id).map_err(ServiceError::internal)?;
        let link = LinkRecord {
            id,
            sheet,
            role,
            guests: request.guests,
            created_micros: now,
            expires_micros: Some(expires).filter(|at| *at != 0),
            opened: 0,
            hash: Some(hash),
        };
        let made = self.roles.store.create_link(&link, LINKS_OF_SHEET, identity.account).await;
        if !made.map_err(ServiceError::from)? {
            self.roles.access.owned(identity, sheet).await?;
            let (what, limit) = ("links", LINKS_OF_SHEET);
            return Err(SharingRefusal::TooMany { what, limit }.into());
        }
        self.roles.access.list_changed(sheet);
        Ok(link_to_wire(&link, token))
    }

    pub(super) async fn end_link(
        &self,
        identity: &Identity,
        sheet: &str,
        link: &str,
    ) -> Result<(), Status> {
        let sheet = sheet_id(sheet)?;
        self.roles.access.owned(identity, sheet).await?;
        let by_id = link.parse().ok().map(LinkId);
        let id = by_id.or_else(|| Some(links::read(&self.key, link)?.link));
        let id = id.ok_or(SharingRefusal::LinkEnded)?;
        let ended = self
            .roles
            .store
            .delete_link(id, sheet, identity.account)
            .await
            .map_err(ServiceError::from)?;
        if !ended {
            self.roles.access.owned(identity, sheet).await?;
            return Err(SharingRefusal::LinkEnded.into());
        }
        self.changed(sheet).await;
        Ok(())
    }

    /// Gives the role of a link to the caller. Returns the sheet, and the role that the caller then has.
    pub(super) async fn open(
        &self,
        identity: &Identity,
        token: &str,
    ) -> Result<(SheetId, Role), Status> {
        let link = self.link(token).await?;
        if identity.is_guest && !link.guests {
            return Err(SharingRefusal::Guest("this link").into());
        }
        let store = &self.roles.store;
        let role = self.roles.access.look_up(link.sheet, identity.account).await;
        let role = role.map_err(ServiceError::from)?;
        if role == Some(Role::Owner) {
            return Ok((link.sheet, Role::Owner));
        }
        // Also where the present role is a higher one, which may end.
        let place = store.open_link(link.id, identity.account, MEMBERS_OF_LINK).await;
        let place = place.map_err(ended)?;
        if place == LinkPlace::Full {
            return Err(FULL.into());
        }
        // An account without a role had no session, and no server remembers that it had none.
        match role.is_some_and(|role| role < link.role) {
            true => self.changed_role(link.sheet, identity.account).await,
            false if place == LinkPlace::New => self.roles.access.list_changed(link.sheet),
            false => {}
        }
        Ok((link.sheet, role.map_or(link.role, |role| role.max(link.role))))
    }

    pub(super) async fn enter(
        &self,
        request: v1::EnterAsGuestRequest,
        (peer, device): (Option<IpAddr>, String),
    ) -> Result<v1::EnterAsGuestResponse, Status> {
        let name = match request.display_name.trim() {
            "" => "Guest".to_owned(),
            name => names::display_name(name, name)?,
        };
        let link = {
            let _turn = self.throttle.queries().turn().await?;
            self.link(&request.token).await?
        };
        if !link.guests {
            return Err(SharingRefusal::Guest("this link").into());
        }
        let id = self.take_guest(peer).await?;
        let guest = AccountRecord {
            id,
            email: "".into(),
            display_name: name.into(),
            password_hash: "".into(),
            created_micros: now_micros(),
            state: AccountState::Active,
            color: AccountColor::default(),
            locale: None,
            is_operator: false,
        };
        self.make_guest(&link, &guest).await?;
        let issued = self.auth.issue(guest, &device).await?;
        let valid_seconds = issued.valid_seconds();
        Ok(v1::EnterAsGuestResponse {
            account_id: id.to_string(),
            access_token: issued.token,
            expires_micros: issued.expires_micros,
            sheet_id: link.sheet.to_string(),
            role: role_to_wire(link.role).into(),
            valid_seconds,
        })
    }

    /// Makes the account of a guest, and passes it on to open lists of roles: also where its caller leaves between the two.
    async fn make_guest(
        &self,
        link: &LinkRecord,
        guest: &AccountRecord,
    ) -> Result<(), ServiceError> {
        let roles = self.roles.clone();
        let (link, sheet, id, name) = (link.id, link.sheet, guest.id, guest.display_name.clone());
        let made = self.roles.store.tasks().finish(async move {
            let made = roles.store.create_guest(link, id, &name, MEMBERS_OF_LINK).await;
            match made.map_err(ended)? {
                true => roles.access.list_changed(sheet),
                false => return Err(FULL.into()),
            }
            Ok(())
        });
        // A panic is reported where it happened.
        made.await.unwrap_or(Err(ServiceError::Internal))
    }

    async fn link(&self, token: &str) -> Result<LinkRecord, ServiceError> {
        let token = links::read(&self.key, token).ok_or(SharingRefusal::LinkEnded)?;
        let link = self.roles.store.link(token.link).await?;
        let link = link.filter(|link| link.hash == token.hash);
        Ok(link.ok_or(SharingRefusal::LinkEnded)?)
    }
}

/// As many accounts as possible have opened a link.
const FULL: SharingRefusal = SharingRefusal::LinkFull { limit: MEMBERS_OF_LINK };

/// A link that was deleted meanwhile has ended.
fn ended(error: StoreError) -> ServiceError {
    match error {
        StoreError::NotFound(_) => SharingRefusal::LinkEnded.into(),
        error => error.into(),
    }
}
