//! The way between one node and everything else: open, cut, or gone because the node is dead.
//!
//! A dead node's tasks still exist, and nothing of what they do reaches anybody: calls that were under way
//! may still arrive, answers do not come, and nothing new is asked. That is what others see of a crash.

use std::future::pending;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};

use model::{CommitBatch, Entry, Parked, RowBody, SheetId, SheetRecord};
use ot_engine::{ClientId, Revision, RowId, Sequence};
use sheet::ports::storage::{Answer, ClientState, Commits, Storage};

use super::postgres::Tables;

/// How calls fare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum WayState {
    #[default]
    Open,
    /// The journal does not hear the node, nor the node the journal.
    Cut,
    /// The node was killed.
    Dead,
}

/// A node's way; clones are the same one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Way(Arc<Mutex<WayState>>);

impl Way {
    pub(crate) fn state(&self) -> WayState {
        *self.lock()
    }

    /// The dead stay dead.
    pub(crate) fn set(&self, state: WayState) {
        let mut now = self.lock();
        if *now != WayState::Dead {
            *now = state;
        }
    }

    /// Goes on with what a node does; never, when it is dead.
    pub(crate) async fn while_alive(&self) {
        if self.state() == WayState::Dead {
            pending().await
        }
    }

    fn lock(&self) -> MutexGuard<'_, WayState> {
        self.0.lock().expect("nobody panics while holding it")
    }
}

/// Postgres as one node reaches it.
#[derive(Clone, Debug)]
pub(crate) struct NodeTables {
    pub(crate) tables: Tables,
    pub(crate) way: Way,
}

impl NodeTables {
    /// What was asked arrives; whether the answer is heard is another matter.
    fn ask<'a, T: Send + 'a>(&'a self, asked: Answer<'a, T>) -> Answer<'a, T> {
        Box::pin(async move {
            self.way.while_alive().await;
            let answer = asked.await;
            self.way.while_alive().await;
            answer
        })
    }
}

impl Commits for NodeTables {
    fn head(&self, sheet: SheetId) -> Answer<'_, Revision> {
        self.ask(Commits::head(&self.tables, sheet))
    }

    fn commit<'a>(&'a self, batch: &'a CommitBatch) -> Answer<'a, ()> {
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

    fn history_floor(&self, sheet: SheetId) -> Answer<'_, Option<Revision>> {
        self.ask(self.tables.history_floor(sheet))
    }

    fn changes(&self, sheet: SheetId, after: Revision, limit: u32) -> Answer<'_, Vec<Entry>> {
        self.ask(self.tables.changes(sheet, after, limit))
    }

    fn client_state(&self, sheet: SheetId, client: ClientId) -> Answer<'_, Option<ClientState>> {
        self.ask(self.tables.client_state(sheet, client))
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
    ) -> Answer<'a, (Vec<(RowId, RowBody)>, Revision)> {
        self.ask(self.tables.read_rows_at(sheet, ranges))
    }
}
