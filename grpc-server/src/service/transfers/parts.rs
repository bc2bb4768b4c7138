//! What fills a sheet besides the source, at the call and in the job.
//!
//! Not what either does with it (`fill`). Invariant: both have the same limits and quotas.

use std::sync::Arc;

use crate::edge::quotas::Quotas;
use crate::edge::rights::access::Access;
use crate::edge::rights::role_check::RoleCheck;
use crate::service::sheets::JobSheet;
use model::limits::Limits;
use model::{AccountId, EditGroup, SheetId};
use sheet::Registry;

/// See the [module](self). Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct FillParts {
    pub(super) registry: Registry,
    pub(super) access: Access,
    pub(super) quotas: Arc<Quotas>,
    pub(super) limits: Limits,
}

impl FillParts {
    pub(crate) fn new(roles: &RoleCheck, quotas: Arc<Quotas>, limits: Limits) -> Self {
        let (registry, access) = (roles.registry.clone(), roles.access.clone());
        Self { registry, access, quotas, limits }
    }

    /// A sheet that an account edits in one gesture.
    pub(super) fn sheet(&self, of: (AccountId, SheetId), group: EditGroup) -> JobSheet {
        JobSheet::new((self.registry.clone(), self.access.clone()), self.limits, of, group)
    }
}
