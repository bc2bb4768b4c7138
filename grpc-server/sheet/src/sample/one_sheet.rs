//! A Postgres with the row of one sheet, which counts what is read of it.
//!
//! Not its cells. Invariant: each answer is there at once, and a commit sets the head.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};

use ot_engine::{ClientId, Revision, RowId, Sequence};

use crate::ports::storage::{
    Answer, ClientState, Commits, LargeRows, SheetStamp, Storage, StoreError,
};
use model::{CommitBatch, Entry, Parked, RowBody, SheetId, SheetRecord};

/// One sheet, and how often it was loaded.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) record: SheetRecord,
    /// Whether its stamp is refused.
    pub(crate) is_away: bool,
    pub(crate) loads: usize,
    pub(crate) stamps: usize,
    /// The page of the log after a revision.
    pub(crate) log: fn(Revision) -> Vec<Entry>,
}

/// A Postgres with one sheet; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct OneSheet(Arc<Mutex<Row>>);

impl Row {
    pub(crate) fn of(record: SheetRecord) -> Self {
        Self { record, is_away: false, loads: 0, stamps: 0, log: |_| Vec::new() }
    }
}

impl OneSheet {
    pub(crate) fn of(record: SheetRecord) -> Self {
        Self(Arc::new(Mutex::new(Row::of(record))))
    }

    pub(crate) fn row(&self) -> MutexGuard<'_, Row> {
        self.0.lock().expect("no panic")
    }

    /// The loads since the last call.
    pub(crate) fn loads(&self) -> usize {
        std::mem::take(&mut self.row().loads)
    }
}

/// An answer that is there.
fn now<'a, T: Send + 'a>(answer: Result<T, StoreError>) -> Answer<'a, T> {
    Box::pin(std::future::ready(answer))
}

impl Commits for OneSheet {
    fn head(&self, _: SheetId) -> Answer<'_, Revision> {
        now(Ok(self.row().record.head))
    }

    fn commit<'a>(&'a self, batch: &'a CommitBatch) -> Answer<'a, LargeRows> {
        self.row().record.head = batch.head;
        now(Ok(LargeRows::new()))
    }

    fn note_order(&self, _: SheetId, _: u32) -> Answer<'_, ()> {
        now(Ok(()))
    }

    fn set_aside<'a>(&'a self, _: SheetId, _: Revision, _: &'a str) -> Answer<'a, ()> {
        now(Ok(()))
    }
}

impl Storage for OneSheet {
    fn load_sheet(&self, _: SheetId) -> Answer<'_, Option<SheetRecord>> {
        let mut row = self.row();
        row.loads += 1;
        now(Ok(Some(row.record.clone())))
    }

    fn stamps<'a>(&'a self, sheets: &'a [SheetId]) -> Answer<'a, Vec<(SheetId, SheetStamp)>> {
        let mut row = self.row();
        row.stamps += 1;
        if row.is_away {
            return now(Err(StoreError::Unavailable("refused".into())));
        }
        let stamp = SheetStamp::from(&row.record);
        now(Ok(sheets.iter().map(|id| (*id, stamp)).collect()))
    }

    fn park<'a>(&'a self, _: SheetId, _: &'a [Parked]) -> Answer<'a, ()> {
        // The entries stay in the journal.
        now(Err(StoreError::Internal("no place".into())))
    }

    fn reopen(&self, _: SheetId) -> Answer<'_, ()> {
        now(Ok(()))
    }

    fn history_floor(&self, _: SheetId) -> Answer<'_, Option<Revision>> {
        now(Ok(None))
    }

    fn changes(&self, _: SheetId, after: Revision, _: u32) -> Answer<'_, Vec<Entry>> {
        let log = self.row().log;
        now(Ok(log(after)))
    }

    fn client_state(&self, _: SheetId, _: ClientId) -> Answer<'_, Option<ClientState>> {
        now(Ok(None))
    }

    fn named_edit(&self, _: SheetId, _: ClientId) -> Answer<'_, Option<ClientState>> {
        now(Ok(None))
    }

    fn edit(&self, _: SheetId, _: ClientId, _: Sequence) -> Answer<'_, Option<ClientState>> {
        now(Ok(None))
    }

    fn read_rows_at<'a>(
        &'a self,
        _: SheetId,
        _: &'a [Range<RowId>],
        _: usize,
    ) -> Answer<'a, (Vec<(RowId, RowBody)>, Revision)> {
        now(Ok((Vec::new(), Revision(0))))
    }
}
