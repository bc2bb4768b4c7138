//! How long a sheet rests between two batches: the pace of its commits.
//!
//! A transaction costs Postgres about as much as thirty entries do. A quiet sheet therefore commits at once, and
//! a busy one rests, so that its next batch shares one transaction among many entries and writes each row
//! once for many edits.
//!
//! **The rule.** After a batch of at least [`BUSY_ENTRIES`] the sheet rests [`REST_TIMES`] as long as the commit
//! took, if one of these holds:
//! - its entries arrive faster than one in [`BUSY_INTERVAL`];
//! - the sheet has waited for its turn longer than the commit took, so that other sheets need the turn.
//!
//! The size of a batch alone does not decide. A rest makes the next batch larger, so a sheet with one steady
//! writer, once it has rested, would rest after every batch, and each of its edits would wait for a rest.
//! The rate is the same with rests and without them.
//!
//! **The bound.** A rest is no longer than [`REST_LIMIT`], and it ends when the oldest entry that waits is
//! [`AGE_LIMIT`] old, or when a whole batch waits.
//!
//! Not here: pauses after a failure (`outage`). Invariant: a rest never delays an entry beyond these bounds.

use std::time::{Duration, Instant};

/// Fewer entries than this show no rate.
const BUSY_ENTRIES: usize = 8;
/// The entries of a busy sheet arrive closer together than this, on average. One writer that waits for each
/// acknowledgement stays above it: an append takes at least as long.
const BUSY_INTERVAL: Duration = Duration::from_micros(250);
/// The rest of a busy sheet, in multiples of the time that its commit took: with it one sheet takes a quarter
/// of what a connection to Postgres can do.
const REST_TIMES: u32 = 3;
/// The longest rest.
pub(super) const REST_LIMIT: Duration = Duration::from_millis(100);
/// No rest keeps an entry waiting when it is this old. With a commit it keeps Postgres within 250 ms of
/// the journal.
pub(super) const AGE_LIMIT: Duration = Duration::from_millis(120);

const _: () = assert!(REST_LIMIT.as_millis() < AGE_LIMIT.as_millis());

#[derive(Debug, Default)]
pub(super) struct Pace {
    turn_asked: Option<Instant>,
    /// How long the last turn took to come.
    turn_wait: Duration,
    /// When the last batch was made of the backlog.
    batch_made: Option<Instant>,
    /// How long the entries of the last batch took to arrive: the time between it and the one before.
    arrived_in: Option<Duration>,
    attempt: Option<Instant>,
    rest_until: Option<Instant>,
}

impl Pace {
    pub(super) fn turn_asked(&mut self, now: Instant) {
        self.turn_asked = Some(now);
    }

    pub(super) fn turn_granted(&mut self, now: Instant) {
        self.turn_wait = since(self.turn_asked.take(), now).unwrap_or_default();
    }

    pub(super) fn batch_made(&mut self, now: Instant) {
        self.arrived_in = since(self.batch_made.replace(now), now);
    }

    pub(super) fn attempt(&mut self, now: Instant) {
        self.attempt = Some(now);
    }

    /// A batch of so many entries is committed: decides about the rest.
    pub(super) fn committed(&mut self, now: Instant, entries: usize) {
        let took = since(self.attempt.take(), now).unwrap_or_default();
        let rests = entries >= BUSY_ENTRIES && (self.is_fast(entries) || self.turn_wait > took);
        self.rest_until = rests.then(|| now + (took * REST_TIMES).min(REST_LIMIT));
    }

    /// When the rest ends, if the oldest entry that waits arrived at this time.
    pub(super) fn rest_until(&self, oldest: Instant) -> Option<Instant> {
        self.rest_until.map(|until| until.min(oldest + AGE_LIMIT))
    }

    fn is_fast(&self, entries: usize) -> bool {
        let entries = u32::try_from(entries).unwrap_or(u32::MAX);
        self.arrived_in.is_some_and(|time| time / entries < BUSY_INTERVAL)
    }
}

fn since(earlier: Option<Instant>, now: Instant) -> Option<Duration> {
    earlier.map(|earlier| now.duration_since(earlier))
}
