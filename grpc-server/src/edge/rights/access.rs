//! The rights of an account on a sheet, and the way to those on a file (`files`).
//!
//! Not the identity of a caller: see `auth`. Invariant: an account's role on a sheet is read here alone. The
//! services and the sheet's task compare that role with what a call needs. For an account without a role the sheet does
//! not exist.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tonic::{Code, Status};

use crate::edge::auth::Identity;
use crate::edge::errors::{ServiceError, SharingRefusal, StatusBuilder};
use crate::edge::lookup_cache::{Key, LookupCache};
use crate::edge::rights::files;
use crate::edge::rights::invalidation::{Invalidation, Invalidations};
use model::{AccountId, FileId, FoundFile, Role, SheetId, SheetSummary};
use sheet::Registry;
use store::{Store, StoreError};

/// Decides what callers may do. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Access {
    store: Store,
    /// The roles on sheets that are not deleted.
    roles: Arc<LookupCache<(SheetId, AccountId), FoundRole>>,
    /// The number of lookups of roles.
    lookups: Arc<AtomicU64>,
    registry: Registry,
    invalidations: Invalidations,
}

/// A role, and the number of the lookup that found it: of two answers that of the higher number is the newer one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FoundRole {
    pub(crate) role: Role,
    pub(crate) asked: u64,
}

/// The roles on one sheet are forgotten together.
impl Key for (SheetId, AccountId) {
    type Group = SheetId;

    fn group(&self) -> &SheetId {
        &self.0
    }
}

impl Access {
    /// Rights as the store has them.
    pub(crate) fn new(store: Store, registry: Registry, invalidations: Invalidations) -> Self {
        let roles = Arc::new(LookupCache::new(store.tasks().clone()));
        Self { store, roles, lookups: Arc::default(), registry, invalidations }
    }

    /// The caller's role on a sheet that is not deleted.
    ///
    /// # Errors
    /// NOT_FOUND when there is no such sheet or the caller may not know of it; UNAVAILABLE.
    pub async fn role(&self, identity: &Identity, sheet: SheetId) -> Result<Role, Status> {
        self.found(identity, sheet).await.map(|found| found.role)
    }

    /// The same with the number of the lookup, which may be an earlier one.
    ///
    /// # Errors
    /// As for [`Access::role`].
    pub(crate) async fn found(
        &self,
        identity: &Identity,
        sheet: SheetId,
    ) -> Result<FoundRole, Status> {
        let account = identity.account;
        let question = || {
            let (access, asked) = (self.clone(), self.next_lookup());
            async move {
                let role = access.look_up(sheet, account).await?;
                Ok(role.map(|role| FoundRole { role, asked }))
            }
        };
        // With Postgres away, known roles are used.
        let role = self.roles.look_up((sheet, account), question).await;
        let role = role.map_err(ServiceError::from)?;
        role.ok_or_else(|| ServiceError::NotFound("sheet").into())
    }

