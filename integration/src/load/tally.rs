//! What a client counts while it is measured.

use super::clock::Ticks;
use super::latency::Latencies;

/// The part of a run that counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured {
    pub(super) from: Ticks,
    pub(super) to: Ticks,
}

impl Measured {
    fn holds(self, at: Ticks) -> bool {
        (self.from..self.to).contains(&at)
    }
}

/// Counts and latencies. An event counts when it falls into the measured time; its latency too, so
/// that a long wait from before is not left out.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    measured: Measured,
    pub(super) accepted: Latencies,
    pub(super) committed: Latencies,
    pub(super) delivered: Latencies,
    pub(super) edits: u64,
    pub(super) deliveries: u64,
    /// Edits that the server refused, and that the writer gave up.
    pub(super) refused: u64,
    /// Streams that ended and were opened again.
    pub(super) reconnects: u64,
}

impl Tally {
    pub(super) fn new(measured: Measured) -> Self {
        Self {
            measured,
            accepted: Latencies::new(),
            committed: Latencies::new(),
            delivered: Latencies::new(),
            edits: 0,
            deliveries: 0,
            refused: 0,
            reconnects: 0,
        }
    }

    pub(super) fn accept(&mut self, sent: Ticks, now: Ticks) {
        if self.measured.holds(now) {
            self.edits += 1;
            self.accepted.record(now.saturating_sub(sent));
        }
    }

    pub(super) fn commit(&mut self, sent: Ticks, now: Ticks) {
        if self.measured.holds(now) {
            self.committed.record(now.saturating_sub(sent));
        }
    }

    /// An edit of somebody else was seen. One that an own unsaved edit covers is not.
    pub(super) fn deliver(&mut self, sent: Ticks, now: Ticks) {
        if self.measured.holds(now) {
            self.deliveries += 1;
            self.delivered.record(now.saturating_sub(sent));
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.accepted.add(&other.accepted);
        self.committed.add(&other.committed);
        self.delivered.add(&other.delivered);
        self.edits += other.edits;
        self.deliveries += other.deliveries;
        self.refused += other.refused;
        self.reconnects += other.reconnects;
    }
}
