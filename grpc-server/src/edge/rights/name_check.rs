//! Passes names that have changed, of sheets and of persons, to the sheets that are open at this server.
//!
//! Not the change itself (`service`), and not the message to other servers (`invalidation`). Invariant: an open sheet gets
//! the name of the latest version, and a session the name of the latest lookup, whatever the order of the answers.

use rustc_hash::FxHashMap;

use super::role_check::{LOOKED_UP, RoleCheck};
use model::people::Named;
use model::{AccountId, SheetId};
use sheet::api::persons::Persons;
use store::StoreError;

impl RoleCheck {
    /// Looks up the names of some sheets that are open here, or are being opened.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the sheets keep the names that they have.
    pub(crate) async fn check_names(&self, sheets: &[SheetId]) -> Result<(), StoreError> {
        let open = sheets.iter().copied().filter(|sheet| self.registry.contains(*sheet));
        let open: Vec<SheetId> = open.collect();
        if open.is_empty() {
            return Ok(());
        }
        for (sheet, _, name) in self.store.owners(&open).await? {
            self.registry.set_name(sheet, name);
        }
        Ok(())
    }

    /// Looks up the name and the color of a person with open sessions.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: the sessions keep those that they have.
    pub(crate) async fn check_person(&self, account: AccountId) -> Result<(), StoreError> {
        let sheets = self.session_index.sheets_of(account);
        let sessions: Vec<_> = sheets.into_iter().map(|sheet| (sheet, account)).collect();
        self.look_up_persons(&sessions).await
    }

    /// Looks up the names of all sheets with open sessions, and of the persons of these.
    ///
    /// # Errors
    /// As for [`RoleCheck::check_names`] and [`RoleCheck::check_person`].
    pub(crate) async fn look_at_names(&self) -> Result<(), StoreError> {
        let (sheets, _) = self.session_index.all();
        for some in sheets.chunks(LOOKED_UP) {
            self.check_names(some).await?;
            self.look_up_persons(&self.session_index.accounts_of(some)).await?;
        }
        Ok(())
    }

    async fn look_up_persons(&self, sessions: &[(SheetId, AccountId)]) -> Result<(), StoreError> {
        for some in sessions.chunks(LOOKED_UP) {
            let asked = self.access.next_lookup();
            let accounts: Vec<AccountId> = some.iter().map(|(_, account)| *account).collect();
            let named = self.store.named(&accounts).await?;
            let named: FxHashMap<AccountId, Named> =
                named.into_iter().map(|person| (person.account, person)).collect();
            let mut of_sheets: FxHashMap<SheetId, FxHashMap<AccountId, Named>> =
                FxHashMap::default();
            for (sheet, account) in some {
                if let Some(person) = named.get(account) {
                    of_sheets.entry(*sheet).or_default().insert(*account, person.clone());
                }
            }
            for (sheet, of) in of_sheets {
                self.registry.set_persons(sheet, Persons { asked, of });
            }
        }
        Ok(())
    }
}
