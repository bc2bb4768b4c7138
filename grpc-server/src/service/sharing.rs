//! `gridloom.v1.SharingService`: the roles on a sheet, and the links that give them.
//!
//! Not what a role allows (`edge::rights::access`), and not the tables (the store). Invariant: after each change the sessions of
//! the sheet have their new roles, at this server before the answer.

mod calls;
pub(crate) mod invitations;
mod links;
mod members;
mod pace;
mod transfers;
mod wire;

use std::net::IpAddr;
use std::sync::Arc;

use gridloom::v1;
use tonic::Status;

use self::invitations::Invitations;
pub(crate) use self::pace::SharePace;
pub(in crate::service) use self::wire::share_to_wire;
use self::wire::{given_role, link_to_wire};
use crate::edge::auth::{Auth, Identity};
use crate::edge::errors::{ServiceError, SharingRefusal};
use crate::edge::keys::links::of_earlier;
use crate::edge::keys::server_key::ServerKey;
use crate::edge::quotas::Quotas;
use crate::edge::rights::access::sheet_id;
use crate::edge::rights::invalidation::{Invalidation, Invalidations};
use crate::edge::rights::role_check::RoleCheck;
use crate::edge::sign_in::login_throttle::LoginThrottle;
use crate::mail::Shared;
use crate::service::names;
use model::limits::edge::SHARES_OF_SHEET;
use model::{AccountId, LinkRecord, Role, ShareRecord, SheetId};
use sheet::fanout::role::role_to_wire;
use store::StoreError;

/// Roles in one answer: those of addresses, and as many of accounts that came by links.
const LISTED: u32 = 2 * SHARES_OF_SHEET;

/// Serves roles and links.
#[derive(Debug)]
pub(crate) struct Sharing {
    roles: RoleCheck,
    invalidations: Invalidations,
    auth: Arc<Auth>,
    throttle: Arc<LoginThrottle>,
    quotas: Arc<Quotas>,
    key: ServerKey,
    invitations: Invitations,
    pace: SharePace,
}

impl Sharing {
    pub(crate) fn new(
        roles: RoleCheck,
        invalidations: Invalidations,
        auth: Arc<Auth>,
        throttle: Arc<LoginThrottle>,
        quotas: Arc<Quotas>,
        key: ServerKey,
        invitations: Invitations,
    ) -> Self {
        let pace = SharePace::new();
        Self { roles, invalidations, auth, throttle, quotas, key, invitations, pace }
    }

    /// The pace of an account, and the invitations, which files share.
    pub(crate) fn shared(&self) -> (SharePace, Invitations) {
        (self.pace.clone(), self.invitations.clone())
    }

    async fn list(
        &self,
        identity: &Identity,
        sheet: &str,
    ) -> Result<v1::ListSharesResponse, Status> {
        let sheet = sheet_id(sheet)?;
        let role = self.roles.access.require(identity, sheet, Role::Viewer).await?.role;
        self.pace.take_list(identity.account)?;
        let store = &self.roles.store;
        let mut shares = store.shares(sheet, LISTED + 1).await.map_err(ServiceError::from)?;
        let shares_left_out = shares.len() > LISTED as usize;
        shares.truncate(LISTED as usize);
        let is_owner = role == Role::Owner;
        let mine = |share: &ShareRecord| {
            share.account.as_ref().is_some_and(|(account, _)| *account == identity.account)
        };
        let shown = shares.iter().filter(|share| is_owner || share.account.is_some());
        let shares = shown.map(|share| share_to_wire(share, is_owner || mine(share))).collect();
        let links = match is_owner {
            true => store.links(sheet).await.map_err(ServiceError::from)?,
            false => Vec::new(),
        };
        // Nothing but the key makes the token of a link of an earlier release.
        let token = |link: &LinkRecord| match link.hash {
            Some(_) => String::new(),
            None => of_earlier(&self.key, link.id),
        };
        let links = links.iter().map(|link| link_to_wire(link, token(link))).collect();
        let role = role_to_wire(role).into();
        Ok(v1::ListSharesResponse { shares, links, role, shares_left_out })
    }

    async fn share(
        &self,
        identity: &Identity,
        request: v1::ShareRequest,
        peer: Option<IpAddr>,
    ) -> Result<v1::ShareResponse, Status> {
        let sheet = sheet_id(&request.sheet_id)?;
        self.roles.access.owned(identity, sheet).await?;
        let (email, role) = (names::known_email(&request.email)?, given_role(request.role)?);
        let own = self.auth.account(identity).await?.email;
        if *own == *email {
            let rule = "is your own address: the owner has every right already";
            return Err(ServiceError::malformed("email", rule).into());
        }
        let store = &self.roles.store;
        let before = store.role_of(sheet, &email).await.map_err(ServiceError::from)?;
        if before != Some(role) {
            self.throttle.take_role_change(identity.account, &email).await?;
        }
        let is_new = before.is_none();
        if is_new {
            // One that mail can be sent to; a role of an earlier release may have another one.
            names::email(&email)?;
            self.pace.take_address(identity.account)?;
        }
        // Before the role, whose notice can't be taken back.
        let is_invited = is_new && self.invitations.take(identity.account, peer, &email).await?;
        let shared = store.share(sheet, (&email, role), SHARES_OF_SHEET, identity.account).await;
        if !shared.map_err(ServiceError::from)? {
            self.roles.access.owned(identity, sheet).await?;
            let (what, limit) = ("addresses", SHARES_OF_SHEET);
            return Err(SharingRefusal::TooMany { what, limit }.into());
        }
        let mut invites = is_invited && self.invite(identity, sheet, &email).await?;
        self.changed_of(sheet, &email).await;
        let shares = store.share_of(sheet, &email).await.map_err(ServiceError::from)?;
        let share = shares.ok_or(ServiceError::NotFound("role"))?;
        // The same role once more, for a person that has not come: the letter was lost perhaps.
        if before == Some(role) && share.account.is_none() {
            invites = self.invitations.take(identity.account, peer, &email).await?
                && self.invitations.send(identity.account, Shared::Sheet(sheet), &email).await?;
        }
        Ok(v1::ShareResponse { share: Some(share_to_wire(&share, true)), invites })
    }

