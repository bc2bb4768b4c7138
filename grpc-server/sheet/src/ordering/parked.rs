//! Edits that wait for rows or for older changes, each with the later work of its client.
//!
//! A table without decisions. Invariant: the work of one client keeps its order, and no other client waits.

use std::collections::VecDeque;

use ot_engine::{ClientId, Revision};
use rustc_hash::FxHashMap;

use super::work::Queued;
use model::sizes::PARKED_BYTES;

/// Parked work of one sheet ...
const PARKED_WORK_MOST: usize = 8_192;

/// Names a parked edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ParkedId(u64);

#[cfg(test)]
impl ParkedId {
    pub(crate) const FIRST: Self = Self(0);
}

/// The parked edits of a sheet.
#[derive(Debug, Default)]
pub(super) struct Parked {
    lines: FxHashMap<ClientId, Line>,
    clients: FxHashMap<ParkedId, ClientId>,
    next: u64,
    work: usize,
    bytes: usize,
}

/// The parked work of one client: the first waits for data.
#[derive(Debug)]
struct Line {
    id: ParkedId,
    /// Changes after this revision are kept until the older ones arrive.
    until: Option<Revision>,
    work: VecDeque<Queued>,
}

impl Parked {
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(super) fn contains(&self, client: ClientId) -> bool {
        self.lines.contains_key(&client)
    }

    /// Whether the limits leave no room for further work.
    pub(super) fn is_full(&self) -> bool {
        self.work >= PARKED_WORK_MOST || self.bytes >= PARKED_BYTES
    }

    pub(super) fn line_len(&self, client: ClientId) -> usize {
        self.lines.get(&client).map_or(0, |line| line.work.len())
    }

    /// The parked edit for which the later work of a client waits.
    pub(super) fn first_of(&self, client: ClientId) -> Option<ParkedId> {
        self.lines.get(&client).map(|line| line.id)
    }

    /// Parks an edit. `until`: the newest of the older changes that it waits for.
    pub(super) fn park(
        &mut self,
        client: ClientId,
        queued: Queued,
        until: Option<Revision>,
    ) -> ParkedId {
        let id = ParkedId(self.next);
        self.next += 1;
        self.count(&queued);
        self.clients.insert(id, client);
        self.lines.insert(client, Line { id, until, work: VecDeque::from([queued]) });
        id
    }

    /// Parks work behind that of its client.
    pub(super) fn follow(&mut self, client: ClientId, queued: Queued) {
        self.count(&queued);
        if let Some(line) = self.lines.get_mut(&client) {
            line.work.push_back(queued);
        }
    }

    fn count(&mut self, queued: &Queued) {
        self.work += 1;
        self.bytes += queued.work.bytes();
    }

    /// Removes an edit and the later work of its client, in order.
    pub(super) fn take(&mut self, id: ParkedId) -> Option<VecDeque<Queued>> {
        let client = *self.clients.get(&id)?;
        self.take_line(client)
    }

    /// Removes the parked work of a client, in order.
    pub(super) fn take_line(&mut self, client: ClientId) -> Option<VecDeque<Queued>> {
        let line = self.lines.remove(&client)?;
        self.clients.remove(&line.id);
        self.work -= line.work.len();
        self.bytes -= line.work.iter().map(|queued| queued.work.bytes()).sum::<usize>();
        Some(line.work)
    }

    /// The revision after which changes are kept for edits that wait for older ones.
    pub(super) fn kept_after(&self) -> Option<Revision> {
        self.lines.values().filter_map(|line| line.until).min()
    }

    /// All parked work.
    pub(super) fn work(&self) -> impl Iterator<Item = &Queued> {
        self.lines.values().flat_map(|line| &line.work)
    }

    /// The work that has fetched rows and is parked again.
    pub(super) fn firsts(&mut self) -> impl Iterator<Item = &mut Queued> {
        self.lines.values_mut().filter_map(|line| line.work.front_mut())
    }

    #[cfg(test)]
    pub(super) fn is_parked(&self, id: ParkedId) -> bool {
        self.clients.contains_key(&id)
    }

    #[cfg(test)]
    pub(super) fn check_invariants(&self) {
        assert_eq!(self.lines.len(), self.clients.len());
        assert!(self.clients.iter().all(|(id, client)| self.lines[client].id == *id));
        assert_eq!(self.work, self.lines.values().map(|line| line.work.len()).sum::<usize>());
        if self.lines.is_empty() {
            assert_eq!(self.bytes, 0);
        }
    }
}
