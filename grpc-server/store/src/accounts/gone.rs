//! The deletion of accounts that can't sign in: guests, deleted accounts, and addresses that were not confirmed.
//!
//! Not the end of an account by its owner. Invariants: an account with a token, or with a sheet, stays; one that another
//! table names stays, and keeps no other from being deleted.

use std::time::Duration;

use uuid::Uuid;

use super::Refusal;
use crate::{Store, StoreError};

/// Rows that one statement deletes.
const AT_ONCE: i64 = 1_000;

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

    /// Deletes those of some accounts that no table names.
    async fn delete_unnamed(&self, accounts: &[Uuid]) -> Result<u64, StoreError> {
        match self.change(DELETE, &[&accounts]).await {
            Ok(count) => return Ok(count),
            Err(Refusal::NoSuchReference) => {}
            Err(other) => return Err(other.into()),
        }
        let mut total = 0;
        for account in accounts {
            match self.change(DELETE, &[&[*account].as_slice()]).await {
                Ok(count) => total += count,
                Err(Refusal::NoSuchReference) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Ok(total)
    }
}