    /// Enqueues an invitation of a new address. The role ends where that is refused, so that a later call may try both.
    async fn invite(
        &self,
        identity: &Identity,
        sheet: SheetId,
        email: &str,
    ) -> Result<bool, ServiceError> {
        let sent = self.invitations.send(identity.account, Shared::Sheet(sheet), email).await;
        if sent.is_err() {
            match self.roles.store.unshare(sheet, email, identity.account).await {
                Ok(true) => {}
                ended => {
                    tracing::warn!(?ended, %sheet, "a role stays whose invitation was refused")
                }
            }
            // A session may have begun with the role meanwhile.
            self.changed_of(sheet, email).await;
        }
        sent
    }

    async fn unshare(
        &self,
        identity: &Identity,
        request: &v1::UnshareRequest,
    ) -> Result<(), Status> {
        let v1::UnshareRequest { sheet_id: sheet, email, account_id } = request;
        let sheet = sheet_id(sheet)?;
        self.roles.access.owned(identity, sheet).await?;
        match (&**email, &**account_id) {
            ("", account) if !account.is_empty() => {
                return self.end_member(identity, sheet, account).await;
            }
            (_, "") => {}
            _ => {
                let rule = "must be empty where email is set: name one of the two";
                return Err(ServiceError::malformed("account_id", rule).into());
            }
        }
        let email = names::known_email(email)?;
        if *self.auth.account(identity).await?.email == *email {
            return Err(SharingRefusal::OwnerStays("email").into());
        }
        let ended = self.roles.store.unshare(sheet, &email, identity.account).await;
        let ended = ended.map_err(ServiceError::from)?;
        if !ended {
            self.roles.access.owned(identity, sheet).await?;
            return Err(ServiceError::NotFound("address among those of the sheet").into());
        }
        self.changed_of(sheet, &email).await;
        Ok(())
    }

    async fn transfer(&self, identity: &Identity, sheet: &str, email: &str) -> Result<(), Status> {
        let sheet = sheet_id(sheet)?;
        self.roles.access.owned(identity, sheet).await?;
        let email = names::known_email(email)?;
        if *self.auth.account(identity).await?.email == *email {
            let rule = "is your own address: you are the owner already";
            return Err(ServiceError::malformed("email", rule).into());
        }
        self.give(identity.account, sheet, &email).await.map_err(Status::from)
    }

    async fn leave(&self, identity: &Identity, sheet: &str) -> Result<(), Status> {
        let sheet = sheet_id(sheet)?;
        if self.roles.access.require(identity, sheet, Role::Viewer).await?.role == Role::Owner {
            return Err(SharingRefusal::Unmet {
                reason: "OWNER_STAYS",
                message: "you are the owner of this sheet; transfer it to another person first, or delete it",
            }
            .into());
        }
        let left = self.roles.store.leave(sheet, identity.account).await;
        left.map_err(ServiceError::from)?;
        self.changed_role(sheet, identity.account).await;
        Ok(())
    }

    /// Passes the roles that have changed to the open sessions, here and at the other servers.
    async fn changed(&self, sheet: SheetId) {
        let checked = self.roles.check(&[sheet]).await;
        self.announce(checked, Invalidation::Sheet(sheet));
    }

    /// The same where the role of one account has changed.
    async fn changed_role(&self, sheet: SheetId, account: AccountId) {
        let checked = self.roles.check_role(sheet, account).await;
        self.announce(checked, Invalidation::Role(sheet, account));
    }

    /// The same where the role of an address has changed: only its account may have sessions by it.
    async fn changed_of(&self, sheet: SheetId, email: &str) {
        match self.roles.store.account_by_email(email).await {
            Ok(Some(account)) => self.changed_role(sheet, account.id).await,
            // An account that is made later looks its role up.
            Ok(None) => self.roles.access.list_changed(sheet),
            Err(error) => {
                tracing::debug!(%error, %sheet, "account of an address not looked up");
                self.changed(sheet).await;
            }
        }
    }

    /// Passes a change to the other servers, after the lookup at this one.
    fn announce(&self, checked: Result<(), StoreError>, change: Invalidation) {
        if let Err(error) = checked {
            tracing::warn!(%error, ?change, "roles of open sessions not looked up; retrying");
            self.invalidations.look_soon();
        }
        self.invalidations.send(change);
    }

    /// A new account of a guest has the limits of a sign-up.
    async fn take_guest(&self, peer: Option<IpAddr>) -> Result<AccountId, ServiceError> {
        self.throttle.take_sign_up(peer).await?;
        Ok(AccountId::generate())
    }
}
