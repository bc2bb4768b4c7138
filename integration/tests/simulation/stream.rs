//! A shared journal in memory: one stream of entries for each sheet, appended by compare-and-set, as the scripts
//! of the journal in Redis do.
//!
//! Not Redis. Calls take time, and fail while the node's link is cut: there is no answer, and the append has
//! landed, lands later, or never. Events get lost. Invariant: an appended entry stays until it is committed.

#[path = "stream/streams.rs"]
mod streams;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use journal::{
    Answer, Event, Followed, JournalError, Later, Lease, Listening, OpenedStream, SharedJournal,
    StreamId,
};
use model::{Entry, SheetId};
use ot_engine::Revision;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use self::streams::{Message, State, Stream};
use super::link::{Link, LinkState};

/// How long a call waits for an answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often a sheet polls its stream without an event.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// All streams; clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Streams(Arc<Mutex<State>>);

/// The journal as one node reaches it.
#[derive(Clone, Debug)]
pub(crate) struct NodeJournal {
    pub(crate) streams: Streams,
    /// The number of the node, counted over all nodes of the run.
    pub(crate) node: usize,
    pub(crate) link: Link,
}

impl Streams {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State::new(seed))))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no holder panics")
    }

    /// The names of the events so far.
    pub(crate) fn seen(&self) -> BTreeSet<&'static str> {
        self.lock().seen.clone()
    }

    /// Sets whether Redis has no memory left.
    pub(crate) fn set_full(&self, full: bool) {
        self.lock().full = full;
    }

    /// The number of uncommitted entries.
    pub(crate) fn uncommitted(&self) -> u64 {
        self.lock().streams.values().map(|stream| stream.head.0 - stream.committed.0).sum()
    }

    /// The number of entries that a node holds and does not know to be committed.
    pub(crate) fn held_by(&self, node: usize) -> usize {
        let state = self.lock();
        state.held.iter().filter(|((holder, ..), _)| *holder == node).map(|(_, it)| it.len()).sum()
    }

    /// Lands one of the appends without a caller.
    pub(crate) fn land_orphan(&self) {
        let mut state = self.lock();
        let State { random, orphans, .. } = &mut *state;
        let Some((node, id, entries)) = random.take(orphans) else { return };
        let landed = state.append(node, id, &entries).is_ok();
        state.seen.insert(if landed { "orphan append, landed" } else { "orphan append, rejected" });
    }

    /// Deletes the committed streams that no node listens to.
    pub(crate) fn expire(&self) {
        let mut state = self.lock();
        state.listeners.retain(|(_, listener)| !listener.is_closed());
        let State { streams, listeners, seen, .. } = &mut *state;
        streams.retain(|sheet, stream| {
            let stays = stream.committed < stream.head
                || listeners.iter().any(|(listened, _)| listened == sheet);
            if !stays {
                seen.insert("stream expired");
            }
            stays
        });
    }
}

impl NodeJournal {
    /// Carries a call to the journal, and its answer back.
    async fn call<T>(&self, ask: impl FnOnce(&mut State) -> T) -> Result<T, JournalError> {
        self.pass().await?;
        let answer = ask(&mut self.streams.lock());
        let back = self.pass().await;
        if back.is_err() {
            self.streams.lock().seen.insert("answer of the journal lost");
        }
        back.map(|()| answer)
    }

    /// Crosses the link once, if it is open.
    async fn pass(&self) -> Result<(), JournalError> {
        self.pause().await;
        self.link.while_alive().await;
        if self.link.state() == LinkState::Open {
            return Ok(());
        }
        sleep(PATIENCE).await;
        self.link.while_alive().await;
        Err(JournalError::Unknown("no answer".to_owned()))
    }

    async fn pause(&self) {
        let millis = self.streams.lock().random.below(4);
        sleep(Duration::from_millis(millis.into())).await;
    }

    async fn append_there(
        self,
        id: StreamId,
        entries: Vec<Arc<Entry>>,
    ) -> Result<(), JournalError> {
        if self.link.state() != LinkState::Open {
            let mut state = self.streams.lock();
            // An append in flight when the link breaks arrives later, or never.
            if state.random.below(2) == 0 {
                state.orphans.push((self.node, id, entries.clone()));
            }
        }
        let appended = self.call(|state| state.append(self.node, id, &entries)).await?;
        if appended.is_ok() {
            self.streams.lock().hold(self.node, &entries);
        }
        appended
    }
}

