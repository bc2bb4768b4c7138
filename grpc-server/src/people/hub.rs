//! The hub: wakes the streams of notices at this node, and passes hints on between nodes.
//!
//! Not the notices: a stream reads them from Postgres. A hint names accounts that have new ones. Without Redis there is
//! this node alone. Invariants: a signal that is not published is repeated, and a hub that may have missed some acts as
//! after each of them; what waits in its queues is bounded.

mod messages;
mod table;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use self::messages::{Received, Signal, Typing};
pub(super) use self::table::{Table, Watching};
use super::wire;
use crate::edge::rights::role_check::RoleCheck;
use model::people::{Named, ThreadId, ThreadKind, ThreadPlace};
use model::{AccountId, NodeId, SheetId};
use redis_link::{Bus, BusEvent, Publisher, Subscription};
use store::{Store, StoreError};

/// The topic of hints and of reports that a person types.
const TOPIC: &str = "gridloom:people";
/// How often the last numbers are read without a hint.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// How often the accounts that have begun or ended to watch are written.
const NOTE_EVERY: Duration = Duration::from_secs(2);
/// Accounts with new notices that wait for the hub.
const QUEUED_ACCOUNTS: usize = 8_192;
/// Reports that a person types, which wait to be published; a further one is dropped, as are those that fail.
const QUEUED_TYPING: usize = 1_024;
/// Accounts in one signal, and in one statement.
const ACCOUNTS_AT_ONCE: usize = 512;

/// A handle on the hub; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Hub {
    table: Arc<Table>,
    roles: RoleCheck,
    signals: Publisher<Signal>,
    typing: mpsc::Sender<Bytes>,
}

impl Hub {
    /// Starts its tasks, until `stop`.
    pub(super) fn start(
        roles: RoleCheck,
        node: NodeId,
        bus: Option<Bus>,
        stop: CancellationToken,
    ) -> Self {
        let store = roles.store.clone();
        let signals = Publisher::start(TOPIC, bus.clone(), store.tasks(), stop.clone());
        let (typing, queue) = mpsc::channel(QUEUED_TYPING);
        let hub = Self { table: Arc::default(), roles, signals, typing };
        let noted = store.noted(QUEUED_ACCOUNTS);
        if let Some(bus) = bus.clone() {
            store.tasks().spawn(stop.clone().run_until_cancelled_owned(publish(queue, bus)));
        }
        let tasks = store.tasks().clone();
        let task = Task { hub: hub.clone(), store, node };
        tasks.spawn(async move {
            let running = async {
                let subscription = match bus {
                    Some(bus) => Some(bus.subscribe(TOPIC).await),
                    None => None,
                };
                task.run(noted, subscription).await;
            };
            stop.run_until_cancelled(running).await;
        });
        hub
    }

    /// A stream of an account begins.
    pub(super) fn watch(&self, account: AccountId) -> Watching {
        self.table.watch(account)
    }

    /// Passes on that a person types.
    pub(super) fn typing(&self, thread: ThreadId, person: Named, audience: &[AccountId]) {
        self.table.typing(&wire::typing(thread, &person), audience);
        let typing = Typing { thread, person, audience: audience.into() };
        // The queue is full, or there is no other server.
        let _ = self.typing.try_send(typing.encode().into());
    }

    /// Sends the sessions of a sheet at all nodes that comments have changed, when what it returns is dropped: also where the
    /// caller leaves while the change is written. A thread of another place sends nothing.
    pub(super) fn changing(&self, place: &ThreadPlace) -> Changing<'_> {
        let sheet = place.sheet().filter(|_| place.kind() == ThreadKind::Cell);
        Changing { hub: self, sheet }
    }

    fn receive(&self, event: BusEvent) {
        let received = match event {
            BusEvent::Missed => Some(Received::Signal(Signal::All)),
            BusEvent::Message(bytes) => Received::decode(&bytes),
        };
        match received {
            Some(Received::Signal(Signal::All)) => {
                self.table.wake_all();
                let (sheets, _) = self.roles.session_index.all();
                sheets.into_iter().for_each(|sheet| self.roles.registry.comments_changed(sheet));
            }
            Some(Received::Signal(Signal::Hint(accounts))) => self.table.wake(&accounts),
            Some(Received::Signal(Signal::Comments(sheet))) => {
                self.roles.registry.comments_changed(sheet);
            }
            Some(Received::Typing(Typing { thread, person, audience })) => {
                self.table.typing(&wire::typing(thread, &person), &audience);
            }
            // Of a later release.
            None => {}
        }
    }
}

