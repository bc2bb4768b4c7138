//! A sheet that a job reads and edits for an account, by the same tasks of sheets that live sessions use.
//!
//! Not what a job edits. Any node opens the sheet: the journal orders the edits of all nodes, so a job runs where it is taken.
//! Invariants: each edit has the role that Postgres has for the account when the edit is sent; an edit is answered when it is
//! committed; the edits of a job are one gesture.

use std::ops::Range;

use heavy_work::Caller;
use ot_engine::ClientId;
use tonic::Status;

use super::{Cells, Name, committed};
use crate::edge::errors;
use crate::edge::rights::access::Access;
use crate::edge::row_places;
use model::limits::Limits;
use model::{AccountId, EditGroup, SheetId};
use sheet::Registry;
use sheet::api::message::{Applied, ApplyChange, ReadColumns, WindowRead};
use sheet::refusal::Refusal;

/// See the [module](self).
#[derive(Debug)]
pub(in crate::service) struct JobSheet {
    cells: Cells,
    access: Access,
    account: AccountId,
    sheet: SheetId,
    group: EditGroup,
}

impl JobSheet {
    /// A sheet for an account; the edits are parts of the gesture `group`.
    pub(in crate::service) fn new(
        (registry, access): (Registry, Access),
        limits: Limits,
        (account, sheet): (AccountId, SheetId),
        group: EditGroup,
    ) -> Self {
        Self { cells: Cells::new(registry, limits), access, account, sheet, group }
    }

    /// Rows at the head with all columns; fewer rows where they are too large for one read.
    pub(in crate::service) async fn window(&self, rows: Range<u32>) -> Result<WindowRead, Status> {
        let columns = ReadColumns::At(0..self.cells.limits.columns);
        self.cells.window(self.account, self.sheet, rows, columns).await
    }

    /// Where rows are now; `None` for one that the sheet does not have.
    pub(in crate::service) async fn places(
        &self,
        rows: &[u64],
    ) -> Result<Vec<Option<u32>>, Status> {
        let caller = Caller::Account(self.account);
        let found = row_places::find(&self.cells.registry, caller, self.sheet, rows).await?;
        Ok(found.rows)
    }

    /// Waits until what the sheet has accepted so far is in Postgres.
    pub(in crate::service) async fn flushed(&self) -> Result<(), Status> {
        self.cells.flushed(self.sheet).await
    }

    /// Applies a change, and waits for its commit. A name that was used before gives the answer of then. Where the account edits
    /// too fast, this waits.
    pub(in crate::service) async fn apply(
        &self,
        (client, presented): (ClientId, bool),
        change: ApplyChange,
    ) -> Result<Applied, Status> {
        loop {
            let role = self.access.editor(self.account, self.sheet).await?;
            let name = Name { client, presented, group: self.group };
            let of = (self.account, self.sheet, role);
            let (handle, answer) = self.cells.answer_to(of, name, change.clone()).await?;
            match answer {
                Ok(applied) => {
                    committed(&handle, applied.revision).await?;
                    return Ok(applied);
                }
                Err(Refusal::RateLimited { retry_after }) => tokio::time::sleep(retry_after).await,
                Err(refusal) => return Err(errors::refusal(&refusal)),
            }
        }
    }
}
