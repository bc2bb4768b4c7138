//! How far an account has read its threads and its notices.
//!
//! Invariant: what is read only grows, whatever the order in which devices report it.

use uuid::Uuid;

use crate::sql::{from_bigint, to_bigint};
use crate::{Store, StoreError};
use model::AccountId;
use model::people::ThreadId;

/// A message beyond the last one is not read yet. A call that moves nothing takes no number.
const READ_THREAD: &str = "
    insert into thread_members (account, thread, read, number)
    select $1::uuid, id, least($3::bigint, last), next_notice($1::uuid) from threads
    where id = $2 and least($3::bigint, last) > coalesce((
        select read from thread_members where account = $1 and thread = $2), 0)
    on conflict (account, thread) do update set read = excluded.read, number = excluded.number
        where thread_members.read < excluded.read
    returning read";

const READ_OF_THREAD: &str = "
    select coalesce((select read from thread_members where account = $1 and thread = $2), 0)";

/// Nothing where no listed notice lies between: the number that this statement gives is none.
const READ_NOTICES: &str = "
    update notice_heads set read = least($2::bigint, last), read_number = last + 1, last = last + 1
    where account = $1 and exists (
        select from notices
        where notices.account = $1 and listed and number > notice_heads.read and number <= $2)
    returning read";

impl Store {
    /// Notes that an account has read a thread up to a message. Gives what it has read now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn mark_thread_read(
        &self,
        account: AccountId,
        thread: ThreadId,
        through: u64,
    ) -> Result<u64, StoreError> {
        let through = to_bigint(through)?;
        let moved = self.query_opt(READ_THREAD, &[&account.0, &thread.0, &through]).await?;
        if let Some(row) = moved {
            self.hint(&[account.0]);
            return from_bigint(row.try_get(0)?);
        }
        self.read_of_thread(account, thread).await
    }

    /// The last message of a thread that an account has read.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn read_of_thread(
        &self,
        account: AccountId,
        thread: ThreadId,
    ) -> Result<u64, StoreError> {
        from_bigint(self.query_one(READ_OF_THREAD, &[&account.0, &thread.0]).await?.try_get(0)?)
    }

    /// Notes that an account has read its notices up to a number.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn mark_notices_read(
        &self,
        account: AccountId,
        through: u64,
    ) -> Result<(), StoreError> {
        let ids: [Uuid; 1] = [account.0];
        if self.query_opt(READ_NOTICES, &[&ids[0], &to_bigint(through)?]).await?.is_some() {
            self.hint(&ids);
        }
        Ok(())
    }
}
