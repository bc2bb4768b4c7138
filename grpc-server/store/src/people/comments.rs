//! Comments: threads on cells, by the ids of row and column.
//!
//! Not whether the cell is there now: the open sheet knows. Invariant: a comment and its first message are written
//! together, once for each id of the client.

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::decode::{
    MESSAGE_COLUMNS, THREAD_COLUMNS, message, message_at, named, thread, thread_at,
};
use super::messages::Written;
use super::threads::cell_to_sql;
use crate::sql::{Micros, from_bigint, to_bigint, u32_from_bigint};
use crate::{Store, StoreError};
use model::limits::edge::{AUDIENCE_MOST, COUNTED_COMMENTS};
use model::people::{CellId, ListedComment, ThreadId};
use model::{AccountId, SheetId};

/// The id of the thread follows from the request, so that a repeated call makes one. A trigger counts the comments of the
/// sheet.
const MAKE: &str = "
    insert into threads (id, kind, sheet, row_id, column_id)
    select $1::uuid, 'comment', $2::uuid, $3::bigint, $4::bigint
    where holds_role($2::uuid, $6::uuid, 'commenter') and (
        exists (select from threads where id = $1)
        or coalesce((select comments from comment_counts where sheet = $2), 0) < $5::bigint)
    on conflict (id) do nothing";

const IS_MADE: &str = "select 1 from threads where id = $1";

const RESOLVE: &str = "
    with held as (
        select id, sheet from threads
        where id = $1 and kind = 'comment' and deleted_at is null and (resolved_at is not null) <> $3
        for no key update
    ), thread as (
        update threads set resolved_at = case when $3 then clock_timestamp() end,
            resolved_by = case when $3 then $2::uuid end
        from held where threads.id = held.id and holds_role(held.sheet, $2::uuid, 'commenter')
        returning threads.id, threads.sheet
    ), noted as (
        select notify_account(account, 'thread', false, $2::uuid, sheet, id, null, null) as account from (
            select people.account, thread.id, thread.sheet
            from thread cross join lateral (
                select audience(thread.id, $4::bigint) union select $2::uuid
            ) as people (account)
            order by people.account
        ) as sorted
    )
    select (select 1::bigint from thread), array(select account from noted)";

/// By the author of its first message, or the owner of its sheet. The notices name the cell, since the row of the thread
/// goes.
const DELETE: &str = "
    with held as (
        select id, sheet from threads where id = $1 and kind = 'comment' and deleted_at is null for no key update
    ), thread as (
        update threads set deleted_at = clock_timestamp() from held
        where threads.id = held.id and (
            holds_role(held.sheet, $2::uuid, 'owner')
            or exists (select from messages where messages.thread = $1 and number = 1 and author = $2)
                and holds_role(held.sheet, $2::uuid, 'viewer'))
        returning threads.id, threads.sheet, row_id, column_id
    ), noted as (
        select notify_account(account, 'thread', false, $2::uuid, sheet, id, null, jsonb_build_object(
            'thread', id, 'sheet_id', sheet, 'row', row_id::text, 'column', column_id::text)) as account
        from (
            select people.account, thread.*
            from thread cross join lateral (
                select audience(thread.id, $3::bigint) union select $2::uuid
            ) as people (account)
            order by people.account
        ) as sorted
    )
    select (select 1::bigint from thread), array(select account from noted)";

/// Bound: a text of the most bytes with its mentions, and two names, for each of `limit` comments.
const LIST: &str = concat!(
    "select ",
    thread!(),
    ", ",
    message!(),
    ", threads.resolved_by, resolver.display_name, resolver.color
    from threads
    left join accounts as resolver on resolver.id = threads.resolved_by
    left join messages on messages.thread = threads.id and messages.number = 1
    where threads.sheet = $1 and threads.kind = 'comment' and threads.last > 0 and threads.deleted_at is null
        and ($2 or threads.resolved_at is null)
        and (cardinality($3::bigint[]) = 0 or threads.row_id = any($3))
        and ($4::timestamptz is null or (threads.created_at, threads.id) > ($4, $5))
        and ($7::uuid is null or threads.id = $7)
        and ($8::bigint is null or threads.column_id = $8)
    order by threads.created_at, threads.id limit $6"
);

/// Bound: three numbers for each cell with a comment in the rows that are given, `$3` at most.
const MARKS: &str = "
    select row_id, column_id, comments from comment_marks($1, $2, $3, $4) order by row_id, column_id";

