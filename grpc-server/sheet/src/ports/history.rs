//! The operation log in Postgres, as time travel reads it.
//!
//! Not here: loading, commits and the rows of today ([`Storage`]), and any write.
//!
//! Invariant: each call means what the method of the [`Store`] means that has its name.

use std::ops::Range;

use ot_engine::{ColumnId, Delta, Revision, RowId};

use super::storage::{Answer, Storage};
use model::{AccountId, EditPlace, Order, RowBody, SheetId};
use store::Store;
pub use store::{Around, HeldQuery, Logged, OwnChange, RowVersions};

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
        of: (AccountId, Option<EditPlace>),
        until: Revision,
        limit: u32,
    ) -> Answer<'_, Vec<OwnChange>>;

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
    forward! {
        batch_of(sheet: SheetId, revision: Revision) -> Option<Revision>;
        checkpoints_around(sheet: SheetId, revision: Revision, head: Revision) -> Around;
        checkpoint(sheet: SheetId, revision: Revision) -> Option<Order>;
        steps(sheet: SheetId, from: Revision, to: Revision, limit: u32) -> Vec<(Revision, Delta)>;
        held(sheet: SheetId, query: HeldQuery<'a>) -> Vec<RowVersions>;
        overwritten(sheet: SheetId, after: Revision) -> Vec<Range<RowId>>;
        own_changes(
            sheet: SheetId,
            of: (AccountId, Option<EditPlace>),
            until: Revision,
            limit: u32
        ) -> Vec<OwnChange>;
        logged_change(sheet: SheetId, revision: Revision) -> Option<Logged>;
        inverses(
            sheet: SheetId,
            after: Revision,
            until: Revision,
            limit: u32
        ) -> Vec<(Revision, Delta)>;
        before_images(
            sheet: SheetId,
            revision: Revision,
            cells: (&'a [RowId], Option<&'a [ColumnId]>),
            bytes_most: usize
        ) -> Vec<(RowId, RowBody)>;
    }
}
