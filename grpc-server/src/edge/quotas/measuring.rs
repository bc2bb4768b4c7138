//! The measurements of sheets: those of accounts above their limit, and those of earlier releases.
//!
//! Beside the readings of the keeper, which they never hold up. Invariant: one sheet is measured at a time, and a sheet
//! that can't be measured is tried again later, after the others.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::Quotas;
use model::{AccountId, SheetId};
use store::StoreError;

/// Between two looks for sheets of earlier releases.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// After a measurement of one of those, the pause in times of what it took.
const PAUSE_TIMES: u32 = 4;
/// A sheet that could not be measured is left out so long, then twice as long each time.
const BACK_OFF: Duration = Duration::from_secs(60);
const BACK_OFF_MOST: Duration = Duration::from_secs(60 * 60);

/// The sheets that could not be measured.
#[derive(Debug, Default)]
pub(super) struct Later {
    sheets: HashMap<SheetId, (Instant, Duration)>,
}

impl Later {
    /// The sheets that are left out now.
    fn now(&self) -> Vec<SheetId> {
        let now = Instant::now();
        self.sheets.iter().filter(|(_, (until, _))| *until > now).map(|(id, _)| *id).collect()
    }

    fn measured(&mut self, sheet: SheetId, is_measured: bool) {
        if is_measured {
            self.sheets.remove(&sheet);
            return;
        }
        let before = self.sheets.get(&sheet).map(|(_, pause)| *pause * 2);
        let pause = before.unwrap_or(BACK_OFF).min(BACK_OFF_MOST);
        self.sheets.insert(sheet, (Instant::now() + pause, pause));
    }
}

impl Quotas {
    /// Measures sheets until it is stopped.
    pub(super) async fn keep_measured(&self, stop: CancellationToken) {
        let mut later = Later::default();
        loop {
            let Some(step) = stop.run_until_cancelled(self.measure_next(&mut later)).await else {
                return;
            };
            let pause = step.unwrap_or_else(|error| {
                tracing::debug!(%error, "no sheet was measured");
                LOOK_EVERY
            });
            let woken = async {
                tokio::select! {
                    () = self.measures.woken() => {}
                    () = sleep(pause) => {}
                }
            };
            if stop.run_until_cancelled(woken).await.is_none() {
                return;
            }
        }
    }

    /// Measures one sheet, if one is due. Returns the pause until the next one.
    async fn measure_next(&self, later: &mut Later) -> Result<Duration, StoreError> {
        if let Some(account) = self.measures.next() {
            if !self.measure_account(account, later).await.unwrap_or_default() {
                self.measures.finish(account);
            }
            return Ok(Duration::ZERO);
        }
        let Some(sheet) = self.store.unmeasured_sheet(&later.now()).await? else {
            return Ok(LOOK_EVERY);
        };
        let begun = Instant::now();
        self.measure(sheet, later).await;
        Ok(begun.elapsed() * PAUSE_TIMES)
    }

    /// Measures a sheet of an account. True when it is still above its limit, and may have another one to measure.
    async fn measure_account(
        &self,
        account: AccountId,
        later: &mut Later,
    ) -> Result<bool, StoreError> {
        let Some(sheet) = self.store.grown_sheet(account, &later.now()).await? else {
            return Ok(false);
        };
        self.measure(sheet, later).await;
        let stored = self.store.stored_bytes(&[account]).await?;
        let bytes = stored.first().map_or(0, |(_, bytes)| *bytes);
        let (limit, disk) = self.limit();
        self.storage.of(account).set(bytes, limit, disk);
        Ok(bytes >= limit)
    }

    async fn measure(&self, sheet: SheetId, later: &mut Later) {
        let measured = self.store.measure_sheet(sheet).await;
        if let Err(error) = &measured {
            tracing::warn!(%sheet, %error, "a sheet was not measured; it is tried again later");
        }
        later.measured(sheet, measured.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_sheet_that_fails_is_left_out_longer_each_time() {
        let sheet = SheetId(Uuid::from_u128(1));
        let mut later = Later::default();
        let mut pause = BACK_OFF;
        for _ in 0..10 {
            later.measured(sheet, false);
            assert_eq!(later.now(), [sheet]);
            tokio::time::advance(pause).await;
            assert!(later.now().is_empty());
            pause = (pause * 2).min(BACK_OFF_MOST);
        }
        later.measured(sheet, true);
        assert!(later.sheets.is_empty());
    }
}
