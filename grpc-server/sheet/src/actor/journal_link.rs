//! The actor's link to the journal: one append, one read, and the events of other nodes.
//!
//! Not here: what follows from an answer (`ordering`). Invariant: [`JournalLink::next`] may be cancelled; the
//! append and the read of the struct's fields stay there until they resolve.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use ot_engine::Revision;
use tokio::time::Instant;

use crate::ports::journal::{Event, Followed, JournalError, Listener, StreamId};
use crate::shared::Shared;
use model::{Entry, SheetId};

/// How long the event of another node's append may take before the journal is read.
const EVENT_WITHIN: Duration = Duration::from_millis(4);

type Answer<T> = BoxFuture<'static, Result<T, JournalError>>;

/// See the module.
pub(super) struct JournalLink {
    shared: Arc<Shared>,
    sheet: SheetId,
    /// The stream of entries that the sheet appends to.
    stream: StreamId,
    listener: Listener,
    append: Option<Answer<()>>,
    follow: Option<Answer<Followed>>,
    /// The entries of another node are expected until then.
    entries_until: Option<Instant>,
}

/// An event of the journal.
pub(super) enum JournalEvent {
    Appended(Result<(), JournalError>),
    Followed(Result<Followed, JournalError>),
    /// Another node did something.
    Other(Event),
    /// No event came in time.
    NoEntries,
}

impl JournalLink {
    pub(super) fn new(
        shared: Arc<Shared>,
        sheet: SheetId,
        stream: StreamId,
        listener: Listener,
    ) -> Self {
        let (append, follow, entries_until) = (None, None, None);
        Self { shared, sheet, stream, listener, append, follow, entries_until }
    }

    /// Starts an append.
    pub(super) fn append(&mut self, entries: Vec<Arc<Entry>>) {
        self.append = Some(Box::pin(self.shared.journal.append(self.stream, entries)));
    }

    /// Starts to read what follows on a revision.
    pub(super) fn follow(&mut self, after: Revision) {
        self.follow = Some(self.read(after));
    }

    fn read(&self, after: Revision) -> Answer<Followed> {
        let (shared, sheet, stream) = (Arc::clone(&self.shared), self.sheet, self.stream);
        Box::pin(async move { shared.journal.follow(sheet, stream, after).await })
    }

    /// Expects the entries of the node that appends now.
    pub(super) fn await_entries(&mut self) {
        self.entries_until = Some(Instant::now() + EVENT_WITHIN);
    }

    /// The next event; of other nodes those beyond `known`. Safe to cancel.
    pub(super) async fn next(&mut self, known: Revision) -> JournalEvent {
        let Self { listener, append, follow, entries_until, .. } = self;
        let until = *entries_until;
        tokio::select! {
            biased;
            answer = ended(append) => JournalEvent::Appended(answer),
            answer = ended(follow) => JournalEvent::Followed(answer),
            event = listener.next(known) => {
                if !matches!(event, Event::Committed(_)) {
                    *entries_until = None;
                }
                JournalEvent::Other(event)
            }
            () = tokio::time::sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {
                *entries_until = None;
                JournalEvent::NoEntries
            }
        }
    }

    /// Resolves when the journal answers anything at all.
    pub(super) async fn answers(&mut self, head: Revision, interval: Duration) {
        loop {
            tokio::time::sleep(interval).await;
            if !matches!(self.read(head).await, Err(JournalError::Unknown(_))) {
                return;
            }
        }
    }
}

/// The answer of a call, which is removed with it; pending without a call.
async fn ended<T>(call: &mut Option<Answer<T>>) -> Result<T, JournalError> {
    match call {
        Some(running) => {
            let answer = running.await;
            *call = None;
            answer
        }
        None => std::future::pending().await,
    }
}