impl SharedJournal for NodeJournal {
    fn open_stream(&self, sheet: SheetId, head: Revision) -> Answer<'_, OpenedStream> {
        Box::pin(async move {
            let opened = self.call(move |state| state.open_stream(sheet, head)).await?;
            let tail = if let OpenedStream::At(_, tail) = &opened { &**tail } else { &[] };
            let mut state = self.streams.lock();
            state.let_go(self.node, sheet, Revision(u64::MAX));
            state.hold(self.node, tail);
            drop(state);
            Ok(opened)
        })
    }

    fn withdraw_stream(&self, sheet: SheetId, head: Revision, id: StreamId) -> Answer<'_, ()> {
        Box::pin(self.call(move |state| {
            let begun = |stream: &Stream| stream.head == head && stream.id == id;
            if state.streams.get(&sheet).is_some_and(begun) {
                state.streams.remove(&sheet);
                state.seen.insert("stream taken back");
            }
        }))
    }

    fn append(&self, id: StreamId, entries: Vec<Arc<Entry>>) -> Answer<'static, ()> {
        Box::pin(self.clone().append_there(id, entries))
    }

    fn follow(&self, sheet: SheetId, id: StreamId, after: Revision) -> Answer<'_, Followed> {
        Box::pin(async move { self.call(move |state| state.follow(sheet, id, after)).await? })
    }

    fn followed(&self, entries: &[Arc<Entry>]) {
        self.streams.lock().hold(self.node, entries);
    }

    fn listen(&self, sheet: SheetId) -> Later<'_, Box<dyn Listening>> {
        let (listener, messages) = mpsc::unbounded_channel();
        self.streams.lock().listeners.push((sheet, listener));
        let listener = StreamListener {
            messages,
            link: self.link.clone(),
            look: Instant::now() + LOOK_INTERVAL,
        };
        Box::pin(async move { Box::new(listener) as Box<dyn Listening> })
    }

    fn lease(&self, sheet: SheetId) -> Answer<'_, Lease> {
        Box::pin(self.call(move |state| state.lease(self.node, sheet)))
    }

    fn release_lease(&self, sheet: SheetId) -> Later<'_, ()> {
        Box::pin(async move {
            // When this fails, the lease expires.
            let _ = self
                .call(move |state| {
                    if state.leases.get(&sheet).is_some_and(|(node, _)| *node == self.node) {
                        state.leases.remove(&sheet);
                    }
                })
                .await;
        })
    }

    fn tail(&self, sheet: SheetId) -> Vec<Arc<Entry>> {
        let state = self.streams.lock();
        let Some(stream) = state.streams.get(&sheet) else { return Vec::new() };
        stream.entries.iter().filter(|entry| entry.revision > stream.committed).cloned().collect()
    }

    fn uncommitted(&self, sheet: SheetId) -> Answer<'_, Option<Revision>> {
        Box::pin(self.call(move |state| {
            let stream = state.streams.get(&sheet).filter(|stream| stream.committed < stream.head);
            stream.map(|stream| stream.head)
        }))
    }

    fn waiting_sheets(&self) -> Answer<'_, Vec<SheetId>> {
        Box::pin(self.call(|state| {
            let now = Instant::now();
            let led = |sheet| state.leases.get(sheet).is_some_and(|(_, until)| now < *until);
            let waiting = state
                .streams
                .iter()
                .filter(|(sheet, stream)| stream.committed < stream.head && !led(sheet));
            let own = state.held.keys().filter(|(node, _)| *node == self.node).map(|it| it.1);
            waiting
                .map(|(sheet, _)| *sheet)
                .chain(own)
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect()
        }))
    }

    fn uncommitted_entries(&self) -> usize {
        self.streams.held_by(self.node)
    }

    fn landed(&self, sheet: SheetId, revision: Revision) {
        self.streams.lock().let_go(self.node, sheet, revision);
    }

    fn committed(&self, sheet: SheetId, revision: Revision) -> Later<'_, ()> {
        self.landed(sheet, revision);
        Box::pin(async move {
            // A later call covers a failed one.
            let _ = self.call(move |state| state.committed(sheet, revision)).await;
        })
    }

    fn discard_until(&self, sheet: SheetId, last: Revision) -> Answer<'_, bool> {
        Box::pin(self.call(move |state| {
            let ends_there = state.streams.get(&sheet).is_some_and(|stream| stream.head == last);
            let discarded = ends_there && state.streams.remove(&sheet).is_some();
            if discarded {
                state.let_go(self.node, sheet, last);
            }
            discarded
        }))
    }

    fn discard(&self, _: SheetId) -> Later<'_, ()> {
        Box::pin(async {})
    }
}

/// Listens to one stream.
#[derive(Debug)]
struct StreamListener {
    messages: mpsc::UnboundedReceiver<Message>,
    link: Link,
    /// When it polls next.
    look: Instant,
}

impl Listening for StreamListener {
    fn next(&mut self, known: Revision) -> Later<'_, Event> {
        Box::pin(async move {
            loop {
                let message = tokio::select! {
                    message = self.messages.recv() => message,
                    () = sleep_until(self.look) => None,
                };
                self.link.while_alive().await;
                match (self.link.state(), message) {
                    // A listener that is cut off misses the message.
                    (LinkState::Cut, Some(_)) => {}
                    (_, Some(Message::Committed(revision))) => return Event::Committed(revision),
                    (_, Some(Message::Entries(entries))) => {
                        if entries.last().is_some_and(|last| last.revision > known) {
                            return Event::Entries(entries);
                        }
                    }
                    (_, None) => {
                        self.look = Instant::now() + LOOK_INTERVAL;
                        return Event::Look;
                    }
                }
            }
        })
    }
}