/// Which comments of a sheet are listed.
#[derive(Clone, Copy, Debug)]
pub struct CommentFilter<'a> {
    /// Resolved ones, too.
    pub resolved: bool,
    /// Those on these rows; none: on all rows.
    pub rows: &'a [u64],
    /// Those on this column alone.
    pub column: Option<u64>,
    /// When the last one of the page before was made, and its id.
    pub after: Option<(i64, ThreadId)>,
    /// Only this one.
    pub thread: Option<ThreadId>,
}

impl Store {
    /// Makes the thread of a comment of an author, unless it is there. False: the sheet has `most` of them, or the role of
    /// the author has ended.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn make_comment(
        &self,
        thread: ThreadId,
        (sheet, cell): (SheetId, CellId),
        author: AccountId,
        most: u32,
    ) -> Result<bool, StoreError> {
        let (row, column) = cell_to_sql(cell)?;
        let most = i64::from(most);
        let parameters: [&(dyn ToSql + Sync); 6] =
            [&thread.0, &sheet.0, &row, &column, &most, &author.0];
        Ok(self.execute(MAKE, &parameters).await? > 0
            || self.query_opt(IS_MADE, &[&thread.0]).await?.is_some())
    }

    /// Resolves a comment, or reopens it. False: it was so already, or the role of the account has ended.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn resolve_comment(
        &self,
        thread: ThreadId,
        account: AccountId,
        resolved: bool,
    ) -> Result<bool, StoreError> {
        let parameters: [&(dyn ToSql + Sync); 4] =
            [&thread.0, &account.0, &resolved, &AUDIENCE_MOST];
        Ok(matches!(self.write(RESOLVE, &parameters).await?, Written::Number(_)))
    }

    /// Deletes a comment with its replies. False: there is none, or the account is neither the owner of the sheet nor a
    /// reader that has written the first message.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn delete_comment(
        &self,
        thread: ThreadId,
        account: AccountId,
    ) -> Result<bool, StoreError> {
        let parameters: [&(dyn ToSql + Sync); 3] = [&thread.0, &account.0, &AUDIENCE_MOST];
        let is_deleted = matches!(self.write(DELETE, &parameters).await?, Written::Number(_));
        if is_deleted {
            self.forget_comment(thread).await?;
        }
        Ok(is_deleted)
    }

    /// The comments of a sheet, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn comments(
        &self,
        sheet: SheetId,
        filter: CommentFilter<'_>,
        limit: u32,
    ) -> Result<Vec<ListedComment>, StoreError> {
        let rows = bigints(filter.rows)?;
        let (at, id) = filter.after.map(|(at, id)| (Micros(at), id.0)).unzip();
        let limit = i64::from(limit);
        let thread: Option<Uuid> = filter.thread.map(|thread| thread.0);
        let column = filter.column.map(to_bigint).transpose()?;
        let parameters: [&(dyn ToSql + Sync); 8] =
            [&sheet.0, &filter.resolved, &rows, &at, &id, &limit, &thread, &column];
        let rows = self.query(LIST, &parameters).await?;
        let listed = |row: &Row| {
            let thread = thread_at(row, 0)?;
            Ok(ListedComment {
                thread: thread.ok_or_else(|| StoreError::Corrupt("no thread".into()))?,
                resolved_by: named(row, THREAD_COLUMNS + MESSAGE_COLUMNS)?,
                first: message_at(row, THREAD_COLUMNS)?,
            })
        };
        rows.iter().map(listed).collect()
    }

    /// How many open comments each cell of some rows has, up to [`COUNTED_COMMENTS`], for `most` cells.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn comment_marks(
        &self,
        sheet: SheetId,
        rows: &[u64],
        most: u32,
    ) -> Result<Vec<(CellId, u32)>, StoreError> {
        let mut rows = bigints(rows)?;
        rows.sort_unstable();
        rows.dedup();
        let (most, counted) = (i64::from(most), i64::from(COUNTED_COMMENTS));
        let rows = self.query(MARKS, &[&sheet.0, &rows, &most, &counted]).await?;
        let mark = |row: &Row| {
            let cell = CellId {
                row: from_bigint(row.try_get(0)?)?,
                column: from_bigint(row.try_get(1)?)?,
            };
            Ok((cell, u32_from_bigint(row.try_get(2)?)?))
        };
        rows.iter().map(mark).collect()
    }
}

fn bigints(numbers: &[u64]) -> Result<Vec<i64>, StoreError> {
    numbers.iter().map(|number| to_bigint(*number)).collect()
}
