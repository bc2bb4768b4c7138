//! Times in which Postgres takes nothing: when to try again, and what the log says of it.

use std::time::Duration;

use model::SheetId;
use store::StoreError;

/// Pauses between attempts while Postgres is away grow from the first to the second.
const RETRY_FIRST: Duration = Duration::from_millis(50);
const RETRY_LAST: Duration = Duration::from_secs(2);

/// A time in which nothing can be committed: logged at its beginning and at its end.
pub(super) struct Outage {
    since: tokio::time::Instant,
    next: Duration,
    /// In thousandths of a pause: another one for each sheet, so that they do not march in step.
    share: u32,
}

impl Outage {
    pub(super) fn begin(sheet: SheetId, error: &StoreError) -> Self {
        tracing::warn!(%sheet, %error, "commits wait; editing goes on");
        let share = (sheet.0.as_u128() % 1000) as u32;
        Self { since: tokio::time::Instant::now(), next: RETRY_FIRST, share }
    }

    /// The next pause, longer each time.
    pub(super) fn pause(&mut self) -> Duration {
        let base = self.next;
        self.next = (self.next * 2).min(RETRY_LAST);
        base / 2 + base * self.share / 1000
    }

    pub(super) fn over(&self, sheet: SheetId) {
        let seconds = self.since.elapsed().as_secs_f64();
        tracing::info!(%sheet, seconds, "commits go on");
    }
}
