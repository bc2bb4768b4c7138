//! New accounts whose address has to be confirmed: the account and the letter to its address, in one transaction.
//!
//! Not the letter, which a job makes and sends. Invariants: no account waits for a letter that was never enqueued; with a
//! letter for either case, the statements are the same whether or not the address has an account.

use tokio_postgres::types::ToSql;

use crate::jobs::queue::enqueue_on;
use crate::sql::{Micros, check_text};
use crate::{NewJob, QUERY_TIMEOUT, Store, StoreError};
use model::AccountRecord;

const CREATE: &str = "
    insert into accounts (id, email, display_name, password_hash, created_at, unconfirmed)
    values ($1, $2, $3, $4, $5, true) on conflict (email) do nothing";

impl Store {
    /// Makes an account that waits for the confirmation of its address, and enqueues a letter to the address. False: the
    /// address (in lower case) has an account, which stays as it is; its letter is enqueued if `also_known`.
    ///
    /// # Errors
    /// [`StoreError::TooManyJobs`], and no account is made; [`StoreError::Invalid`], [`StoreError::Unavailable`].
    pub async fn create_unconfirmed_account(
        &self,
        account: &AccountRecord,
        letter: &NewJob,
        also_known: bool,
    ) -> Result<bool, StoreError> {
        for text in [&account.email, &account.display_name, &account.password_hash] {
            check_text(text)?;
        }
        let created = Micros(account.created_micros);
        let parameters: [&(dyn ToSql + Sync); 5] = [
            &account.id.0,
            &&*account.email,
            &&*account.display_name,
            &&*account.password_hash,
            &created,
        ];
        let connection = self.for_access().connection().await?;
        // Until the commit, the only way back is to close the connection.
        connection.discard();
        let create = async {
            connection.batch_execute("begin").await?;
            connection.execute(CREATE, &parameters).await
        };
        let is_made = connection.within(QUERY_TIMEOUT, create).await? > 0;
        if is_made || also_known {
            enqueue_on(&connection, letter).await?;
        }
        connection.within(QUERY_TIMEOUT, connection.batch_execute("commit")).await?;
        connection.keep();
        Ok(is_made)
    }
}
