//! The session registry: writes to Postgres which sessions this node has.
//!
//! One task receives openings and ends from a bounded queue and writes them in batches. While Postgres
//! is away they wait, each session as one record, and are written when it is back. Not the sessions
//! themselves. Invariant: no session waits for the registry; it counts and logs what it drops.

mod trim;
mod waiting;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustc_hash::FxHashMap;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;

use self::trim::Trim;
use self::waiting::{Pending, Waiting};
use model::{
    AccountId, ClientKind, Ended, NodeId, SessionEnd, SessionId, SessionRecord, SheetId, now_micros,
};
use store::{Store, StoreError};

/// Openings and ends that the task has not received yet.
const QUEUED_EVENTS: usize = 65_536;
/// Events that the task receives at once.
const EVENTS_AT_ONCE: usize = 256;
/// Sessions written in one statement.
const BATCH_SESSIONS: usize = 1_000;
/// How long the first of a batch waits for others.
const BATCH_WITHIN: Duration = Duration::from_millis(100);
/// How long to wait after an attempt that failed.
const RETRY: Duration = Duration::from_secs(1);
/// How long the end of the server waits for the last batch.
const FINISH_WITHIN: Duration = Duration::from_secs(5);

/// The events that the task receives.
#[derive(Debug)]
enum Event {
    Opened(SessionRecord),
    Ended(SessionRecord),
    /// Not opened, because something was away.
    Failed(SessionRecord),
    /// Another node declared this one dead and closed its sessions.
    RegisterAgain,
    Finish,
}

/// A handle on the registry's task. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SessionRegistry {
    node: NodeId,
    events: mpsc::Sender<Event>,
    /// Events that found the queue full.
    lost: Arc<AtomicU64>,
}

/// A session in the registry; dropping it registers its end.
#[derive(Debug)]
pub struct RegisteredSession {
    sessions: SessionRegistry,
    record: SessionRecord,
    /// Its node has announced that it stops.
    drained: bool,
}

impl SessionRegistry {
    /// Starts the task of a node's registry, which keeps so many ended sessions of each account.
    #[must_use]
    pub fn start(store: Store, node: NodeId, kept: u32) -> (Self, JoinHandle<()>) {
        let (sender, events) = mpsc::channel(QUEUED_EVENTS);
        let (lost, tasks) = (Arc::new(AtomicU64::new(0)), store.tasks().clone());
        let keeper = Keeper {
            store,
            events,
            open: FxHashMap::default(),
            waiting: Waiting::default(),
            writing: JoinSet::new(),
            due: None,
            away: false,
            trim: Trim::new(kept),
            lost: Arc::clone(&lost),
        };
        let task = tasks.spawn(keeper.run());
        (Self { node, events: sender, lost }, task)
    }

    /// The node whose registry it is.
    #[must_use]
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// Registers a session.
    #[must_use]
    pub fn register(
        &self,
        number: u64,
        sheet: SheetId,
        account: AccountId,
        client: ClientKind,
    ) -> RegisteredSession {
        let record = self.record(number, sheet, account, client);
        self.send(Event::Opened(record.clone()));
        RegisteredSession { sessions: self.clone(), record, drained: false }
    }

    /// Registers a session that could not be opened because something was away.
    pub fn failed(
        &self,
        number: u64,
        sheet: SheetId,
        account: AccountId,
        client: ClientKind,
        detail: &str,
    ) {
        let mut record = self.record(number, sheet, account, client);
        let (at_micros, detail) = (record.opened_micros, detail.to_owned());
        record.end = Some(SessionEnd { at_micros, how: Ended::Error, detail });
        self.send(Event::Failed(record));
    }

    /// Registers the open sessions again, because another node declared this one dead.
    pub fn register_again(&self) {
        self.send(Event::RegisterAgain);
    }

    /// Requests the end of the task. It writes the waiting records first, unless Postgres is away, and for at most
    /// 5 s (`FINISH_WITHIN`).
    pub async fn finish(&self) {
        // Fails only when the task is gone already.
        let _ = self.events.send(Event::Finish).await;
    }

    fn record(
        &self,
        number: u64,
        sheet: SheetId,
        account: AccountId,
        client: ClientKind,
    ) -> SessionRecord {
        let id = SessionId { node: self.node, number };
        SessionRecord { id, sheet, account, client, opened_micros: now_micros(), end: None }
    }

