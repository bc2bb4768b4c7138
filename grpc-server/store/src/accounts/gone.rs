//! The deletion of accounts that can't sign in: guests, deleted accounts, and addresses that were not confirmed.
//!
//! Not the end of an account by its owner. Invariants: an account with a token, or with a sheet, stays; one that another
//! table names, or that can't be deleted, stays and keeps no other from being deleted; a statement changes a bounded
//! number of rows, however much an account has written.

use std::time::Duration;

use uuid::Uuid;

use super::Refusal;
use crate::{Store, StoreError};

/// Rows that one statement deletes.
const AT_ONCE: i64 = 1_000;
/// Rows of other tables that one statement changes.
const DETACHED_AT_ONCE: i64 = 5_000;
/// Accounts that can't be deleted, one after the other, before the rest waits for the next run.
const FAILURES_MOST: u32 = 3;

/// The rows of some accounts of which there may be very many, which the reference of the row would all change in the one
/// statement that deletes the account. What a file or an upload has written stays for the sweep of files.
const DETACH: [&str; 7] = [
    "update messages set author = null where ctid = any(array(
        select ctid from messages where author = any($1) limit $2))",
    "delete from thread_members where ctid = any(array(
        select ctid from thread_members where account = any($1) limit $2))",
    "update threads set low = null where ctid = any(array(
        select ctid from threads where low = any($1) limit $2))",
    "update threads set high = null where ctid = any(array(
        select ctid from threads where high = any($1) limit $2))",
    "update threads set resolved_by = null where ctid = any(array(
        select ctid from threads where resolved_by = any($1) limit $2))",
    "delete from file_uploads where ctid = any(array(
        select ctid from file_uploads where owner = any($1) limit $2))",
    "delete from files where ctid = any(array(
        select ctid from files where owner = any($1) limit $2))",
];

/// Guests whose token has ended leave their links. A guest without a token may be about to get it.
const END_MEMBERS: &str = "
    delete from link_members where ctid = any(array(
        select link_members.ctid from link_members
        join accounts on accounts.id = link_members.account and accounts.email is null
        where link_members.opened_at < now() - interval '1 hour'
            and not exists (select from tokens where tokens.account = accounts.id)
        limit $1
    ))";

/// Bound: an id for each of [`AT_ONCE`] accounts.
const GONE: &str = "
    select id from accounts
    where (
            (email is null and coalesce(ended_at, created_at) < now() - make_interval(secs => $1))
            or (unconfirmed and created_at < now() - make_interval(secs => $2))
        ) and id > $3
        and not exists (select from tokens where tokens.account = accounts.id)
        and not exists (select from sheets where sheets.owner = accounts.id)
    order by id limit $4";

/// Only while it is as it was found.
const DELETE: &str = "
    delete from accounts where id = any($1) and (email is null or unconfirmed)
        and not exists (select from tokens where tokens.account = accounts.id)";

impl Store {
    /// Takes the places of guests at links whose token has ended. Gives their number.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn end_gone_members(&self) -> Result<u64, StoreError> {
        let mut total = 0;
        loop {
            let count = self.for_access().execute(END_MEMBERS, &[&AT_ONCE]).await?;
            total += count;
            if count < AT_ONCE.unsigned_abs() {
                return Ok(total);
            }
        }
    }

    /// Deletes guests without a token and deleted accounts that are as old as `kept`, and accounts whose address was not
    /// confirmed within `unconfirmed`. Gives their number.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn delete_gone_accounts(
        &self,
        kept: Duration,
        unconfirmed: Duration,
    ) -> Result<u64, StoreError> {
        let (kept, unconfirmed) = (kept.as_secs_f64(), unconfirmed.as_secs_f64());
        let (mut total, mut after) = (0, Uuid::nil());
        loop {
            let rows = self.query(GONE, &[&kept, &unconfirmed, &after, &AT_ONCE]).await?;
            let found = rows.iter().map(|row| row.try_get(0));
            let found: Vec<Uuid> = found.collect::<Result<_, _>>()?;
            let Some(last) = found.last() else { return Ok(total) };
            after = *last;
            total += self.delete_unnamed(&found).await?;
        }
    }

    /// Deletes those of some accounts that no table names. One that can't be deleted is left out.
    async fn delete_unnamed(&self, accounts: &[Uuid]) -> Result<u64, StoreError> {
        if let Ok(count) = self.delete_detached(accounts).await {
            return Ok(count);
        }
        let (mut total, mut failures) = (0, 0);
        for account in accounts {
            match self.delete_detached(&[*account]).await {
                Ok(count) => {
                    total += count;
                    failures = 0;
                }
                Err(Refusal::NoSuchReference) => {}
                Err(other) => {
                    let error = StoreError::from(other);
                    tracing::warn!(%account, %error, "account not deleted; the next run tries it again");
                    failures += 1;
                    if failures == FAILURES_MOST {
                        return Err(error);
                    }
                }
            }
        }
        Ok(total)
    }

    /// Deletes accounts, after their names were taken from what they have written.
    async fn delete_detached(&self, accounts: &[Uuid]) -> Result<u64, Refusal> {
        for sql in DETACH {
            while self.change(sql, &[&accounts, &DETACHED_AT_ONCE]).await? > 0 {}
        }
        self.change(DELETE, &[&accounts]).await
    }
}
