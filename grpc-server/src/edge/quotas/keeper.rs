//! The task that reads at intervals what the accounts with open sheets have stored, and how much of the disk is free.
//!
//! Not the checks (the parent), nor the measurements, which run beside (`measures`). Invariant: a round asks Postgres one
//! question for all accounts; while Postgres is away the last numbers stay.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Quotas;
use crate::edge::refusals;
use store::StoreError;

/// Between two rounds.
const EVERY: Duration = Duration::from_secs(5);
/// How soon an account is read whose sheet was just opened.
const SOON: Duration = Duration::from_millis(200);
/// Between two lines of the log about a low disk.
const LINE_EVERY: Duration = Duration::from_secs(60);

/// Keeps the numbers of [`Quotas`] current.
pub(crate) struct Keeper {
    quotas: Arc<Quotas>,
    /// The last line about a low disk; `None` while it is not low.
    low_since: Option<Instant>,
}

impl Keeper {
    pub(crate) fn new(quotas: Arc<Quotas>) -> Self {
        Self { quotas, low_since: None }
    }

    /// Runs until it is stopped.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let quotas = Arc::clone(&self.quotas);
        tokio::join!(self.rounds(stop.clone()), quotas.keep_measured(stop));
    }

    async fn rounds(mut self, stop: CancellationToken) {
        let mut due = Instant::now();
        loop {
            if self.quotas.storage.take_added() || Instant::now() >= due {
                let Some(read) = stop.run_until_cancelled(self.round()).await else { return };
                if let Err(error) = read {
                    tracing::debug!(%error, "the bytes of accounts were not read");
                }
                due = Instant::now() + EVERY;
            }
            if stop.run_until_cancelled(tokio::time::sleep(SOON)).await.is_none() {
                return;
            }
        }
    }

    async fn round(&mut self) -> Result<(), StoreError> {
        let free = self.quotas.look_at_disk().await?;
        self.log_disk(free);
        let accounts = self.quotas.storage.accounts();
        if !accounts.is_empty() {
            self.quotas.read(&accounts).await?;
        }
        for (account, _) in accounts.iter().filter(|(_, stored)| stored.take_refused()) {
            refusals::log("edits above the stored bytes", account);
        }
        Ok(())
    }

    fn log_disk(&mut self, free: Option<u64>) {
        match (free, self.low_since) {
            (Some(free_bytes), since) if since.is_none_or(|line| line.elapsed() >= LINE_EVERY) => {
                self.low_since = Some(Instant::now());
                let (most_stored, _) = self.quotas.limit();
                tracing::warn!(
                    free_bytes,
                    most_stored,
                    "the disk of the data directory is low; accounts that have stored more are refused writes; make room"
                );
            }
            (None, Some(_)) => {
                self.low_since = None;
                tracing::info!("the disk of the data directory has room again");
            }
            _ => {}
        }
    }
}
