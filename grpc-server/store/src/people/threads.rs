//! Threads: looked up, made, and listed with what an account has not read.
//!
//! Not their messages. Invariant: two persons have one thread, and a sheet has one.

use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::decode::{
    MESSAGE_COLUMNS, THREAD_COLUMNS, message, message_at, named, thread, thread_at,
};
use crate::sharing::decode_role;
use crate::sql::{Micros, from_bigint, to_bigint, u32_from_bigint};
use crate::{Store, StoreError};
use model::limits::edge::UNREAD_MOST;
use model::people::{CellId, ListedThread, ThreadId, ThreadRecord};
use model::{AccountId, SheetId};

const THREAD: &str =
    concat!("select ", thread!(), " from threads where id = $1 and deleted_at is null");

const OF_PERSONS: &str = concat!(
    "select ",
    thread!(),
    " from threads where kind = 'persons' and low = $1 and high = $2"
);

const OF_SHEET: &str =
    concat!("select ", thread!(), " from threads where kind = 'sheet' and sheet = $1");

const MAKE_OF_PERSONS: &str = "
    insert into threads (id, kind, low, high) values ($3, 'persons', $1, $2)
    on conflict (low, high) where kind = 'persons' do nothing";

const MAKE_OF_SHEET: &str = "
    insert into threads (id, kind, sheet) values ($2, 'sheet', $1)
    on conflict (sheet) where kind = 'sheet' do nothing";

/// Unread are those among the newest 1,000 after the read point, so that a reader's own messages are no long walk. Each
/// sheet of `mine` gives the account a role.
/// Bound: two names of 200 characters, and one message with its mentions, for each of `limit` threads.
const LIST: &str = concat!(
    "with mine as (
        select id from threads where kind = 'persons' and low = $1
        union select id from threads where kind = 'persons' and high = $1
        union select threads.id from sheets_of($1) as mine (sheet)
            join threads on threads.sheet = mine.sheet and threads.kind = 'sheet'
    )
    select ",
    thread!(),
    ", ",
    message!(),
    ", threads.last_at, sheets.name, role_on(threads.sheet, $1), other.id, other.display_name,
        other.color, coalesce(member.read, 0), (select count(*) from (
            select from (
                select author, deleted_at from messages as unseen
                where unseen.thread = threads.id and unseen.number > coalesce(member.read, 0)
                order by unseen.number desc limit 1000
            ) as newest
            where newest.author is distinct from $1 and newest.deleted_at is null
            limit $5
        ) as counted)
    from mine join threads on threads.id = mine.id
    left join sheets on sheets.id = threads.sheet
    left join accounts as other
        on other.id = case when threads.low = $1 then threads.high else threads.low end
    left join thread_members as member on member.thread = threads.id and member.account = $1
    left join messages on messages.thread = threads.id and messages.number = threads.last
    where threads.last > 0
        and ($2::timestamptz is null or (threads.last_at, threads.id) < ($2, $3))
    order by threads.last_at desc, threads.id desc limit $4"
);

/// The accounts that receive what happens in a thread.
/// Bound: an id for each of `most` accounts.
const AUDIENCE: &str = "select audience($1, $2)";

/// The accounts of a list that may read a thread.
/// Bound: an id for each account that is given.
const READERS: &str = "
    select given.id from unnest($2::uuid[]) as given (id) join threads on threads.id = $1
    join accounts on accounts.id = given.id
    where case when threads.sheet is null then given.id in (threads.low, threads.high)
        else role_on(threads.sheet, given.id) is not null end";

/// Whether a person may be written to: one with a thread to the caller, or that shares a sheet, or where `$3` everyone
/// with an e-mail address.
const IN_REACH: &str = "
    select display_name from accounts
    where id = $2 and id <> $1 and (
        exists (select from threads where kind = 'persons' and low = least($1, $2) and high = greatest($1, $2))
        or ($3 and email is not null
            and exists (select from accounts as caller where caller.id = $1 and caller.email is not null))
        or exists (select sheets_of($1) intersect select sheets_of($2)))";

