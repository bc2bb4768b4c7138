//! Persons to each other: messages in threads, comments on cells, notices, and the search for people.
//!
//! Not the rights of a caller: a statement compares roles by `role_on` alone. Invariants: a message has its number by a
//! lock on its thread, and a notice its number by a lock on its account's counter, both held until the commit; a notice
//! commits with its cause.

mod comments;
mod decode;
mod marks;
mod messages;
mod named;
mod notices;
mod removal;
mod search;
mod threads;
mod watchers;

use tokio::sync::mpsc;
use uuid::Uuid;

use crate::Store;
use model::AccountId;

pub use comments::CommentFilter;
pub use messages::Sent;
pub use notices::NoticesAfter;
pub use search::{FoundPeople, PeopleFilter, PersonPlace};

impl Store {
    /// The accounts that receive notices by statements of this store, from now on. Only the first call gets them.
    #[must_use]
    pub fn noted(&self, queued: usize) -> Option<mpsc::Receiver<AccountId>> {
        self.pools.noted.read(queued)
    }

    /// Passes on that accounts have new notices, which are committed.
    pub(crate) fn hint(&self, accounts: &[Uuid]) {
        accounts.iter().for_each(|account| self.pools.noted.send(AccountId(*account)));
    }
}
