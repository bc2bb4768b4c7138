//! How fast a session may send looks, pings and presence messages, and all sessions of its account together.
//!
//! Nothing is refused: the pump reads the next frames later, and through flow control the client waits. Not the rate of
//! edits, which the sheet refuses one by one. Invariant: a pause begins after the frames that caused it are passed on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::edge::refusals;
use model::AccountId;
use model::allowance::Meter;
use model::limits::Limits;
use sheet::api::message::ClientMessage;

/// A pause of at least this length has a line in the log.
const LOGGED: Duration = Duration::from_secs(1);

/// The meter of all sessions of one account.
pub(super) type AccountLooks = Mutex<Meter>;

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

    /// Counts frames, and returns how long the next ones wait.
    pub(super) fn pause(&mut self, frames: &[ClientMessage]) -> Duration {
        let cost = frames.iter().map(ClientMessage::look_cost).fold(0, u32::saturating_add);
        if cost == 0 {
            return Duration::ZERO;
        }
        let now = Instant::now();
        // One number: after a panic elsewhere it is still valid.
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let pause = self.session.spend(cost, now).max(shared.spend(cost, now));
        drop(shared);
        if pause >= LOGGED {
            refusals::log(
                "looks, pings and presence messages; the session is slowed",
                &self.account,
            );
        }
        pause
    }
}
