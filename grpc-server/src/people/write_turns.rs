//! Turns for the statements that write a message with its notices: they wait for rows that other writers have locked.
//!
//! Not the rates of an author (`text`), nor the turns of all its calls (`edge::call_turns`). Invariants: a writer waits
//! for its account first, then for the place, then for the server, and takes a connection to Postgres after all three; so
//! the writers of one place occupy at most [`WRITES_OF_PLACE`] turns, and all writers a part of the connections.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use crate::edge::errors::ServiceError;
use model::budget::{PerAccount, PerKey};
use model::limits::edge::{CONNECTIONS_FOR_ONE_WRITE, WRITES_OF_ACCOUNT, WRITES_OF_PLACE};
use model::people::{ThreadId, ThreadPlace};
use model::{AccountId, SheetId};

/// The turns of all writers at this server.
#[derive(Debug)]
pub(super) struct WriteTurns {
    accounts: PerAccount<Semaphore>,
    places: PerKey<Place, Semaphore>,
    server: Arc<Semaphore>,
}

/// Where writers wait for the same rows: the threads of a sheet have the same people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place(Uuid);

impl Place {
    /// The place of a thread.
    pub(super) fn of(thread: ThreadId, place: ThreadPlace) -> Self {
        Self(place.sheet().map_or(thread.0, |sheet| sheet.0))
    }
}

impl From<AccountId> for Place {
    fn from(account: AccountId) -> Self {
        Self(account.0)
    }
}

impl From<SheetId> for Place {
    fn from(sheet: SheetId) -> Self {
        Self(sheet.0)
    }
}

/// A turn, until it is dropped.
#[derive(Debug)]
pub(super) struct WriteTurn {
    _permits: [OwnedSemaphorePermit; 3],
}

impl WriteTurns {
    /// Turns for a server whose calls have so many connections to Postgres.
    pub(super) fn new(connections: usize) -> Self {
        let turns = (connections / CONNECTIONS_FOR_ONE_WRITE).max(1);
        Self {
            accounts: PerAccount::new(WRITES_OF_ACCOUNT, Semaphore::new),
            places: PerKey::new(WRITES_OF_PLACE, Semaphore::new),
            server: Arc::new(Semaphore::new(turns)),
        }
    }

    /// Waits for a turn.
    pub(super) async fn turn(
        &self,
        account: AccountId,
        place: Place,
    ) -> Result<WriteTurn, ServiceError> {
        // No semaphore is closed; a permit keeps that of its key in the table.
        let wait = async |turns: Arc<Semaphore>| {
            turns.acquire_owned().await.map_err(ServiceError::internal)
        };
        let account = wait(self.accounts.of(account)).await?;
        let place = wait(self.places.of(place)).await?;
        let server = wait(Arc::clone(&self.server)).await?;
        Ok(WriteTurn { _permits: [account, place, server] })
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::Poll;

    use futures_util::poll;

    use super::*;

    /// As many as calls have by default.
    const CONNECTIONS: usize = 12;

    fn writer(number: usize) -> AccountId {
        AccountId(Uuid::from_u128(number as u128))
    }

    /// The turns of the calls that need not wait.
    async fn begun(
        calls: &mut [Pin<Box<impl Future<Output = Result<WriteTurn, ServiceError>>>>],
    ) -> Vec<WriteTurn> {
        let mut begun = Vec::new();
        for call in calls {
            if let Poll::Ready(turn) = poll!(call) {
                begun.push(turn.expect("a turn"));
            }
        }
        begun
    }

    #[tokio::test]
    async fn writers_of_one_place_leave_turns_for_others() {
        let turns = WriteTurns::new(CONNECTIONS);
        let [busy, quiet] = [1, 2].map(|id| Place(Uuid::from_u128(id)));
        let mut flood: Vec<_> =
            (0..50).map(|number| Box::pin(turns.turn(writer(number), busy))).collect();
        let begun = begun(&mut flood).await;
        assert_eq!(begun.len(), WRITES_OF_PLACE);
        let other = turns.turn(writer(100), quiet).await;
        drop((begun, other));
        assert!(poll!(&mut flood[WRITES_OF_PLACE]).is_ready(), "the next one");
    }

    #[tokio::test]
    async fn an_account_that_writes_everywhere_leaves_turns_for_others() {
        let turns = WriteTurns::new(CONNECTIONS);
        let place = |number| Place(Uuid::from_u128(number));
        let mut everywhere: Vec<_> =
            (0..50).map(|number| Box::pin(turns.turn(writer(1), place(number)))).collect();
        let begun = begun(&mut everywhere).await;
        assert_eq!(begun.len(), WRITES_OF_ACCOUNT);
        drop(turns.turn(writer(2), place(0)).await.expect("a turn is left"));
    }

    #[tokio::test]
    async fn messages_and_marks_leave_connections_for_other_calls() {
        for (connections, most) in [(3, 1), (4, 1), (6, 2), (CONNECTIONS, 4), (48, 16)] {
            let turns = WriteTurns::new(connections);
            let place = |number| Place(Uuid::from_u128(number as u128));
            // A task may take a bounded number of permits before it yields.
            tokio::task::yield_now().await;
            let mut flood: Vec<_> =
                (0..40).map(|number| Box::pin(turns.turn(writer(number), place(number)))).collect();
            let begun = begun(&mut flood).await.len();
            assert_eq!(begun, most, "of {connections} connections");
            assert!(connections - 2 * begun >= connections / 3, "of {connections} connections");
        }
    }
}
