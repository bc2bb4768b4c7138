//! An outage: a time in which Postgres commits nothing, the pauses between attempts, and the two lines of log.
//!
//! Not here: whether to try again (`core`). Invariant: the log has one line when an outage begins and one when it
//! ends, however many attempts fail between them.

use std::time::{Duration, Instant};

use crate::ports::storage::StoreError;
use model::SheetId;

/// Pauses between attempts while Postgres is away double from the first to the last, give or take a half.
const RETRY_FIRST: Duration = Duration::from_millis(50);
const RETRY_LAST: Duration = Duration::from_secs(2);
/// The pause after a failure that does not end with an outage.
pub(super) const RETRY_DEFECT: Duration = Duration::from_secs(10);
/// No pause while Postgres is away is longer.
#[cfg(test)]
pub(super) const LONGEST_BACKOFF: Duration = Duration::from_secs(3);

#[derive(Debug)]
pub(super) struct Outage {
    sheet: SheetId,
    since: Instant,
    next: Duration,
}

impl Outage {
    pub(super) fn begin(sheet: SheetId, now: Instant, error: &StoreError) -> Self {
        tracing::warn!(%sheet, %error, "commits wait for Postgres; editing continues");
        Self { sheet, since: now, next: RETRY_FIRST }
    }

    /// How long the next attempt has to wait.
    pub(super) fn pause(&mut self, error: &StoreError) -> Duration {
        if !error.is_unavailable() {
            return RETRY_DEFECT;
        }
        let base = self.next;
        self.next = (self.next * 2).min(RETRY_LAST);
        // Another share for each sheet, so that a thousand sheets do not try again at the same moment.
        let thousandths = (self.sheet.0.as_u128() % 1000) as u32;
        base / 2 + base * thousandths / 1000
    }

    pub(super) fn over(&self, now: Instant) {
        let seconds = now.duration_since(self.since).as_secs_f64();
        tracing::info!(sheet = %self.sheet, seconds, "Postgres commits again");
    }
}