/// A change of comments that is being written.
#[derive(Debug)]
pub(super) struct Changing<'a> {
    hub: &'a Hub,
    sheet: Option<SheetId>,
}

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        if let Some(sheet) = self.sheet {
            self.hub.roles.registry.comments_changed(sheet);
            self.hub.signals.send(Signal::Comments(sheet));
        }
    }
}

/// The task that wakes streams and looks at intervals.
struct Task {
    hub: Hub,
    store: Store,
    node: NodeId,
}

impl Task {
    async fn run(
        &self,
        noted: Option<mpsc::Receiver<AccountId>>,
        mut subscription: Option<Subscription>,
    ) {
        let (mut looks, mut notes) = (interval(LOOK_EVERY), interval(NOTE_EVERY));
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        notes.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut noted = noted;
        let mut accounts = Vec::with_capacity(ACCOUNTS_AT_ONCE);
        loop {
            tokio::select! {
                // This server has written notices.
                count = next_accounts(&mut noted, &mut accounts) => {
                    if count == 0 {
                        noted = None;
                    }
                    self.hint(&mut accounts);
                }
                // Another one has, or this one.
                event = next_event(&mut subscription) => match event {
                    Some(event) => self.hub.receive(event),
                    None => subscription = None,
                },
                _ = looks.tick() => report("look", self.look().await),
                _ = notes.tick() => report("note", self.note().await),
            }
        }
    }

    fn hint(&self, accounts: &mut Vec<AccountId>) {
        accounts.sort_unstable();
        accounts.dedup();
        self.hub.table.wake(accounts);
        if !accounts.is_empty() {
            self.hub.signals.send(Signal::Hint(std::mem::take(accounts)));
        }
    }

    /// Wakes the streams of accounts whose last number has changed since the last look.
    async fn look(&self) -> Result<(), StoreError> {
        let accounts = self.hub.table.accounts();
        for some in accounts.chunks(ACCOUNTS_AT_ONCE) {
            let lasts = self.store.last_notices(some).await?;
            self.hub.table.look(&lasts);
            // Again, where another server deleted the rows of this one because it seemed dead.
            self.store.note_watchers(self.node, some, &[]).await?;
        }
        Ok(())
    }

    /// Writes which accounts have begun or ended to watch here.
    async fn note(&self) -> Result<(), StoreError> {
        let (begun, ended) = self.hub.table.changed();
        let noted = self.store.note_watchers(self.node, &begun, &ended).await;
        if noted.is_err() {
            self.hub.table.change_again(&begun, &ended);
        }
        noted
    }
}

fn report(what: &str, outcome: Result<(), StoreError>) {
    if let Err(error) = outcome {
        tracing::debug!(%error, what, "the hub of notices did not reach Postgres; retrying");
    }
}

/// The next accounts with new notices; pending where another hub reads them.
async fn next_accounts(
    noted: &mut Option<mpsc::Receiver<AccountId>>,
    accounts: &mut Vec<AccountId>,
) -> usize {
    match noted {
        Some(noted) => noted.recv_many(accounts, ACCOUNTS_AT_ONCE).await,
        None => std::future::pending().await,
    }
}

/// The next event; pending without a bus.
async fn next_event(subscription: &mut Option<Subscription>) -> Option<BusEvent> {
    match subscription {
        Some(subscription) => subscription.next().await,
        None => std::future::pending().await,
    }
}

/// Publishes reports that a person types, one after the other.
async fn publish(mut typing: mpsc::Receiver<Bytes>, bus: Bus) {
    while let Some(report) = typing.recv().await {
        if let Err(error) = bus.publish(TOPIC, &report).await {
            tracing::debug!(%error, "a report that a person types is not published");
        }
    }
}
