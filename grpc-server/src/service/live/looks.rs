//! How fast a session may send looks, pings, presence messages and tokens, and how fast all sessions of its account together may
//! send these and the items of large frames.
//!
//! Nothing is refused: the pump reads the next frames later, and through flow control the client waits. Not the rate of
//! edits, which the sheet refuses one by one; but a refused edit is decoded, too, so its items count here. Invariant: a
//! pause begins after the frames that caused it are passed on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::edge::refusals;
use model::AccountId;
use model::allowance::{Meter, Rate};
use model::limits::Limits;
use model::limits::edge::FRAME_ITEMS;
use sheet::api::message::ClientMessage;

/// A pause of at least this length has a line in the log.
const LOGGED: Duration = Duration::from_secs(1);

/// The meters of all sessions of one account.
#[derive(Debug)]
pub(super) struct AccountLooks {
    looks: Mutex<Meter>,
    items: Mutex<Meter>,
}

impl AccountLooks {
    pub(super) fn new(looks: Rate) -> Self {
        let now = Instant::now();
        Self {
            looks: Mutex::new(Meter::new(looks, now)),
            items: Mutex::new(Meter::new(FRAME_ITEMS, now)),
        }
    }

    fn spend(meter: &Mutex<Meter>, cost: u32, now: Instant) -> Duration {
        // One number: after a panic elsewhere it is still valid.
        meter.lock().unwrap_or_else(PoisonError::into_inner).spend(cost, now)
    }
}

/// The meters of one session.
#[derive(Debug)]
pub(super) struct Looks {
    account: AccountId,
    session: Meter,
    /// Of the account at this server.
    shared: Arc<AccountLooks>,
}

impl Looks {
    pub(super) fn new(account: AccountId, limits: &Limits, shared: Arc<AccountLooks>) -> Self {
        let session = Meter::new(limits.session_looks(), Instant::now());
        Self { account, session, shared }
    }

    /// Counts frames that held so many items as they were decoded, and returns how long the next ones wait.
    /// `refreshes`: frames that named a token, each of which is looked up.
    pub(super) fn pause(
        &mut self,
        frames: &[ClientMessage],
        items: usize,
        refreshes: u32,
    ) -> Duration {
        let cost = frames.iter().map(ClientMessage::look_cost).fold(refreshes, u32::saturating_add);
        let items = u32::try_from(items).unwrap_or(u32::MAX);
        if cost == 0 && items == 0 {
            return Duration::ZERO;
        }
        let now = Instant::now();
        let looks = self.session.spend(cost, now);
        let looks = looks.max(AccountLooks::spend(&self.shared.looks, cost, now));
        let pause = looks.max(AccountLooks::spend(&self.shared.items, items, now));
        if pause >= LOGGED {
            let what = if looks == pause {
                "looks, pings, presence messages and tokens; the session is slowed"
            } else {
                "items of edits; the session is slowed"
            };
            refusals::log(what, &self.account);
        }
        pause
    }
}

#[cfg(test)]
mod tests {
    use model::budget::PerAccount;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_items_of_all_sessions_of_an_account_count_together() {
        let limits = Limits::DEFAULT;
        let rate = limits.account_looks();
        let accounts = PerAccount::with(move || AccountLooks::new(rate));
        let session = |account: AccountId| Looks::new(account, &limits, accounts.of(account));
        let (ada, ben) = (AccountId(Uuid::from_u128(1)), AccountId(Uuid::from_u128(2)));
        let (mut first, mut second, mut other) = (session(ada), session(ada), session(ben));
        let most = FRAME_ITEMS.burst as usize;
        assert_eq!(first.pause(&[], most, 0), Duration::ZERO);
        let pause = second.pause(&[], 100_000_000, 0);
        assert!(pause > Duration::from_secs(10) && pause <= Duration::from_secs(50));
        assert_eq!(other.pause(&[], most, 0), Duration::ZERO);
        // A light frame adds nothing.
        assert_eq!(other.pause(&[], 0, 0), Duration::ZERO);
        assert!(first.pause(&[], usize::MAX, 0) > Duration::from_secs(60));
    }
}
