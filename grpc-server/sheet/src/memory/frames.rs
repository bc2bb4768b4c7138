//! The room for frames that sessions have not read.
//!
//! A batch that many sessions share is held once, for the server. Rows and other frames of one session are held for its
//! account. Not here: the queue of one session (`fanout::session::queue_limit`).
//!
//! Invariant: when the server's share is used up, a session that is far behind ends; when an account's share is used
//! up, the reads of its sessions wait until the account reads.

use std::sync::Arc;

use tokio::sync::Notify;

use model::AccountId;
use model::budget::{Budget, Hold, PerAccount};
use model::memory::Memory;

/// The frames of all sessions that are unread.
#[derive(Debug)]
pub struct Frames {
    server: Arc<Budget>,
    accounts: PerAccount<AccountFrames>,
}

/// The frames of one account.
#[derive(Debug)]
struct AccountFrames {
    budget: Arc<Budget>,
    /// Frames were read.
    freed: Notify,
}

/// The room of one session.
#[derive(Clone, Debug)]
pub struct FrameRoom {
    server: Arc<Budget>,
    account: Arc<AccountFrames>,
}

impl Frames {
    /// Shares without a frame.
    #[must_use]
    pub fn new(memory: &Memory) -> Self {
        let of_account = |bytes| AccountFrames { budget: Budget::new(bytes), freed: Notify::new() };
        Self {
            server: Budget::new(memory.frames),
            accounts: PerAccount::new(memory.frames_of_account, of_account),
        }
    }

    /// The room of a session of this account.
    #[must_use]
    pub fn of(&self, account: AccountId) -> FrameRoom {
        FrameRoom { server: Arc::clone(&self.server), account: self.accounts.of(account) }
    }

    /// Holds a batch that sessions share.
    pub(crate) fn hold_shared(&self, bytes: usize) -> Hold {
        self.server.hold(bytes)
    }

    /// The bytes of the batches that sessions share and have not read.
    #[must_use]
    pub fn used(&self) -> usize {
        self.server.used()
    }
}

impl FrameRoom {
    /// Whether the server's share is used up.
    pub(crate) fn is_pressed(&self) -> bool {
        self.server.used() > self.server.limit()
    }

    /// Holds a frame of the session's own, for its account.
    pub(crate) fn hold(&self, bytes: usize) -> Hold {
        self.account.budget.hold(bytes)
    }

    /// A frame of the session's own was read.
    pub(crate) fn released(&self) {
        if self.account_has_room() {
            self.account.freed.notify_waiters();
        }
    }

    /// Whether at least half of the account's share is free.
    pub(crate) fn account_has_room(&self) -> bool {
        self.account.budget.used() <= self.account.budget.limit() / 2
    }

    /// Resolves when frames of the account were read. Register it before a check.
    pub(crate) fn freed(&self) -> tokio::sync::futures::Notified<'_> {
        self.account.freed.notified()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::poll;
    use uuid::Uuid;

    use super::*;

    fn frames() -> Frames {
        Frames::new(&Memory { frames: 100, frames_of_account: 40, ..Memory::default() })
    }

    fn account(number: u128) -> AccountId {
        AccountId(Uuid::from_u128(number))
    }

    #[test]
    fn all_sessions_are_pressed_while_the_share_of_the_server_is_used_up() {
        let frames = frames();
        let rooms = [1, 2].map(|number| frames.of(account(number)));
        let pressed = || rooms.iter().filter(|room| room.is_pressed()).count();
        let full = frames.hold_shared(100);
        assert_eq!((pressed(), frames.used()), (0, 100));
        let more = frames.hold_shared(1);
        assert_eq!(pressed(), 2);
        drop(more);
        assert_eq!(pressed(), 0);
        drop(full);
    }

    #[tokio::test]
    async fn the_sessions_of_an_account_have_one_share_and_others_have_their_own() {
        let frames = frames();
        let (own, further) = (frames.of(account(1)), frames.of(account(1)));
        let other = frames.of(account(2));
        let half = own.hold(20);
        assert!(further.account_has_room());
        let more = own.hold(1);
        assert!(!further.account_has_room() && other.account_has_room());
        let mut freed = pin!(further.freed());
        freed.as_mut().enable();
        own.released();
        assert!(poll!(freed.as_mut()).is_pending(), "more than half is used");
        drop(more);
        own.released();
        assert!(further.account_has_room() && poll!(freed.as_mut()).is_ready());
        drop(half);
    }
}
