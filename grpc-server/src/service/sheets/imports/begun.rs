//! The imports that are begun at this server, and the reasons of those that have ended.
//!
//! Not what an import does (`job`). Invariants: an account has a bounded number of imports; the reason of an end is
//! kept for a while, so that a caller who was away receives it, and it takes no place of an import.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::mpsc;
use tokio::time::Instant;
use tonic::Status;

use super::calls::Call;
use crate::edge::errors::ServiceError;
use model::AccountId;
use model::limits::edge::{IMPORT_END_KEPT, IMPORTS_BEGUN, IMPORTS_BEGUN_OF_ACCOUNT};

/// Begun imports by id. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Begun(Arc<Table>);

type Table = Mutex<HashMap<String, Entry>>;

#[derive(Debug)]
struct Entry {
    account: AccountId,
    state: State,
}

#[derive(Debug)]
enum State {
    UnderWay(mpsc::Sender<Call>),
    Ended { why: Status, at: Instant },
}

impl State {
    fn is_under_way(&self) -> bool {
        matches!(self, Self::UnderWay(_))
    }
}

/// Forgets an import when its task ends, unless its end has a reason.
#[derive(Debug)]
pub(super) struct Registered {
    table: Weak<Table>,
    id: String,
}

impl Begun {
    /// Adds an import of the account, whose task receives its calls from `asks`.
    ///
    /// # Errors
    /// [`ServiceError::Busy`] when the account, or the server, has as many as there may be.
    pub(super) fn add(
        &self,
        id: String,
        account: AccountId,
        asks: mpsc::Sender<Call>,
    ) -> Result<Registered, ServiceError> {
        let mut table = lock(&self.0);
        forget_old_ends(&mut table, account);
        let under_way = || table.values().filter(|entry| entry.state.is_under_way());
        if under_way().filter(|entry| entry.account == account).count() >= IMPORTS_BEGUN_OF_ACCOUNT
        {
            return Err(ServiceError::Busy("imports of this account"));
        }
        if under_way().count() >= IMPORTS_BEGUN {
            return Err(ServiceError::Busy("imports"));
        }
        table.insert(id.clone(), Entry { account, state: State::UnderWay(asks) });
        Ok(Registered { table: Arc::downgrade(&self.0), id })
    }

    /// Where the calls for an import of the account go. `None`: there is no such import, as for another account's.
    ///
    /// # Errors
    /// The reason of an import that has ended.
    pub(super) fn find(
        &self,
        id: &str,
        account: AccountId,
    ) -> Result<Option<mpsc::Sender<Call>>, Status> {
        match lock(&self.0).get(id).filter(|entry| entry.account == account) {
            None => Ok(None),
            Some(Entry { state: State::UnderWay(asks), .. }) => Ok(Some(asks.clone())),
            Some(Entry { state: State::Ended { why, .. }, .. }) => Err(why.clone()),
        }
    }
}

impl Registered {
    /// Keeps the reason of the end of the import.
    pub(super) fn ended(&self, why: Status) {
        let Some(table) = self.table.upgrade() else { return };
        if let Some(entry) = lock(&table).get_mut(&self.id) {
            entry.state = State::Ended { why, at: Instant::now() };
        }
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let Some(table) = self.table.upgrade() else { return };
        let mut table = lock(&table);
        if table.get(&self.id).is_some_and(|entry| entry.state.is_under_way()) {
            table.remove(&self.id);
        }
    }
}

/// Removes ends that are too old, and the oldest of an account that has as many as imports.
fn forget_old_ends(table: &mut HashMap<String, Entry>, account: AccountId) {
    let mut own = Vec::new();
    table.retain(|id, entry| match &entry.state {
        State::UnderWay(_) => true,
        State::Ended { at, .. } if at.elapsed() >= IMPORT_END_KEPT => false,
        State::Ended { at, .. } => {
            if entry.account == account {
                own.push((*at, id.clone()));
            }
            true
        }
    });
    own.sort();
    for (_, id) in own.iter().rev().skip(IMPORTS_BEGUN_OF_ACCOUNT) {
        table.remove(id);
    }
}

fn lock(table: &Table) -> MutexGuard<'_, HashMap<String, Entry>> {
    // Every change of an entry is a single assignment, so a poisoned table is whole.
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ADA: AccountId = AccountId(Uuid::from_u128(1));
    const EVE: AccountId = AccountId(Uuid::from_u128(2));

    fn add(begun: &Begun, id: usize, account: AccountId) -> Result<Registered, ServiceError> {
        begun.add(id.to_string(), account, mpsc::channel(1).0)
    }

    #[tokio::test(start_paused = true)]
    async fn the_reason_of_an_end_is_kept_for_its_account_and_for_a_while() {
        let begun = Begun::default();
        let first = add(&begun, 1, ADA).expect("has room");
        assert!(begun.find("1", ADA).expect("is under way").is_some());
        assert!(begun.find("1", EVE).expect("is another's").is_none());
        first.ended(Status::aborted("why"));
        drop(first);
        assert_eq!(begun.find("1", ADA).expect_err("has ended").message(), "why");
        assert!(begun.find("1", EVE).expect("is another's").is_none());
        tokio::time::advance(IMPORT_END_KEPT).await;
        drop(add(&begun, 2, EVE).expect("has room"));
        assert!(begun.find("1", ADA).expect("is forgotten").is_none());
        assert!(begun.find("2", EVE).expect("has no reason").is_none());
    }

    #[tokio::test]
    async fn accounts_have_bounded_imports_and_ends() {
        let begun = Begun::default();
        let mut held = Vec::new();
        while let Ok(registered) = add(&begun, held.len(), ADA) {
            held.push(registered);
        }
        assert_eq!(held.len(), IMPORTS_BEGUN_OF_ACCOUNT);
        let other = add(&begun, 1_000, EVE).expect("another account has its own");
        for round in 0..3 {
            for registered in held.drain(..) {
                registered.ended(Status::aborted("why"));
            }
            for place in 0..IMPORTS_BEGUN_OF_ACCOUNT {
                let id = 10_000 + 100 * round + place;
                held.push(add(&begun, id, ADA).expect("ends take no room"));
            }
        }
        assert!(lock(&begun.0).len() <= 2 * IMPORTS_BEGUN_OF_ACCOUNT + 1);
        drop(other);
    }
}
