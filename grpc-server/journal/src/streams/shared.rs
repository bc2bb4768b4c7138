//! [`SharedJournal`] for the journal in Redis.
//!
//! Not what a call does: each one is a method of [`RedisJournal`] of the same name. Invariant: no call blocks; its
//! work begins when its future is polled.

use std::sync::Arc;

use ot_engine::Revision;

use super::{Listener, RedisJournal};
use crate::shared::{Answer, Later, Listening, SharedJournal};
use crate::{Event, Followed, Lease, OpenedStream, StreamId};
use model::{Entry, SheetId};

impl SharedJournal for RedisJournal {
    fn open_stream(&self, sheet: SheetId, head: Revision) -> Answer<'_, OpenedStream> {
        Box::pin(self.open_stream(sheet, head))
    }

    fn withdraw_stream(&self, sheet: SheetId, head: Revision, stream: StreamId) -> Answer<'_, ()> {
        Box::pin(self.withdraw_stream(sheet, head, stream))
    }

    fn append(&self, stream: StreamId, entries: Vec<Arc<Entry>>) -> Answer<'static, ()> {
        Box::pin(self.clone().append(stream, entries))
    }

    fn follow(&self, sheet: SheetId, stream: StreamId, after: Revision) -> Answer<'_, Followed> {
        Box::pin(self.follow(sheet, stream, after))
    }

    fn followed(&self, entries: &[Arc<Entry>]) {
        self.followed(entries);
    }

    fn applied(&self, sheet: SheetId, revision: Revision, bytes: usize) {
        self.applied(sheet, revision, bytes);
    }

    fn first_entries(&self, sheet: SheetId, head: Revision) -> Answer<'_, Vec<Arc<Entry>>> {
        Box::pin(self.first_entries(sheet, head))
    }

    fn listen(&self, sheet: SheetId) -> Later<'_, Box<dyn Listening>> {
        Box::pin(async move { Box::new(self.listen(sheet).await) as Box<dyn Listening> })
    }

    fn lease(&self, sheet: SheetId) -> Answer<'_, Lease> {
        Box::pin(self.lease(sheet))
    }

    fn release_lease(&self, sheet: SheetId) -> Later<'_, ()> {
        Box::pin(self.release_lease(sheet))
    }

    fn tail(&self, sheet: SheetId) -> Vec<Arc<Entry>> {
        self.tail(sheet)
    }

    fn uncommitted(&self, sheet: SheetId) -> Answer<'_, Option<Revision>> {
        Box::pin(self.uncommitted(sheet))
    }

    fn waiting_sheets(&self) -> Answer<'_, Vec<SheetId>> {
        Box::pin(self.waiting_sheets())
    }

    fn uncommitted_entries(&self) -> usize {
        self.uncommitted_entries()
    }

    fn committed(&self, sheet: SheetId, revision: Revision) -> Later<'_, ()> {
        Box::pin(self.committed(sheet, revision))
    }

    fn landed(&self, sheet: SheetId, revision: Revision) {
        self.landed(sheet, revision);
    }

    fn discard_until(&self, sheet: SheetId, last: Revision) -> Answer<'_, bool> {
        Box::pin(self.discard_until(sheet, last))
    }

    fn discard(&self, sheet: SheetId) -> Later<'_, ()> {
        Box::pin(self.discard(sheet))
    }
}

impl Listening for Listener {
    fn next(&mut self, known: Revision) -> Later<'_, Event> {
        Box::pin(self.next(known))
    }
}
