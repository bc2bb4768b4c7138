//! A journal that several nodes share, in memory: for each sheet one line of entries, appended by
//! compare-and-set, as the scripts of the journal in Redis keep it.
//!
//! Calls take their time, and fail as the way of their node has it: nobody answers, though the append has
//! landed, or lands later, or never. News get lost. Invariant: nothing that was appended is forgotten before
//! it is committed.

#[path = "stream/lines.rs"]
mod lines;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use journal::{
    Answer, Followed, JournalError, Later, Lead, Listening, News, Seed, SharedJournal, TakenUp,
};
use model::{Entry, SheetId};
use ot_engine::Revision;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use self::lines::{Line, State, Told};
use super::way::{Way, WayState};

/// How long a call waits that nobody answers.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often a sheet looks although nobody has said anything.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// All lines; clones are the same ones.
#[derive(Clone, Debug)]
pub(crate) struct Streams(Arc<Mutex<State>>);

/// One node's way to them.
#[derive(Clone, Debug)]
pub(crate) struct NodeJournal {
    pub(crate) streams: Streams,
    /// Which node, counted over all that there have been.
    pub(crate) node: usize,
    pub(crate) way: Way,
}

impl Streams {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State::new(seed))))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nobody panics while holding it")
    }

    /// The names of what happened.
    pub(crate) fn seen(&self) -> BTreeSet<&'static str> {
        self.lock().seen.clone()
    }

    /// Redis has no memory left, or has again.
    pub(crate) fn set_full(&self, full: bool) {
        self.lock().full = full;
    }

    /// How many entries are not committed.
    pub(crate) fn uncommitted(&self) -> u64 {
        self.lock().lines.values().map(|line| line.head.0 - line.committed.0).sum()
    }

    /// One of the appends that nobody waits for any more arrives.
    pub(crate) fn land_adrift(&self) {
        let mut state = self.lock();
        let State { random, adrift, .. } = &mut *state;
        let Some((node, seed, entries)) = random.take(adrift) else { return };
        let landed = state.append(node, seed, &entries).is_ok();
        state.seen.insert(if landed { "append adrift, landed" } else { "append adrift, in vain" });
    }

    /// What is committed, and that nobody has open, goes.
    pub(crate) fn expire(&self) {
        let mut state = self.lock();
        state.ears.retain(|(_, ear)| !ear.is_closed());
        let State { lines, ears, seen, .. } = &mut *state;
        lines.retain(|sheet, line| {
            let stays = line.committed < line.head || ears.iter().any(|(heard, _)| heard == sheet);
            if !stays {
                seen.insert("line expired");
            }
            stays
        });
    }
}

impl NodeJournal {
    /// Carries a call there, and its answer back.
    async fn call<T>(&self, ask: impl FnOnce(&mut State) -> T) -> Result<T, JournalError> {
        self.pass().await?;
        let answer = ask(&mut self.streams.lock());
        let back = self.pass().await;
        if back.is_err() {
            self.streams.lock().seen.insert("answer of the journal lost");
        }
        back.map(|()| answer)
    }

    /// Takes the way once, if it is open.
    async fn pass(&self) -> Result<(), JournalError> {
        self.pause().await;
        self.way.while_alive().await;
        if self.way.state() == WayState::Open {
            return Ok(());
        }
        sleep(PATIENCE).await;
        self.way.while_alive().await;
        Err(JournalError::Unknown("no answer".to_owned()))
    }

    async fn pause(&self) {
        let millis = self.streams.lock().random.below(4);
        sleep(Duration::from_millis(millis.into())).await;
    }

    async fn append_there(self, seed: Seed, entries: Vec<Arc<Entry>>) -> Result<(), JournalError> {
        if self.way.state() != WayState::Open {
            let mut state = self.streams.lock();
            // What is on the way when it breaks arrives later, or never.
            if state.random.below(2) == 0 {
                state.adrift.push((self.node, seed, entries.clone()));
            }
        }
        self.call(|state| state.append(self.node, seed, &entries)).await?
    }
}