    fn send(&self, event: Event) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.events.try_send(event) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl RegisteredSession {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> SessionId {
        self.record.id
    }

    /// Its node has announced that it stops.
    pub fn drained(&mut self) {
        self.drained = true;
    }

    /// Sets how it ended; the first call counts. Without one the session was closed by either side.
    pub fn ended(&mut self, how: Ended, detail: &str) {
        let end = SessionEnd { at_micros: now_micros(), how, detail: detail.to_owned() };
        self.record.end.get_or_insert(end);
    }
}

impl Drop for RegisteredSession {
    fn drop(&mut self) {
        let how = if self.drained { Ended::Drained } else { Ended::Closed };
        self.ended(how, "");
        self.sessions.send(Event::Ended(self.record.clone()));
    }
}

type Written = (Vec<Pending>, Result<(), StoreError>);

/// The task's own state.
struct Keeper {
    store: Store,
    events: mpsc::Receiver<Event>,
    /// The open sessions, in case they have to be registered again.
    open: FxHashMap<u64, SessionRecord>,
    waiting: Waiting,
    /// The batch that is being written: one at most.
    writing: JoinSet<Written>,
    /// When the next batch may be written.
    due: Option<Instant>,
    /// Postgres was away at the last attempt.
    away: bool,
    trim: Trim,
    lost: Arc<AtomicU64>,
}

impl Keeper {
    async fn run(mut self) {
        let mut events = Vec::with_capacity(EVENTS_AT_ONCE);
        loop {
            let due = self.due.filter(|_| self.writing.is_empty());
            tokio::select! {
                // Sessions opened or ended.
                count = self.events.recv_many(&mut events, EVENTS_AT_ONCE) => {
                    let mut last = count == 0;
                    for event in events.drain(..) {
                        last |= self.take(event);
                    }
                    if last {
                        return self.finish().await;
                    }
                }
                // A batch has been written, or not.
                Some(Ok(written)) = self.writing.join_next() => self.written(written),
                // The batch is due, or the retry.
                () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    self.write();
                }
            }
            if self.due.is_none() && !self.waiting.is_empty() {
                self.due = Some(Instant::now() + BATCH_WITHIN);
            }
        }
    }

    /// Receives an event; true when it is the last one.
    fn take(&mut self, event: Event) -> bool {
        match event {
            Event::Opened(record) => {
                self.open.insert(record.id.number, record.clone());
                self.waiting.put(record);
            }
            Event::Ended(record) => {
                self.open.remove(&record.id.number);
                self.waiting.put(record);
            }
            Event::Failed(record) => self.waiting.put_failure(record),
            Event::RegisterAgain => {
                self.open.values().for_each(|open| self.waiting.put(open.clone()))
            }
            Event::Finish => return true,
        }
        false
    }

    fn write(&mut self) {
        self.due = None;
        let batch = self.waiting.take(BATCH_SESSIONS);
        if batch.is_empty() {
            return;
        }
        let store = self.store.clone();
        let records: Vec<SessionRecord> = batch.iter().map(Pending::to_record).collect();
        let (due, kept) = (self.trim.due(&records), self.trim.kept);
        self.writing.spawn(async move {
            let mut outcome = store.record_sessions(&records).await;
            for account in due {
                if outcome.is_ok() {
                    outcome = trim::trim(&store, account, kept).await;
                }
            }
            (batch, outcome)
        });
    }

    fn written(&mut self, (batch, outcome): Written) {
        match outcome {
            Ok(()) => {
                if std::mem::take(&mut self.away) {
                    tracing::info!("session registry resumed");
                }
            }
            Err(error) if error.is_unavailable() => {
                if !std::mem::replace(&mut self.away, true) {
                    tracing::warn!(%error, "session registry waits for Postgres; it retries each second");
                }
                self.waiting.put_back(batch);
                self.due = Some(Instant::now() + RETRY);
            }
            // Postgres will refuse the same batch again.
            Err(error) => {
                let sessions = batch.len();
                tracing::error!(%error, sessions, "session registry refused a batch; its sessions are missing");
            }
        }
        let lost = self.lost.swap(0, Ordering::Relaxed) + self.waiting.lost();
        if lost > 0 {
            tracing::warn!(lost, "session registry overflow, events dropped");
        }
    }

    /// Writes the waiting records. Another node closes the sessions whose end is not written, as lost.
    async fn finish(mut self) {
        let rest = async {
            loop {
                if self.writing.is_empty() {
                    self.write();
                }
                match self.writing.join_next().await {
                    Some(Ok(written)) => self.written(written),
                    Some(Err(_)) => {}
                    None => return,
                }
                if self.away {
                    return;
                }
            }
        };
        if tokio::time::timeout(FINISH_WITHIN, rest).await.is_err() {
            tracing::warn!(
                "session registry not flushed in time; other nodes close its sessions as lost"
            );
        }
    }
}
