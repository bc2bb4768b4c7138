//! The operation log in Postgres, as time travel reads it.
//!
//! Not here: loading, commits and the rows of today ([`Storage`]), and any write.
//!
//! Invariant: each call means what the method of the [`Store`] means that has its name.

use std::ops::Range;

use ot_engine::{ColumnId, Delta, Revision, RowId};

use super::storage::{Answer, Storage};
use model::{AccountId, Order, Origin, RowBody, SheetId};
use store::Store;
pub use store::{Around, HeldQuery, Logged, RowVersions};

/// The calls of Postgres that time travel makes.
pub trait History: Storage {
    /// [`Store::batch_of`].
    fn batch_of(&self, sheet: SheetId, revision: Revision) -> Answer<'_, Option<Revision>>;

    /// [`Store::checkpoints_around`].
    fn checkpoints_around(
        &self,
        sheet: SheetId,
        revision: Revision,
        head: Revision,
    ) -> Answer<'_, Around>;

    /// [`Store::checkpoint`].
    fn checkpoint(&self, sheet: SheetId, revision: Revision) -> Answer<'_, Option<Order>>;

    /// [`Store::steps`].
    fn steps(
        &self,
        sheet: SheetId,
        from: Revision,
        to: Revision,
        limit: u32,
    ) -> Answer<'_, Vec<(Revision, Delta)>>;

    /// [`Store::held`].
    fn held<'a>(&'a self, sheet: SheetId, query: HeldQuery<'a>) -> Answer<'a, Vec<RowVersions>>;

    /// [`Store::overwritten`].
    fn overwritten(&self, sheet: SheetId, after: Revision) -> Answer<'_, Vec<Range<RowId>>>;

    /// [`Store::own_changes`].
    fn own_changes(
        &self,
        sheet: SheetId,
        account: AccountId,
        until: Revision,
        limit: u32,
    ) -> Answer<'_, Vec<(Revision, Origin)>>;

    /// [`Store::logged_change`].
    fn logged_change(&self, sheet: SheetId, revision: Revision) -> Answer<'_, Option<Logged>>;

    /// [`Store::inverses`].
    fn inverses(
        &self,
        sheet: SheetId,
        after: Revision,
        until: Revision,
        limit: u32,
    ) -> Answer<'_, Vec<(Revision, Delta)>>;

    /// [`Store::before_images`].
    fn before_images<'a>(
        &'a self,
        sheet: SheetId,
        revision: Revision,
        cells: (&'a [RowId], Option<&'a [ColumnId]>),
        bytes_most: usize,
    ) -> Answer<'a, Vec<(RowId, RowBody)>>;
}

impl History for Store {
    fn batch_of(&self, sheet: SheetId, revision: Revision) -> Answer<'_, Option<Revision>> {
        Box::pin(self.batch_of(sheet, revision))
    }

    fn checkpoints_around(
        &self,
        sheet: SheetId,
        revision: Revision,
        head: Revision,
    ) -> Answer<'_, Around> {
        Box::pin(self.checkpoints_around(sheet, revision, head))
    }

    fn checkpoint(&self, sheet: SheetId, revision: Revision) -> Answer<'_, Option<Order>> {
        Box::pin(self.checkpoint(sheet, revision))
    }

    fn steps(
        &self,
        sheet: SheetId,
        from: Revision,
        to: Revision,
        limit: u32,
    ) -> Answer<'_, Vec<(Revision, Delta)>> {
        Box::pin(self.steps(sheet, from, to, limit))
    }

    fn held<'a>(&'a self, sheet: SheetId, query: HeldQuery<'a>) -> Answer<'a, Vec<RowVersions>> {
        Box::pin(self.held(sheet, query))
    }

    fn overwritten(&self, sheet: SheetId, after: Revision) -> Answer<'_, Vec<Range<RowId>>> {
        Box::pin(self.overwritten(sheet, after))
    }

    fn own_changes(
        &self,
        sheet: SheetId,
        account: AccountId,
        until: Revision,
        limit: u32,
    ) -> Answer<'_, Vec<(Revision, Origin)>> {
        Box::pin(self.own_changes(sheet, account, until, limit))
    }

    fn logged_change(&self, sheet: SheetId, revision: Revision) -> Answer<'_, Option<Logged>> {
        Box::pin(self.logged_change(sheet, revision))
    }

    fn inverses(
        &self,
        sheet: SheetId,
        after: Revision,
        until: Revision,
        limit: u32,
    ) -> Answer<'_, Vec<(Revision, Delta)>> {
        Box::pin(self.inverses(sheet, after, until, limit))
    }

    fn before_images<'a>(
        &'a self,
        sheet: SheetId,
        revision: Revision,
        cells: (&'a [RowId], Option<&'a [ColumnId]>),
        bytes_most: usize,
    ) -> Answer<'a, Vec<(RowId, RowBody)>> {
        Box::pin(self.before_images(sheet, revision, cells, bytes_most))
    }
}