impl SharedJournal for NodeJournal {
    fn take_up(&self, sheet: SheetId, head: Revision) -> Answer<'_, TakenUp> {
        Box::pin(self.call(move |state| state.take_up(sheet, head)))
    }

    fn take_back(&self, sheet: SheetId, head: Revision, seed: Seed) -> Answer<'_, ()> {
        Box::pin(self.call(move |state| {
            let begun = |line: &Line| line.head == head && line.seed == seed;
            if state.lines.get(&sheet).is_some_and(begun) {
                state.lines.remove(&sheet);
                state.seen.insert("line taken back");
            }
        }))
    }

    fn append(&self, seed: Seed, entries: Vec<Arc<Entry>>) -> Answer<'static, ()> {
        Box::pin(self.clone().append_there(seed, entries))
    }

    fn follow(&self, sheet: SheetId, seed: Seed, after: Revision) -> Answer<'_, Followed> {
        Box::pin(async move { self.call(move |state| state.follow(sheet, seed, after)).await? })
    }

    fn followed(&self, _: &[Arc<Entry>]) {}

    fn listen(&self, sheet: SheetId) -> Later<'_, Box<dyn Listening>> {
        let (ear, told) = mpsc::unbounded_channel();
        self.streams.lock().ears.push((sheet, ear));
        let ear = Ear { told, way: self.way.clone(), look: Instant::now() + LOOK_INTERVAL };
        Box::pin(async move { Box::new(ear) as Box<dyn Listening> })
    }

    fn lead(&self, sheet: SheetId) -> Answer<'_, Lead> {
        Box::pin(self.call(move |state| state.lead(self.node, sheet)))
    }

    fn yield_lead(&self, sheet: SheetId) -> Later<'_, ()> {
        Box::pin(async move {
            // Where it fails, the lead ends by itself.
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
        let Some(line) = state.lines.get(&sheet) else { return Vec::new() };
        line.entries.iter().filter(|entry| entry.revision > line.committed).cloned().collect()
    }

    fn uncommitted(&self, sheet: SheetId) -> Answer<'_, Option<Revision>> {
        Box::pin(self.call(move |state| {
            let line = state.lines.get(&sheet).filter(|line| line.committed < line.head);
            line.map(|line| line.head)
        }))
    }

    fn waiting_sheets(&self) -> Answer<'_, Vec<SheetId>> {
        Box::pin(self.call(|state| {
            let now = Instant::now();
            let led = |sheet| state.leases.get(sheet).is_some_and(|(_, until)| now < *until);
            let waiting = state
                .lines
                .iter()
                .filter(|(sheet, line)| line.committed < line.head && !led(sheet));
            waiting.map(|(sheet, _)| *sheet).collect()
        }))
    }

    fn uncommitted_entries(&self) -> usize {
        usize::try_from(self.streams.uncommitted()).expect("few")
    }

    fn committed(&self, sheet: SheetId, revision: Revision) -> Later<'_, ()> {
        Box::pin(async move {
            // Where it fails, a later one makes up for it.
            let _ = self.call(move |state| state.committed(sheet, revision)).await;
        })
    }

    fn discard_until(&self, sheet: SheetId, last: Revision) -> Answer<'_, bool> {
        Box::pin(self.call(move |state| {
            let ends_there = state.lines.get(&sheet).is_some_and(|line| line.head == last);
            ends_there && state.lines.remove(&sheet).is_some()
        }))
    }

    fn discard(&self, _: SheetId) -> Later<'_, ()> {
        Box::pin(async {})
    }
}

/// Listens to one line.
#[derive(Debug)]
struct Ear {
    told: mpsc::UnboundedReceiver<Told>,
    way: Way,
    /// When it looks of itself.
    look: Instant,
}

impl Listening for Ear {
    fn next(&mut self, known: Revision) -> Later<'_, News> {
        Box::pin(async move {
            loop {
                let told = tokio::select! {
                    told = self.told.recv() => told,
                    () = sleep_until(self.look) => None,
                };
                self.way.while_alive().await;
                match (self.way.state(), told) {
                    // What comes while it is cut off is missed.
                    (WayState::Cut, Some(_)) => {}
                    (_, Some(Told::Committed(revision))) => return News::Committed(revision),
                    (_, Some(Told::Entries(entries))) => {
                        if entries.last().is_some_and(|last| last.revision > known) {
                            return News::Entries(entries);
                        }
                    }
                    (_, None) => {
                        self.look = Instant::now() + LOOK_INTERVAL;
                        return News::Look;
                    }
                }
            }
        })
    }
}
