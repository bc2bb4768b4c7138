//! The lines themselves, and what the scripts do to them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use integration::harness::Random;
use journal::{Followed, JournalError, Lead, Seed, TakenUp};
use model::{Entry, SheetId};
use ot_engine::Revision;
use tokio::sync::mpsc;
use tokio::time::Instant;
use uuid::Uuid;

/// How long a node may commit before it has to ask again.
const LEASE: Duration = Duration::from_secs(5);
/// How long the others wait for a node that has lost. In Redis it has to lose again and again; here so
/// much does not go on at once.
const TURN: Duration = Duration::from_millis(50);
/// Committed entries that are kept: so few that nodes which lag miss some.
const KEPT: usize = 4;

/// All lines, who leads them, and who listens.
#[derive(Debug)]
pub(super) struct State {
    pub(super) random: Random,
    pub(super) lines: BTreeMap<SheetId, Line>,
    pub(super) leases: BTreeMap<SheetId, (usize, Instant)>,
    pub(super) turns: BTreeMap<SheetId, (usize, Instant)>,
    pub(super) ears: Vec<(SheetId, mpsc::UnboundedSender<Told>)>,
    /// Appends that are still to arrive; nobody waits for their answers.
    pub(super) adrift: Vec<(usize, Seed, Vec<Arc<Entry>>)>,
    /// It takes no append.
    pub(super) full: bool,
    /// Names given so far.
    pub(super) seeds: u128,
    pub(super) seen: BTreeSet<&'static str>,
}

/// One sheet's entries.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) seed: Seed,
    pub(super) head: Revision,
    pub(super) committed: Revision,
    /// In order and without a gap, up to the head.
    pub(super) entries: Vec<Arc<Entry>>,
}

/// What those who listen are told.
#[derive(Clone, Debug)]
pub(super) enum Told {
    Entries(Vec<Arc<Entry>>),
    Committed(Revision),
}

impl State {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            random: Random::from_seed(seed ^ 0x57ea),
            lines: BTreeMap::new(),
            leases: BTreeMap::new(),
            turns: BTreeMap::new(),
            ears: Vec::new(),
            adrift: Vec::new(),
            full: false,
            seeds: 0,
            seen: BTreeSet::new(),
        }
    }

    /// As `append.lua`.
    pub(super) fn append(
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
        if self.full {
            self.seen.insert("full journal");
            return Err(JournalError::Full);
        }
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

    pub(super) fn tell(&mut self, sheet: SheetId, told: &Told) {
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
    pub(super) fn take_up(&mut self, sheet: SheetId, head: Revision) -> TakenUp {
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

    pub(super) fn follow(
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
    pub(super) fn committed(&mut self, sheet: SheetId, revision: Revision) {
        let Some(line) = self.lines.get_mut(&sheet).filter(|line| revision <= line.head) else {
            return;
        };
        line.committed = line.committed.max(revision);
        let done = line.entries.iter().filter(|entry| entry.revision <= revision).count();
        line.entries.drain(..done.saturating_sub(KEPT));
        self.tell(sheet, &Told::Committed(revision));
    }

    pub(super) fn lead(&mut self, node: usize, sheet: SheetId) -> Lead {
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