    /// The role of an account as Postgres has it now. At the first use of a role that was given to an address, the sheet's
    /// list of roles changes: it names the person.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub(crate) async fn look_up(
        &self,
        sheet: SheetId,
        account: AccountId,
    ) -> Result<Option<Role>, StoreError> {
        let Some(used) = self.store.role(sheet, account).await? else { return Ok(None) };
        if used.is_first {
            let access = self.clone();
            // Also where the caller leaves between the two.
            let noted = self.store.tasks().finish(async move {
                let is_first = access.store.note_first_use(sheet, account).await?;
                if is_first {
                    access.list_changed(sheet);
                }
                Ok::<_, StoreError>(())
            });
            // A panic is reported where it happened.
            noted.await.unwrap_or(Ok(()))?;
        }
        Ok(Some(used.role))
    }

    /// Passes on that the list of roles and links has changed, where no open session has another role by it.
    pub(crate) fn list_changed(&self, sheet: SheetId) {
        self.registry.sharing_changed(sheet);
        self.invalidations.send(Invalidation::Sharing(sheet));
    }

    /// The number of a lookup that begins now.
    pub(crate) fn next_lookup(&self) -> u64 {
        self.lookups.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Whether a caller who was reading may read on.
    ///
    /// # Errors
    /// PERMISSION_DENIED when its role has ended.
    pub(crate) async fn reads_on(&self, identity: &Identity, sheet: SheetId) -> Result<(), Status> {
        match self.role(identity, sheet).await {
            Err(status) if status.code() == Code::NotFound => {
                Err(StatusBuilder::access_ended().into())
            }
            // What was read so far is of one snapshot, so a lookup without an answer does not end it.
            _ => Ok(()),
        }
    }

    /// The caller's role, which must allow what `least` allows.
    ///
    /// # Errors
    /// As for [`Access::role`]; PERMISSION_DENIED when the role is a lower one.
    pub(crate) async fn require(
        &self,
        identity: &Identity,
        sheet: SheetId,
        least: Role,
    ) -> Result<FoundRole, Status> {
        let found = self.found(identity, sheet).await?;
        allow(found.role, least)?;
        Ok(found)
    }

    /// A sheet as it is in Postgres now, deleted or not, for a caller whose role allows what `least` allows. A deleted
    /// sheet exists for its owner alone.
    ///
    /// # Errors
    /// As for [`Access::require`].
    pub(crate) async fn summary(
        &self,
        identity: &Identity,
        sheet: SheetId,
        least: Role,
    ) -> Result<(SheetSummary, Role), ServiceError> {
        let gone = ServiceError::NotFound("sheet");
        let Some(summary) = self.store.sheet_summary(sheet).await? else { return Err(gone) };
        let role = if summary.owner == identity.account {
            Some(Role::Owner)
        } else {
            self.look_up(sheet, identity.account).await?
        };
        let role = role.ok_or(gone)?;
        allow(role, least)?;
        Ok((summary, role))
    }

    /// Refuses a caller that does not own a sheet that is not deleted, as Postgres has it now.
    ///
    /// # Errors
    /// As for [`Access::require`].
    pub(crate) async fn owned(
        &self,
        identity: &Identity,
        sheet: SheetId,
    ) -> Result<(), ServiceError> {
        self.require_now(identity, sheet, Role::Owner).await.map(drop)
    }

    /// The caller's role on a sheet that is not deleted, as Postgres has it now. It must allow what `least` allows.
    ///
    /// # Errors
    /// As for [`Access::require`].
    pub(crate) async fn require_now(
        &self,
        identity: &Identity,
        sheet: SheetId,
        least: Role,
    ) -> Result<Role, ServiceError> {
        let (summary, role) = self.summary(identity, sheet, least).await?;
        match summary.deleted_micros {
            None => Ok(role),
            Some(_) => Err(ServiceError::NotFound("sheet")),
        }
    }

    /// The role of an account that may edit a sheet, as Postgres has it now: for a job, which has no caller.
    ///
    /// # Errors
    /// As for [`Access::require`].
    pub(crate) async fn editor(
        &self,
        account: AccountId,
        sheet: SheetId,
    ) -> Result<FoundRole, ServiceError> {
        let asked = self.next_lookup();
        let role = self.look_up(sheet, account).await?.ok_or(ServiceError::NotFound("sheet"))?;
        allow(role, Role::Editor)?;
        Ok(FoundRole { role, asked })
    }

    /// A file, removed or not, for an account whose role on it allows what `least` allows.
    ///
    /// # Errors
    /// As for [`files::file`].
    pub(crate) async fn file(
        &self,
        account: AccountId,
        file: FileId,
        least: Role,
    ) -> Result<FoundFile, ServiceError> {
        files::file(&self.store, account, file, least).await
    }

    /// Compares the answer to another lookup with the one that is remembered, and asks again where they differ.
    pub(crate) fn compare(&self, sheet: SheetId, account: AccountId, role: Option<Role>) {
        let known = self.roles.known(&(sheet, account));
        if known.is_some_and(|known| Some(known.role) != role) {
            self.forget(sheet);
        }
    }

    /// Asks again at the next call: the sheet was deleted or restored, or rights on it have changed.
    pub(crate) fn forget(&self, sheet: SheetId) {
        self.roles.forget(&sheet);
    }

    /// Asks Postgres again about each role: invalidations may be lost.
    pub(crate) fn doubt_all(&self) {
        self.roles.doubt_all();
    }
}

/// The id of a sheet in a request. A text that is no id is refused like the id of no sheet.
pub(crate) fn sheet_id(given: &str) -> Result<SheetId, ServiceError> {
    given.parse().map_err(|_| ServiceError::NotFound("sheet"))
}

fn allow(role: Role, least: Role) -> Result<(), ServiceError> {
    match role >= least {
        true => Ok(()),
        false if least == Role::Editor => Err(ServiceError::ReadOnly),
        false => Err(SharingRefusal::RoleTooLow { least, role }.into()),
    }
}
