//! The room for edits that wait: in the inbox of a sheet, for their order, for data, or for the journal.
//!
//! A session takes room before it queues an edit, and gives it back when the edit is published or refused. While a
//! share has no room, the session waits, and with it, through flow control, its client.
//!
//! Invariant: room is taken of the account first, then of the sheet, then of the server; so a caller that waits for
//! its own account holds nothing of the others.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use model::AccountId;
use model::budget::PerAccount;
use model::memory::Memory;
use model::sizes::WAITING_BYTES;

/// The bytes of one permit.
const UNIT_BYTES: usize = 256;

/// The edits of all sheets that wait.
#[derive(Debug)]
pub struct Edits {
    server: Arc<Semaphore>,
    accounts: PerAccount<Semaphore>,
    /// The bytes of each share: the server's, and that of one account.
    server_bytes: usize,
    account_bytes: usize,
}

/// The room of one sheet.
#[derive(Clone, Debug)]
pub struct EditRoom {
    edits: Arc<Edits>,
    sheet: Arc<Semaphore>,
}

/// Room that is taken, until its last owner drops it: each edit of a request owns the room of the request.
#[derive(Clone, Debug, Default)]
pub struct EditHold {
    _taken: Option<Arc<Taken>>,
}

#[derive(Debug)]
enum Taken {
    Permits { _permits: [OwnedSemaphorePermit; 3] },
    Several { _holds: Vec<EditHold> },
}

impl EditHold {
    /// The room of several requests as one.
    pub(crate) fn all(holds: Vec<Self>) -> Self {
        Self { _taken: Some(Arc::new(Taken::Several { _holds: holds })) }
    }
}

/// The permits of a number of bytes.
fn units(bytes: usize) -> usize {
    bytes.div_ceil(UNIT_BYTES).min(u32::MAX as usize).min(Semaphore::MAX_PERMITS)
}

/// Waits for room in a share of `share_bytes`; for all of it when the edit is larger. `None`: never, as the semaphore
/// is never closed. A permit keeps the semaphore of an account in the table.
async fn take(
    share: Arc<Semaphore>,
    share_bytes: usize,
    bytes: usize,
) -> Option<OwnedSemaphorePermit> {
    let units = u32::try_from(units(bytes).min(units(share_bytes))).unwrap_or(u32::MAX);
    share.acquire_many_owned(units).await.ok()
}

impl Edits {
    pub(super) fn new(memory: &Memory) -> Self {
        Self {
            server: Arc::new(Semaphore::new(units(memory.edits))),
            accounts: PerAccount::new(memory.edits_of_account, |bytes| {
                Semaphore::new(units(bytes))
            }),
            server_bytes: memory.edits,
            account_bytes: memory.edits_of_account,
        }
    }

    /// The room of a sheet that is opened.
    #[must_use]
    pub fn of_sheet(self: &Arc<Self>) -> EditRoom {
        let sheet = Arc::new(Semaphore::new(units(WAITING_BYTES)));
        EditRoom { edits: Arc::clone(self), sheet }
    }

    /// The bytes that are free on the server.
    #[must_use]
    pub fn free_bytes(&self) -> usize {
        self.server.available_permits() * UNIT_BYTES
    }
}

impl EditRoom {
    /// Waits until there is room for edits of an account.
    pub async fn take(&self, account: AccountId, bytes: usize) -> Option<EditHold> {
        let edits = &*self.edits;
        let of_account = take(edits.accounts.of(account), edits.account_bytes, bytes).await?;
        let of_sheet = take(Arc::clone(&self.sheet), WAITING_BYTES, bytes).await?;
        let of_server = take(Arc::clone(&edits.server), edits.server_bytes, bytes).await?;
        let _permits = [of_account, of_sheet, of_server];
        Some(EditHold { _taken: Some(Arc::new(Taken::Permits { _permits })) })
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::poll;
    use uuid::Uuid;

    use super::*;

    fn account(number: u128) -> AccountId {
        AccountId(Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn one_account_leaves_room_for_the_others() {
        let memory = Memory::of(1 << 30);
        let edits = Arc::new(Edits::new(&memory));
        let sheets: Vec<_> = (0..9).map(|_| edits.of_sheet()).collect();
        let most = memory.edits_of_account / (1 << 20);
        let mut held = Vec::new();
        for at in 0..most {
            held.push(sheets[at % 9].take(account(1), 1 << 20).await.expect("has room"));
        }
        let mut further = pin!(sheets[0].take(account(1), 1 << 20));
        assert!(poll!(further.as_mut()).is_pending(), "the account's share is used up");
        assert!(poll!(pin!(sheets[0].take(account(2), 1 << 20))).is_ready());
        held.clear();
        assert!(poll!(further.as_mut()).is_ready(), "room that is given back is taken");
    }

    #[tokio::test]
    async fn one_sheet_leaves_room_for_the_others_and_all_room_comes_back() {
        let edits = Arc::new(Edits::new(&Memory::of(8 << 30)));
        let (free, hot, other) = (edits.free_bytes(), edits.of_sheet(), edits.of_sheet());
        let mut held = Vec::new();
        let mut number = 0;
        while held.len() << 20 < WAITING_BYTES {
            number += 1;
            held.push(hot.take(account(number % 7), 1 << 20).await.expect("has room"));
        }
        // A task that never yields is made to wait.
        tokio::task::yield_now().await;
        assert!(poll!(pin!(hot.take(account(8), 1))).is_pending());
        assert!(poll!(pin!(other.take(account(8), 1))).is_ready());
        held.clear();
        assert_eq!(edits.free_bytes(), free);
        let whole = hot.take(account(1), usize::MAX).await;
        assert!(whole.is_some(), "an edit above a share takes all of it");
    }
}
