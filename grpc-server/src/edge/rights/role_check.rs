//! Passes roles that have changed to the sheets that are open at this server.
//!
//! Not the change itself (`service::sharing`), and not the message to other servers (`invalidation`). Invariant: a
//! session gets the role of the latest lookup, whatever the order in which answers arrive.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::access::{Access, FoundRole};
use super::owners::Owners;
use super::session_index::SessionIndex;
use crate::edge::auth::Identity;
use model::{AccountId, Role, SheetId};
use sheet::Registry;
use sheet::api::message::Roles;
use sheet::fanout::session::EndReason;
use store::{Store, StoreError};

/// Sessions, tokens or sheets that one statement looks up.
pub(super) const LOOKED_UP: usize = 1_000;

/// The parts that it uses. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct RoleCheck {
    pub(crate) store: Store,
    pub(crate) registry: Registry,
    pub(crate) access: Access,
    pub(crate) session_index: Arc<SessionIndex>,
    /// The owners of open sheets, as they were at the last look: the sheet counts its bytes for one of them.
    pub(crate) owners: Arc<Owners>,
}

impl RoleCheck {
    /// Looks up the roles of all open sessions of some sheets, and ends those of sheets that are deleted. The other
    /// sessions receive that roles or links have changed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the sessions keep the roles that they have.
    pub(crate) async fn check(&self, sheets: &[SheetId]) -> Result<(), StoreError> {
        sheets.iter().for_each(|sheet| self.access.forget(*sheet));
        let is_open = |sheet: &SheetId| {
            self.registry.contains(*sheet) || self.session_index.has_sheet(*sheet)
        };
        let open: Vec<SheetId> = sheets.iter().copied().filter(is_open).collect();
        let looked = if open.is_empty() { Ok(()) } else { self.look(&open).await };
        sheets.iter().for_each(|sheet| self.registry.sharing_changed(*sheet));
        looked
    }

    /// The same where the role of one account has changed: a sheet may have many sessions, and many such changes.
    ///
    /// # Errors
    /// As for [`RoleCheck::check`].
    pub(crate) async fn check_role(
        &self,
        sheet: SheetId,
        account: AccountId,
    ) -> Result<(), StoreError> {
        self.access.forget(sheet);
        self.registry.sharing_changed(sheet);
        match self.session_index.has(sheet, account) {
            true => self.pass_on(&[(sheet, account)]).await,
            false => Ok(()),
        }
    }

    /// The same without a change that is known: roles that are remembered stay, for the time when Postgres is away.
    ///
    /// # Errors
    /// As for [`RoleCheck::check`].
    pub(crate) async fn look(&self, sheets: &[SheetId]) -> Result<(), StoreError> {
        let mut owned: FxHashMap<SheetId, AccountId> = FxHashMap::default();
        for (sheet, owner, _) in self.store.owners(sheets).await? {
            owned.insert(sheet, owner);
        }
        for sheet in self.owners.changed(&owned) {
            self.registry.close(sheet, EndReason::Reload);
        }
        let gone: FxHashSet<SheetId> =
            sheets.iter().copied().filter(|sheet| !owned.contains_key(sheet)).collect();
        for sheet in &gone {
            self.access.forget(*sheet);
            self.registry.close(*sheet, EndReason::NotFound);
        }
        let mut sessions = self.session_index.accounts_of(sheets);
        sessions.retain(|(sheet, _)| !gone.contains(sheet));
        self.pass_on(&sessions).await
    }

    /// Looks up the roles of sessions, and passes them to their sheets.
    async fn pass_on(&self, sessions: &[(SheetId, AccountId)]) -> Result<(), StoreError> {
        for some in sessions.chunks(LOOKED_UP) {
            let asked = self.access.next_lookup();
            let roles = self.store.roles(some).await?;
            let mut of_sheets: FxHashMap<SheetId, FxHashMap<AccountId, Option<Role>>> =
                FxHashMap::default();
            for ((sheet, account), role) in some.iter().zip(roles) {
                // Else a call or a session that begins now has the former role.
                self.access.compare(*sheet, *account, role);
                of_sheets.entry(*sheet).or_default().insert(*account, role);
            }
            for (sheet, of) in of_sheets {
                self.registry.set_roles(sheet, Roles { asked, of });
            }
        }
        Ok(())
    }

    /// Loads a sheet again that was transferred, so that its bytes count for the new owner.
    ///
    /// # Errors
    /// As for [`RoleCheck::check`].
    pub(crate) async fn check_owner(&self, sheet: SheetId) -> Result<(), StoreError> {
        self.owners.forget(sheet);
        self.registry.close(sheet, EndReason::Reload);
        self.check(&[sheet]).await
    }

    /// Looks up the role of a session that has just joined: it may have changed before the session was in the index.
    pub(crate) async fn confirm(&self, identity: &Identity, sheet: SheetId, joined: Role) {
        let now = self.access.next_lookup();
        let (role, asked) = match self.access.found(identity, sheet).await {
            Ok(FoundRole { role, asked }) => (Some(role), asked),
            // No such answer is remembered, so its lookup is a later one.
            Err(status) if status.code() == tonic::Code::NotFound => (None, now),
            // The check at intervals makes up for it.
            Err(_) => return,
        };
        if role != Some(joined) {
            let of = FxHashMap::from_iter([(identity.account, role)]);
            self.registry.set_roles(sheet, Roles { asked, of });
        }
    }
}
