//! When the ended sessions of an account are trimmed to the newest ones, so that sessions without number leave a bounded
//! table.
//!
//! Not the age at which all sessions are deleted (`retention`). Invariant: between two trims of an account at one node at
//! most a tenth of the kept sessions, and at least one, ends.

use rustc_hash::FxHashMap;

use model::{AccountId, SessionRecord};
use store::{Store, StoreError};

/// The part of the kept sessions after which an account is trimmed.
const PART: u32 = 10;
/// Accounts whose ended sessions are counted.
const COUNTED_ACCOUNTS: usize = 10_000;

/// Counts the ended sessions of each account.
#[derive(Debug)]
pub(super) struct Trim {
    pub(super) kept: u32,
    ended: FxHashMap<AccountId, u32>,
}

impl Trim {
    pub(super) fn new(kept: u32) -> Self {
        Self { kept, ended: FxHashMap::default() }
    }

    /// Counts records that are written, and returns the accounts that are due.
    pub(super) fn due(&mut self, records: &[SessionRecord]) -> Vec<AccountId> {
        let most = (self.kept / PART).max(1);
        let mut due = Vec::new();
        for record in records.iter().filter(|record| record.end.is_some()) {
            let ended = self.ended.entry(record.account).or_default();
            *ended += 1;
            if *ended >= most {
                self.ended.remove(&record.account);
                if !due.contains(&record.account) {
                    due.push(record.account);
                }
            }
        }
        if self.ended.len() > COUNTED_ACCOUNTS {
            due.extend(self.ended.drain().map(|(account, _)| account));
        }
        due
    }
}

/// Trims the ended sessions of an account.
pub(super) async fn trim(store: &Store, account: AccountId, kept: u32) -> Result<(), StoreError> {
    let sessions = store.trim_sessions(account, kept).await?;
    if sessions > 0 {
        tracing::info!(%account, sessions, kept, "session registry trimmed, the oldest ended sessions deleted");
    }
    Ok(())
}
