//! The link between one node and the shared journal and tables: open, cut, or dead with its node.
//!
//! Not a network: calls have no addresses. A dead node's tasks still exist, but none of their new calls arrive
//! and no answer returns; calls in flight may arrive. Invariant: a dead link stays dead.

use std::future::pending;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};

use model::{CommitBatch, Entry, Parked, RowBody, SheetId, SheetRecord};
use ot_engine::{ClientId, Revision, RowId, Sequence};
use sheet::ports::storage::{Answer, ClientState, Commits, LargeRows, SheetStamp, Storage};

use super::postgres::Tables;

/// The state of a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LinkState {
    #[default]
    Open,
    /// No call reaches the journal, and no answer returns.
    Cut,
    /// The node was killed.
    Dead,
}

/// A node's link; clones share its state.
#[derive(Clone, Debug, Default)]
pub(crate) struct Link(Arc<Mutex<LinkState>>);

impl Link {
    pub(crate) fn state(&self) -> LinkState {
        *self.lock()
    }

    /// Changes the state, except that of a dead node.
    pub(crate) fn set(&self, state: LinkState) {
        let mut now = self.lock();
        if *now != LinkState::Dead {
            *now = state;
        }
    }

    /// Returns at once while the node lives, and never for a dead node.
    pub(crate) async fn while_alive(&self) {
        if self.state() == LinkState::Dead {
            pending().await
        }
    }

    fn lock(&self) -> MutexGuard<'_, LinkState> {
        self.0.lock().expect("no holder panics")
    }
}

/// Postgres as one node reaches it.
#[derive(Clone, Debug)]
pub(crate) struct NodeTables {
    pub(crate) tables: Tables,
    pub(crate) link: Link,
}

impl NodeTables {
    /// The call reaches Postgres; a node that has died meanwhile receives no answer.
    fn ask<'a, T: Send + 'a>(&'a self, asked: Answer<'a, T>) -> Answer<'a, T> {
        Box::pin(async move {
            self.link.while_alive().await;
            let answer = asked.await;
            self.link.while_alive().await;
            answer
        })
    }
}

impl Commits for NodeTables {
    fn head(&self, sheet: SheetId) -> Answer<'_, Revision> {
        self.ask(Commits::head(&self.tables, sheet))
    }

    fn commit<'a>(&'a self, batch: &'a CommitBatch) -> Answer<'a, LargeRows> {
        self.ask(self.tables.commit(batch))
    }

    fn note_order(&self, sheet: SheetId, after_changes: u32) -> Answer<'_, ()> {
        self.ask(self.tables.note_order(sheet, after_changes))
    }

    fn set_aside<'a>(&'a self, sheet: SheetId, head: Revision, why: &'a str) -> Answer<'a, ()> {
        self.ask(self.tables.set_aside(sheet, head, why))
    }
}

impl Storage for NodeTables {
    fn load_sheet(&self, sheet: SheetId) -> Answer<'_, Option<SheetRecord>> {
        self.ask(self.tables.load_sheet(sheet))
    }

    fn park<'a>(&'a self, sheet: SheetId, changes: &'a [Parked]) -> Answer<'a, ()> {
        self.ask(self.tables.park(sheet, changes))
    }

    fn reopen(&self, sheet: SheetId) -> Answer<'_, ()> {
        self.ask(self.tables.reopen(sheet))
    }

    fn stamps<'a>(&'a self, sheets: &'a [SheetId]) -> Answer<'a, Vec<(SheetId, SheetStamp)>> {
        self.ask(self.tables.stamps(sheets))
    }

    fn history_floor(&self, sheet: SheetId) -> Answer<'_, Option<Revision>> {
        self.ask(self.tables.history_floor(sheet))
    }

    fn changes(&self, sheet: SheetId, after: Revision, limit: u32) -> Answer<'_, Vec<Entry>> {
        self.ask(self.tables.changes(sheet, after, limit))
    }

    fn client_state(&self, sheet: SheetId, client: ClientId) -> Answer<'_, Option<ClientState>> {
        self.ask(self.tables.client_state(sheet, client))
    }

    fn named_edit(&self, sheet: SheetId, client: ClientId) -> Answer<'_, Option<ClientState>> {
        self.ask(self.tables.named_edit(sheet, client))
    }

    fn edit(
        &self,
        sheet: SheetId,
        client: ClientId,
        sequence: Sequence,
    ) -> Answer<'_, Option<ClientState>> {
        self.ask(self.tables.edit(sheet, client, sequence))
    }

    fn read_rows_at<'a>(
        &'a self,
        sheet: SheetId,
        ranges: &'a [Range<RowId>],
        bytes_most: usize,
    ) -> Answer<'a, (Vec<(RowId, RowBody)>, Revision)> {
        self.ask(self.tables.read_rows_at(sheet, ranges, bytes_most))
    }
}
