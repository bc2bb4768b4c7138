//! What an operator sees and changes of accounts: their list, whether one may sign in, and whether it has the right of an
//! operator itself.
//!
//! Not the end of sessions that are open, which a job of the servers does. Invariant: an account that is disabled has
//! no token and no link from the same moment, and the job is enqueued in the same transaction.

use tokio_postgres::Row;

use super::decode_state;
use crate::jobs::queue::enqueue_on;
use crate::sql::{Micros, check_text, from_bigint};
use crate::{NewJob, QUERY_TIMEOUT, Store, StoreError};
use model::{AccountId, AccountState};

/// Bound: an address, a name and four numbers for each of `$3` accounts.
const LIST: &str = "
    select account.id, account.email, account.display_name, account.created_at,
        account.disabled_at is not null, account.unconfirmed,
        (select count(*) from sheets where owner = account.id and deleted_at is null),
        (select count(*) from tokens where tokens.account = account.id and expires_at > now()),
        (select max(used_at) from tokens where tokens.account = account.id)
    from accounts as account
    where email > $1 and (not $2 or disabled_at is not null)
    order by email limit $3";

const OF_EMAIL: &str = "select id from accounts where email = $1 for update";

const DISABLE: &str = "
    with ended as (delete from tokens where account = $1),
        links as (delete from mailed_links where account = $1 or inviter = $1)
    update accounts set disabled_at = coalesce(disabled_at, now()) where id = $1";

const ENABLE: &str = "
    update accounts set disabled_at = null where email = $1 and disabled_at is not null";

const EXISTS: &str = "select 1 from accounts where email = $1";

const SET_OPERATOR: &str = "
    update accounts set is_operator = $2 where email = $1 and is_operator <> $2";

const IS_OPERATOR: &str = "
    select is_operator and disabled_at is null and ended_at is null from accounts where id = $1";

/// An account, as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAccount {
    /// Its id.
    pub id: AccountId,
    /// Its address.
    pub email: String,
    /// The name that others see.
    pub display_name: String,
    /// When it was made, in microseconds since the Unix epoch.
    pub created_micros: i64,
    /// Whether it may sign in.
    pub state: AccountState,
    /// Its sheets, without deleted ones.
    pub sheets: u64,
    /// Its valid tokens.
    pub tokens: u64,
    /// When one of its tokens was used last, as far as that was noted.
    pub used_micros: Option<i64>,
}

impl Store {
    /// The accounts with an address, by their addresses: those after `after`, `most` of them.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn accounts(
        &self,
        after: &str,
        only_disabled: bool,
        most: u32,
    ) -> Result<Vec<ListedAccount>, StoreError> {
        check_text(after)?;
        let rows = self.query(LIST, &[&after, &only_disabled, &i64::from(most)]).await?;
        rows.iter().map(decode_listed).collect()
    }

    /// Disables the account of an address (in lower case): ends its tokens and links, and enqueues the job that ends its
    /// sessions. `None`: no account has the address.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Unavailable`].
    pub async fn disable_account(
        &self,
        email: &str,
        job: impl FnOnce(AccountId) -> Result<NewJob, StoreError> + Send,
    ) -> Result<Option<AccountId>, StoreError> {
        check_text(email)?;
        let connection = self.for_access().connection().await?;
        // Until the commit, the only way back is to close the connection.
        connection.discard();
        let find = async {
            connection.batch_execute("begin").await?;
            connection.query_opt(OF_EMAIL, &[&email]).await
        };
        let found = connection.within(QUERY_TIMEOUT, find).await?;
        let account = found.map(|row| row.try_get(0).map(AccountId)).transpose()?;
        if let Some(account) = account {
            connection.within(QUERY_TIMEOUT, connection.execute(DISABLE, &[&account.0])).await?;
            enqueue_on(&connection, &job(account)?).await?;
        }
        connection.within(QUERY_TIMEOUT, connection.batch_execute("commit")).await?;
        connection.keep();
        Ok(account)
    }

    /// Lets the owner of a disabled account sign in again. `None`: no account has the address (in lower case); false: it
    /// is not disabled.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Unavailable`].
    pub async fn enable_account(&self, email: &str) -> Result<Option<bool>, StoreError> {
        check_text(email)?;
        let store = self.for_access();
        if store.execute(ENABLE, &[&email]).await? > 0 {
            return Ok(Some(true));
        }
        Ok(store.query_opt(EXISTS, &[&email]).await?.map(|_| false))
    }

    /// Gives the account of an address (in lower case) the right of an operator, or takes it. `None`: no account has the
    /// address; false: nothing has changed.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Unavailable`].
    pub async fn set_operator(
        &self,
        email: &str,
        is_operator: bool,
    ) -> Result<Option<bool>, StoreError> {
        check_text(email)?;
        let store = self.for_access();
        if store.execute(SET_OPERATOR, &[&email, &is_operator]).await? > 0 {
            return Ok(Some(true));
        }
        Ok(store.query_opt(EXISTS, &[&email]).await?.map(|_| false))
    }

    /// Whether an account has the right of an operator now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn is_operator(&self, account: AccountId) -> Result<bool, StoreError> {
        let row = self.for_access().look_up(IS_OPERATOR, &[&account.0]).await?;
        row.map_or(Ok(false), |row| Ok(row.try_get(0)?))
    }
}

fn decode_listed(row: &Row) -> Result<ListedAccount, StoreError> {
    Ok(ListedAccount {
        id: AccountId(row.try_get(0)?),
        email: row.try_get(1)?,
        display_name: row.try_get(2)?,
        created_micros: row.try_get::<_, Micros>(3)?.0,
        state: decode_state(row, 4)?,
        sheets: from_bigint(row.try_get(6)?)?,
        tokens: from_bigint(row.try_get(7)?)?,
        used_micros: row.try_get::<_, Option<Micros>>(8)?.map(|at| at.0),
    })
}