impl Store {
    /// A thread by its id, unless it is a comment that was deleted.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn thread(&self, id: ThreadId) -> Result<Option<ThreadRecord>, StoreError> {
        let row = self.query_opt(THREAD, &[&id.0]).await?;
        row.map_or(Ok(None), |row| thread_at(&row, 0))
    }

    /// The thread of two persons, if there is one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn thread_of_persons(
        &self,
        one: AccountId,
        other: AccountId,
    ) -> Result<Option<ThreadRecord>, StoreError> {
        let (low, high) = (one.min(other), one.max(other));
        let row = self.query_opt(OF_PERSONS, &[&low.0, &high.0]).await?;
        row.map_or(Ok(None), |row| thread_at(&row, 0))
    }

    /// The thread of a sheet, if there is one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn thread_of_sheet(
        &self,
        sheet: SheetId,
    ) -> Result<Option<ThreadRecord>, StoreError> {
        let row = self.query_opt(OF_SHEET, &[&sheet.0]).await?;
        row.map_or(Ok(None), |row| thread_at(&row, 0))
    }

    /// Makes the thread of two persons, unless there is one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn make_thread_of_persons(
        &self,
        one: AccountId,
        other: AccountId,
    ) -> Result<(), StoreError> {
        let (low, high) = (one.min(other), one.max(other));
        let parameters: [&(dyn ToSql + Sync); 3] = [&low.0, &high.0, &Uuid::now_v7()];
        self.execute(MAKE_OF_PERSONS, &parameters).await.map(drop)
    }

    /// Makes the thread of a sheet, unless there is one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn make_thread_of_sheet(&self, sheet: SheetId) -> Result<(), StoreError> {
        self.execute(MAKE_OF_SHEET, &[&sheet.0, &Uuid::now_v7()]).await.map(drop)
    }

    /// The threads of an account that have messages, the last written first: those with a person, and those of sheets
    /// that it has opened. `before`: the time and the id of the last one of the page before.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn threads_of(
        &self,
        account: AccountId,
        before: Option<(i64, ThreadId)>,
        limit: u32,
    ) -> Result<Vec<ListedThread>, StoreError> {
        let (at, id) = before.map(|(at, id)| (Micros(at), id.0)).unzip();
        let limit = i64::from(limit);
        let rows = self.query(LIST, &[&account.0, &at, &id, &limit, &UNREAD_MOST]).await?;
        let listed = |row: &tokio_postgres::Row| {
            let at = THREAD_COLUMNS + MESSAGE_COLUMNS;
            let thread = thread_at(row, 0)?;
            let name: Option<&str> = row.try_get(at + 1)?;
            let sheet = match name {
                Some(name) => Some((name.into(), decode_role(row, at + 2)?)),
                None => None,
            };
            Ok(ListedThread {
                thread: thread.ok_or_else(|| StoreError::Corrupt("no thread".into()))?,
                last_micros: row.try_get::<_, Micros>(at)?.0,
                sheet,
                other: named(row, at + 3)?,
                message: message_at(row, THREAD_COLUMNS)?,
                read: from_bigint(row.try_get(at + 6)?)?,
                unread: u32_from_bigint(row.try_get(at + 7)?)?,
            })
        };
        rows.iter().map(listed).collect()
    }

    /// The accounts that receive what happens in a thread, `most` of them.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn audience(
        &self,
        thread: ThreadId,
        most: u32,
    ) -> Result<Vec<AccountId>, StoreError> {
        let rows = self.query(AUDIENCE, &[&thread.0, &i64::from(most)]).await?;
        rows.iter().map(|row| Ok(AccountId(row.try_get(0)?))).collect()
    }

    /// Those of some accounts that may read a thread.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn readers(
        &self,
        thread: ThreadId,
        accounts: &[AccountId],
    ) -> Result<Vec<AccountId>, StoreError> {
        let accounts: Vec<Uuid> = accounts.iter().map(|account| account.0).collect();
        let rows = self.query(READERS, &[&thread.0, &accounts]).await?;
        rows.iter().map(|row| Ok(AccountId(row.try_get(0)?))).collect()
    }

    /// Whether an account may write to another one. `all`: everyone with an e-mail address may write to everyone else.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn is_in_reach(
        &self,
        account: AccountId,
        other: AccountId,
        all: bool,
    ) -> Result<bool, StoreError> {
        Ok(self.query_opt(IN_REACH, &[&account.0, &other.0, &all]).await?.is_some())
    }
}

/// The columns of a cell.
pub(super) fn cell_to_sql(cell: CellId) -> Result<(i64, i64), StoreError> {
    Ok((to_bigint(cell.row)?, to_bigint(cell.column)?))
}
