//! The roles on a file: listed, given to e-mail addresses, and ended.
//!
//! Not what a role allows (`edge::rights::files`), and not the tables (the store). Invariants: the owner alone gives roles, and
//! ends those of others; the answer is the same whether or not an address has an account.

use std::net::IpAddr;

use gridloom::v1;
use tonic::Status;

use super::Files;
use crate::edge::auth::Identity;
use crate::edge::errors::{FileRefusal, FileRoleRefusal, ServiceError, SharingRefusal};
use crate::mail::Shared;
use crate::service::names;
use crate::service::sharing::share_to_wire;
use model::limits::files::SHARES_OF_FILE;
use model::{FileId, FoundFile, Role, ShareRecord};
use sheet::fanout::role::{role_from_wire, role_to_wire};

impl Files {
    pub(super) async fn list_shares(
        &self,
        identity: &Identity,
        id: &str,
    ) -> Result<v1::ListFileSharesResponse, Status> {
        let FoundFile { file, role, .. } = self.file(identity, id, Role::Viewer).await?;
        self.sharing.pace.take_list(identity.account)?;
        let shares = self.store.file_shares(file.id).await.map_err(ServiceError::from)?;
        let is_owner = role == Role::Owner;
        let mine = |share: &ShareRecord| {
            share.account.as_ref().is_some_and(|(account, _)| *account == identity.account)
        };
        let shown = shares.iter().filter(|share| is_owner || share.account.is_some());
        let shares = shown.map(|share| share_to_wire(share, is_owner || mine(share))).collect();
        Ok(v1::ListFileSharesResponse { shares, role: role_to_wire(role).into() })
    }

    pub(super) async fn share(
        &self,
        identity: &Identity,
        request: v1::ShareFileRequest,
        peer: Option<IpAddr>,
    ) -> Result<v1::ShareFileResponse, Status> {
        let file = self.kept(identity, &request.file_id, Role::Owner).await?.file;
        let (email, role) = (names::known_email(&request.email)?, given_role(request.role)?);
        if *self.sharing.auth.account(identity).await?.email == *email {
            let rule = "is your own address: the owner has every right already";
            return Err(ServiceError::malformed("email", rule).into());
        }
        let before = self.store.file_role_of(file.id, &email).await.map_err(ServiceError::from)?;
        if before != Some(role) {
            self.sharing.throttle.take_role_change(identity.account, &email).await?;
        }
        let is_new = before.is_none();
        if is_new {
            // One that mail can be sent to.
            names::email(&email)?;
            self.sharing.pace.take_address(identity.account)?;
        }
        let invitations = &self.sharing.invitations;
        // Before the role, whose notice can't be taken back.
        let is_invited = is_new && invitations.take(identity.account, peer, &email).await?;
        let given = (email.as_str(), role);
        let shared = self.store.share_file(file.id, given, SHARES_OF_FILE, identity.account).await;
        if !shared.map_err(ServiceError::from)? {
            // It may be removed or deleted since.
            self.kept(identity, &request.file_id, Role::Owner).await?;
            return Err(FileRefusal::Role(FileRoleRefusal::TooMany(SHARES_OF_FILE)).into());
        }
        let mut invites = is_invited && self.invite(identity, file.id, &email).await?;
        let share = self.store.file_share_of(file.id, &email).await.map_err(ServiceError::from)?;
        let share = share.ok_or(ServiceError::NotFound("role"))?;
        // The same role once more, for a person that has not come: the letter was lost perhaps.
        if before == Some(role) && share.account.is_none() {
            let shared = Shared::File(file.id);
            invites = invitations.take(identity.account, peer, &email).await?
                && invitations.send(identity.account, shared, &email).await?;
        }
        Ok(v1::ShareFileResponse { share: Some(share_to_wire(&share, true)), invites })
    }

    /// Enqueues an invitation of a new address. The role ends where that is refused, so that a later call may try both.
    async fn invite(
        &self,
        identity: &Identity,
        file: FileId,
        email: &str,
    ) -> Result<bool, ServiceError> {
        let shared = Shared::File(file);
        let sent = self.sharing.invitations.send(identity.account, shared, email).await;
        if sent.is_err() {
            match self.store.unshare_file(file, email, identity.account).await {
                Ok(true) => {}
                ended => {
                    tracing::warn!(?ended, %file, "a role stays whose invitation was refused")
                }
            }
        }
        sent
    }

    pub(super) async fn unshare(
        &self,
        identity: &Identity,
        request: &v1::UnshareFileRequest,
    ) -> Result<(), Status> {
        let file = self.kept(identity, &request.file_id, Role::Owner).await?.file;
        let email = names::known_email(&request.email)?;
        if *self.sharing.auth.account(identity).await?.email == *email {
            return Err(FileRefusal::Role(FileRoleRefusal::OwnerStays("email")).into());
        }
        let ended = self.store.unshare_file(file.id, &email, identity.account).await;
        if !ended.map_err(ServiceError::from)? {
            self.kept(identity, &request.file_id, Role::Owner).await?;
            return Err(ServiceError::NotFound("address among those of the file").into());
        }
        Ok(())
    }

    pub(super) async fn leave(&self, identity: &Identity, id: &str) -> Result<(), Status> {
        let FoundFile { file, role, .. } = self.file(identity, id, Role::Viewer).await?;
        if role == Role::Owner {
            return Err(SharingRefusal::Unmet {
                reason: "OWNER_STAYS",
                message: "you are the owner of this file, whose role stays; remove the file instead",
            }
            .into());
        }
        let left = self.store.leave_file(file.id, identity.account).await;
        Ok(left.map_err(ServiceError::from)?)
    }

    /// A file that is not removed. Its owner learns that it is.
    async fn kept(
        &self,
        identity: &Identity,
        id: &str,
        least: Role,
    ) -> Result<FoundFile, ServiceError> {
        let found = self.file(identity, id, least).await?;
        match found.file.removed_micros {
            None => Ok(found),
            Some(_) => Err(FileRefusal::Removed.into()),
        }
    }
}

/// A role that can be given on a file.
fn given_role(given: i32) -> Result<Role, ServiceError> {
    let role = v1::Role::try_from(given).ok().and_then(role_from_wire);
    let role = role.filter(|role| matches!(role, Role::Viewer | Role::Editor));
    role.ok_or_else(|| ServiceError::malformed("role", "must be VIEWER or EDITOR"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roles_that_files_have_are_given_and_no_other_ones() {
        for (role, is_given) in [
            (v1::Role::Viewer, true),
            (v1::Role::Editor, true),
            (v1::Role::Commenter, false),
            (v1::Role::Owner, false),
            (v1::Role::Unspecified, false),
        ] {
            assert_eq!(given_role(role.into()).is_ok(), is_given, "{role:?}");
        }
        assert!(given_role(99).is_err());
    }
}
