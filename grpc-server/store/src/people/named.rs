//! Persons by their accounts, as others see them now.
//!
//! Not the search for them (`search`). Invariant: a deleted account is no person.

use super::decode::named;
use crate::{Store, StoreError};
use model::AccountId;
use model::people::Named;

/// Bound: an id, a name of 200 characters and a number for each account that is given.
const NAMED: &str =
    "select id, display_name, color from accounts where id = any($1) and ended_at is null";

impl Store {
    /// The names and colors of those of these accounts that there are.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn named(&self, accounts: &[AccountId]) -> Result<Vec<Named>, StoreError> {
        let given: Vec<uuid::Uuid> = accounts.iter().map(|account| account.0).collect();
        let rows = self.query(NAMED, &[&given]).await?;
        let found = rows.iter().filter_map(|row| named(row, 0).transpose());
        found.collect()
    }
}
