//! A journal that several nodes share, in memory: for each sheet one line of entries, appended by
//! compare-and-set, as the scripts of the journal in Redis keep it.
//!
//! Calls take their time, and fail as the way of their node has it: nobody answers, though the append has
//! landed, or lands later, or never. News get lost. Invariant: nothing that was appended is forgotten before
//! it is committed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use grpc_server::journal::{
    Answer, Followed, JournalError, Later, Lead, Listening, News, Seed, SharedJournal, TakenUp,
};
use grpc_server::model::{Entry, SheetId};
use integration::harness::Random;
use ot_engine::Revision;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};
use uuid::Uuid;

use super::way::{Way, WayState};

/// How long a call waits that nobody answers.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a node may commit before it has to ask again.
const LEASE: Duration = Duration::from_secs(5);
/// How long the others wait for a node that has lost. In Redis it has to lose again and again; here so
/// much does not go on at once.
const TURN: Duration = Duration::from_millis(50);
/// How often a sheet looks although nobody has said anything.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// Committed entries that are kept: so few that nodes which lag miss some.
const KEPT: usize = 4;

/// All lines; clones are the same ones.
#[derive(Clone, Debug)]
pub(crate) struct Streams(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    random: Random,
    lines: BTreeMap<SheetId, Line>,
    leases: BTreeMap<SheetId, (usize, Instant)>,
    turns: BTreeMap<SheetId, (usize, Instant)>,
    ears: Vec<(SheetId, mpsc::UnboundedSender<Told>)>,
    /// Appends that are still to arrive; nobody waits for their answers.
    adrift: Vec<(usize, Seed, Vec<Arc<Entry>>)>,
    /// Names given so far.
    seeds: u128,
    seen: BTreeSet<&'static str>,
}

/// One sheet's entries.
#[derive(Debug)]
struct Line {
    seed: Seed,
    head: Revision,
    committed: Revision,
    /// In order and without a gap, up to the head.
    entries: Vec<Arc<Entry>>,
}

#[derive(Clone, Debug)]
enum Told {
    Entries(Vec<Arc<Entry>>),
    Committed(Revision),
}

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
        Self(Arc::new(Mutex::new(State {
            random: Random::from_seed(seed ^ 0x57ea),
            lines: BTreeMap::new(),
            leases: BTreeMap::new(),
            turns: BTreeMap::new(),
            ears: Vec::new(),
            adrift: Vec::new(),
            seeds: 0,
            seen: BTreeSet::new(),
        })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nobody panics while holding it")
    }

    /// The names of what happened.
    pub(crate) fn seen(&self) -> BTreeSet<&'static str> {
        self.lock().seen.clone()
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

impl State {
    /// As `append.lua`.
    fn append(
        &mut self,
        node: usize,
        seed: Seed,
        entries: &[Arc<Entry>],
    ) -> Result<(), JournalError> {
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(()) };
        let (sheet, previous) = (first.sheet, Revision(first.revision.0 - 1));
        let turn = self.turns.get(&sheet).filter(|(_, until)| Instant::now() < *until);
        let turn = turn.map(|(node, _)| *node);
        let line = self.lines.get_mut(&sheet).filter(|line| line.seed == seed);
        let Some(line) = line else {
            self.seen.insert("gap");
            return Err(JournalError::Gap);
        };
        if line.head != previous {
            self.seen.insert("lost");
            if turn.is_none() {
                self.turns.insert(sheet, (node, Instant::now() + TURN));
            }
            let theirs = line.entries.iter().filter(|entry| entry.revision > previous);
            return Err(JournalError::Lost(theirs.cloned().collect()));
        }
        if turn.is_some_and(|turn| turn != node) {
            self.seen.insert("another's turn");
            return Err(JournalError::Lost(Vec::new()));
        }
        line.entries.extend(entries.iter().cloned());
        line.head = last.revision;
        self.turns.remove(&sheet);
        self.tell(sheet, &Told::Entries(entries.to_vec()));
        Ok(())
    }

    fn tell(&mut self, sheet: SheetId, told: &Told) {
        let Self { ears, random, seen, .. } = self;
        for (_, ear) in ears.iter().filter(|(heard, _)| *heard == sheet) {
            if random.below(8) == 0 {
                seen.insert("news lost");
            } else {
                // Who does not listen any more need not hear it.
                let _ = ear.send(told.clone());
            }
        }
    }

    /// As `open.lua`, and what follows it.
    fn take_up(&mut self, sheet: SheetId, head: Revision) -> TakenUp {
        let Some(line) = self.lines.get(&sheet) else {
            self.seeds += 1;
            let seed = Seed::named(Uuid::from_u128(self.seeds));
            let line = Line { seed, head, committed: head, entries: Vec::new() };
            self.lines.insert(sheet, line);
            self.seen.insert("line begun");
            return TakenUp::Begun(seed);
        };
        if line.head < head {
            self.lines.remove(&sheet);
            self.seen.insert("line too old");
            return TakenUp::Again;
        }
        let known = line.entries.iter().filter(|entry| entry.revision >= head);
        let known: Vec<_> = known.cloned().collect();
        let next = known.iter().find(|entry| entry.revision > head);
        let whole = match next {
            Some(next) => next.revision == head.next(),
            None => line.head == head,
        };
        if whole { TakenUp::At(line.seed, known) } else { TakenUp::Again }
    }

    fn follow(
        &mut self,
        sheet: SheetId,
        seed: Seed,
        after: Revision,
    ) -> Result<Followed, JournalError> {
        let line = self.lines.get(&sheet).filter(|line| line.seed == seed);
        let line = line.ok_or(JournalError::Gap)?;
        let entries = line.entries.iter().filter(|entry| entry.revision > after);
        let entries: Vec<_> = entries.cloned().collect();
        let joins = entries.first().map_or(line.head <= after, |e| e.revision == after.next());
        if !joins || line.head < after {
            self.seen.insert("gap");
            return Err(JournalError::Gap);
        }
        Ok(Followed { entries, committed: Some(line.committed) })
    }

    /// As `commit.lua`.
    fn committed(&mut self, sheet: SheetId, revision: Revision) {
        let Some(line) = self.lines.get_mut(&sheet).filter(|line| revision <= line.head) else {
            return;
        };
        line.committed = line.committed.max(revision);
        let done = line.entries.iter().filter(|entry| entry.revision <= revision).count();
        line.entries.drain(..done.saturating_sub(KEPT));
        self.tell(sheet, &Told::Committed(revision));
    }

    fn lead(&mut self, node: usize, sheet: SheetId) -> Lead {
        let leader = self.leases.get(&sheet).filter(|(_, until)| Instant::now() < *until);
        let leader = leader.map(|(node, _)| *node);
        if leader.is_some_and(|leader| leader != node) {
            return Lead::Elsewhere;
        }
        let before = self.leases.insert(sheet, (node, Instant::now() + LEASE));
        if leader.is_some() {
            return Lead::Kept;
        }
        if before.is_some_and(|(former, _)| former != node) {
            self.seen.insert("lead taken over");
        }
        Lead::Taken
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
