//! The counts of a client in the measured time.
//!
//! Not rates. Invariant: an answer, a commit or a delivery counts only in the measured time.

use super::clock::Ticks;
use super::latency::Latencies;

/// The part of a run that counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) from: Ticks,
    pub(crate) to: Ticks,
    /// Whether an edit counts when it is due in this time, rather than when its event arrives then.
    pub(crate) by_due: bool,
}

impl Measured {
    /// Whether something counts that was due at one time and arrived at another.
    ///
    /// At a rate the due time decides: an edit that waits beyond the end keeps its place among the
    /// latencies. Without a rate the arrival decides: then a long wait from before counts.
    pub(crate) fn holds(self, due: Ticks, now: Ticks) -> bool {
        (self.from..self.to).contains(if self.by_due { &due } else { &now })
    }
}

/// Counts and latencies of what [`Measured::holds`].
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    measured: Measured,
    pub(crate) accepted: Latencies,
    pub(crate) committed: Latencies,
    pub(crate) delivered: Latencies,
    pub(crate) edits: u64,
    pub(crate) deliveries: u64,
    /// Edits that the server refused, and that the writer gave up.
    pub(crate) refused: u64,
    /// Edits that were due at a rate and were not sent, because too many others were unanswered.
    pub(crate) overdue: u64,
    /// Streams that ended and were opened again.
    pub(crate) reconnects: u64,
}

impl Tally {
    pub(crate) fn new(measured: Measured) -> Self {
        Self {
            measured,
            accepted: Latencies::new(),
            committed: Latencies::new(),
            delivered: Latencies::new(),
            edits: 0,
            deliveries: 0,
            refused: 0,
            overdue: 0,
            reconnects: 0,
        }
    }

    pub(crate) fn accept(&mut self, sent: Ticks, now: Ticks) {
        if self.measured.holds(sent, now) {
            self.edits += 1;
            self.accepted.record(now.saturating_sub(sent));
        }
    }

    pub(crate) fn commit(&mut self, sent: Ticks, now: Ticks) {
        if self.measured.holds(sent, now) {
            self.committed.record(now.saturating_sub(sent));
        }
    }

    /// An edit of another client arrived. One below an own unsaved edit is not counted.
    pub(crate) fn deliver(&mut self, sent: Ticks, now: Ticks) {
        if self.measured.holds(sent, now) {
            self.deliveries += 1;
            self.delivered.record(now.saturating_sub(sent));
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.accepted.add(&other.accepted);
        self.committed.add(&other.committed);
        self.delivered.add(&other.delivered);
        self.edits += other.edits;
        self.deliveries += other.deliveries;
        self.refused += other.refused;
        self.overdue += other.overdue;
        self.reconnects += other.reconnects;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(by_due: bool) -> Tally {
        let mut tally = Tally::new(Measured { from: 100, to: 200, by_due });
        for (due, now) in [(50, 90), (90, 110), (150, 160), (190, 900), (200, 210)] {
            tally.accept(due, now);
        }
        tally
    }

    #[test]
    fn at_a_rate_an_edit_that_waits_beyond_the_end_counts() {
        let tally = tally(true);
        assert_eq!(tally.edits, 2);
        // The wait of 710 ticks, in microseconds.
        assert!((tally.accepted.percentiles().p99 - 71.0).abs() < 0.1);
    }

    #[test]
    fn without_a_rate_what_arrives_in_the_measured_time_counts() {
        assert_eq!(tally(false).edits, 2);
        assert!(tally(false).accepted.percentiles().p99 < 3.0);
    }
}
