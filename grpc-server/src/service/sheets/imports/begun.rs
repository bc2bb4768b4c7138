//! The imports that are begun at this server, and the answers of those that have ended.
//!
//! Not what an import does (`job`). Invariants: an account has a bounded number of imports under way; the answer of the
//! end is kept for a while, so that a caller who missed it receives it, and takes no room of an import.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use gridloom::v1::FinishImportResponse;
use prost::Message;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tonic::Status;

use super::calls::Call;
use crate::edge::errors::ServiceError;
use model::AccountId;
use model::limits::edge::{
    IMPORT_END_KEPT, IMPORT_ENDS_KEPT, IMPORTS_BEGUN, IMPORTS_BEGUN_OF_ACCOUNT,
};

/// An answer with columns of more bytes is kept without them.
const ANSWER_BYTES: usize = 16 * 1024;

/// Begun imports. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Begun(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    imports: HashMap<String, Entry>,
    /// How many are under way, of each account that has one.
    under_way: HashMap<AccountId, usize>,
    /// When which import has ended, the oldest first.
    ended: VecDeque<(Instant, String)>,
}

#[derive(Debug)]
struct Entry {
    account: AccountId,
    state: State,
}

/// What the calls for an import receive.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// The answer of its task.
    UnderWay(mpsc::Sender<Call>),
    /// The sheet that it became.
    Finished(Arc<FinishImportResponse>),
    /// Why there is no sheet.
    Failed(Status),
}

/// Forgets an import when its task ends, unless its end has an answer.
#[derive(Debug)]
pub(super) struct Registered {
    table: Weak<Mutex<Table>>,
    id: String,
}

impl Begun {
    /// Adds an import of the account, whose task receives its calls from `asks`.
    ///
    /// # Errors
    /// [`ServiceError::Busy`] when the account, or the server, has as many under way as there may be.
    pub(super) fn add(
        &self,
        id: String,
        account: AccountId,
        asks: mpsc::Sender<Call>,
    ) -> Result<Registered, ServiceError> {
        let mut table = lock(&self.0);
        table.forget_old_ends();
        let of_account = table.under_way.get(&account).copied().unwrap_or_default();
        if of_account >= IMPORTS_BEGUN_OF_ACCOUNT {
            return Err(ServiceError::Busy("imports of this account"));
        }
        if table.imports.len() - table.ended.len() >= IMPORTS_BEGUN {
            return Err(ServiceError::Busy("imports"));
        }
        table.under_way.insert(account, of_account + 1);
        table.imports.insert(id.clone(), Entry { account, state: State::UnderWay(asks) });
        Ok(Registered { table: Arc::downgrade(&self.0), id })
    }

    /// What an import of the account answers with. `None`: there is no such import, as for another account's.
    pub(super) fn find(&self, id: &str, account: AccountId) -> Option<State> {
        let table = lock(&self.0);
        let entry = table.imports.get(id).filter(|entry| entry.account == account)?;
        Some(entry.state.clone())
    }
}

impl Table {
    fn end(&mut self, id: &str, state: State) {
        let Some(entry) = self.imports.get_mut(id) else { return };
        entry.state = state;
        let account = entry.account;
        self.ended.push_back((Instant::now(), id.to_owned()));
        self.count_down(account);
    }

    fn count_down(&mut self, account: AccountId) {
        if let Some(count) = self.under_way.get_mut(&account) {
            *count -= 1;
            if *count == 0 {
                self.under_way.remove(&account);
            }
        }
    }

    fn forget_old_ends(&mut self) {
        while let Some((at, _)) = self.ended.front()
            && (at.elapsed() >= IMPORT_END_KEPT || self.ended.len() > IMPORT_ENDS_KEPT)
            && let Some((_, id)) = self.ended.pop_front()
        {
            self.imports.remove(&id);
        }
    }
}

impl Registered {
    /// Keeps the reason why there is no sheet.
    pub(super) fn failed(&self, why: Status) {
        self.end(State::Failed(why));
    }

    /// Keeps the answer of the import that became a sheet.
    pub(super) fn finished(&self, mut answer: FinishImportResponse) {
        if let Some(sheet) = &mut answer.sheet
            && sheet.encoded_len() > ANSWER_BYTES
        {
            sheet.columns.clear();
            sheet.columns_left_out = true;
        }
        self.end(State::Finished(Arc::new(answer)));
    }

    fn end(&self, state: State) {
        if let Some(table) = self.table.upgrade() {
            lock(&table).end(&self.id, state);
        }
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let Some(table) = self.table.upgrade() else { return };
        let mut table = lock(&table);
        let entry = table.imports.get(&self.id);
        if let Some(Entry { account, state: State::UnderWay(_) }) = entry {
            let account = *account;
            table.imports.remove(&self.id);
            table.count_down(account);
        }
    }
}

fn lock(table: &Mutex<Table>) -> MutexGuard<'_, Table> {
    // No change of the table can panic halfway, so a poisoned one is whole.
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
    async fn the_answer_of_an_end_is_kept_for_its_account_and_for_a_while() {
        let begun = Begun::default();
        let first = add(&begun, 1, ADA).expect("has room");
        assert!(matches!(begun.find("1", ADA), Some(State::UnderWay(_))));
        assert!(begun.find("1", EVE).is_none());
        first.failed(Status::aborted("why"));
        drop(first);
        let Some(State::Failed(why)) = begun.find("1", ADA) else { panic!("has failed") };
        assert_eq!(why.message(), "why");
        assert!(begun.find("1", EVE).is_none());
        let second = add(&begun, 2, ADA).expect("has room");
        second.finished(FinishImportResponse { repaired_rows: 7, ..Default::default() });
        drop(second);
        let Some(State::Finished(answer)) = begun.find("2", ADA) else { panic!("has finished") };
        assert_eq!(answer.repaired_rows, 7);
        tokio::time::advance(IMPORT_END_KEPT).await;
        drop(add(&begun, 3, EVE).expect("has room"));
        for id in ["1", "2", "3"] {
            assert!(begun.find(id, ADA).or(begun.find(id, EVE)).is_none(), "{id} is forgotten");
        }
    }

    #[tokio::test]
    async fn accounts_have_bounded_imports_and_the_server_bounded_ends() {
        let begun = Begun::default();
        let mut held = Vec::new();
        while let Ok(registered) = add(&begun, held.len(), ADA) {
            held.push(registered);
        }
        assert_eq!(held.len(), IMPORTS_BEGUN_OF_ACCOUNT);
        let other = add(&begun, 1_000_000, EVE).expect("another account has its own");
        drop(held);
        for id in 0..2 * IMPORT_ENDS_KEPT {
            let one = add(&begun, id, ADA).expect("ends take no room");
            one.failed(Status::aborted("why"));
        }
        assert!(lock(&begun.0).imports.len() <= IMPORT_ENDS_KEPT + 2);
        drop(other);
        assert!(lock(&begun.0).under_way.is_empty());
    }
}
