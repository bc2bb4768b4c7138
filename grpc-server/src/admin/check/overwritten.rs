//! The cells that commits overwrote, compared with the cells that they wrote by the log.
//!
//! Not what the cells held: no part of the database can confirm that.
//!
//! Invariant: both come in the order of commits, so one pass over each is enough.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ot_engine::{ColumnId, RowId};

use super::{Findings, rows};
use crate::admin::finding::Rule;
use store::{Audit, AuditedBefore, AuditedSheet, StoreError};

/// Cells of one commit beyond which it is not compared. A commit takes far fewer, so only a damaged
/// log asks for more.
const CELLS_COMPARED: usize = 1_000_000;

/// A commit, and the cells that it writes in rows that were there before it.
#[derive(Debug)]
pub(super) struct Commit {
    /// The head that it stands on.
    pub(super) batch: i64,
    /// Rows from here on are made by it: of them nothing is kept.
    pub(super) first_new_row: u64,
    written: BTreeMap<i64, BTreeSet<ColumnId>>,
    cells: usize,
}

impl Commit {
    pub(super) fn new(batch: i64, first_new_row: u64) -> Self {
        Self { batch, first_new_row, written: BTreeMap::new(), cells: 0 }
    }

    pub(super) fn write(&mut self, row: RowId, column: ColumnId) {
        if row.0 < self.first_new_row && self.cells <= CELLS_COMPARED {
            let new = self.written.entry(row.0 as i64).or_default().insert(column);
            self.cells += usize::from(new);
        }
    }
}

/// Reads what was overwritten from the floor on.
#[derive(Debug)]
pub(super) struct Overwritten {
    page: VecDeque<AuditedBefore>,
    after: (i64, i64, i64),
    pub(super) count: u64,
}

impl Overwritten {
    /// From the floor on: what stands below it is about to go.
    pub(super) fn new(floor: i64) -> Self {
        Self { page: VecDeque::new(), after: (floor, i64::MAX, i64::MAX), count: 0 }
    }

    /// Compares a commit that ends at `through`.
    pub(super) async fn compare(
        &mut self,
        audit: &Audit,
        sheet: &AuditedSheet,
        (mut commit, through): (Commit, i64),
        findings: &mut Findings<'_>,
    ) -> Result<(), StoreError> {
        let compared = commit.cells <= CELLS_COMPARED;
        while let Some(before) = self.next(audit, through).await? {
            let id = before.row.id;
            let cells = rows::cells(&before.row, "what was overwritten in row", sheet, findings);
            let written = if (before.revision, before.through) == (commit.batch, through) {
                commit.written.remove(&id)
            } else {
                None
            };
            let columns = |of: &BTreeSet<ColumnId>| {
                cells.is_none_or(|cells| cells.cells().iter().map(|(id, _)| id).eq(of))
            };
            if compared && !written.as_ref().is_some_and(columns) {
                let what = format!(
                    "what is kept of row {id} as it was at {} is not what the commit up to {} wrote",
                    before.revision, before.through
                );
                findings.at(before.through, Rule::OverwrittenIsKept, what);
            }
            if !before.has_row {
                let what = format!("row {id} was overwritten up to {} and is not there", through);
                findings.at(before.through, Rule::OverwrittenIsKept, what);
            }
        }
        for id in commit.written.keys().filter(|_| compared) {
            let what = format!("the commit wrote to row {id}; what it overwrote is not kept");
            findings.at(through, Rule::OverwrittenIsKept, what);
        }
        Ok(())
    }

    /// Checks the rest alone: the log has no commits that it could belong to.
    pub(super) async fn rest(
        &mut self,
        audit: &Audit,
        sheet: &AuditedSheet,
        findings: &mut Findings<'_>,
    ) -> Result<(), StoreError> {
        while let Some(before) = self.next(audit, i64::MAX).await? {
            rows::cells(&before.row, "what was overwritten in row", sheet, findings);
            if before.through > sheet.head || before.revision >= before.through {
                let what = format!(
                    "what is kept of row {} goes from {} to {}; the head is {}",
                    before.row.id, before.revision, before.through, sheet.head
                );
                findings.at(before.through, Rule::OverwrittenIsKept, what);
            }
        }
        Ok(())
    }

    /// The next one, unless its commit ends beyond `through`.
    async fn next(
        &mut self,
        audit: &Audit,
        through: i64,
    ) -> Result<Option<AuditedBefore>, StoreError> {
        if self.page.is_empty() {
            self.page = audit.before_images(self.after).await?.into();
        }
        if self.page.front().is_none_or(|before| before.through > through) {
            return Ok(None);
        }
        let before = self.page.pop_front();
        if let Some(before) = &before {
            self.after = (before.through, before.row.id, before.revision);
            self.count += 1;
        }
        Ok(before)
    }
}
