//! Views of tables: found by their question and by their id, made of what an attempt has written, and ended when they are unused.
//!
//! Not their rows, which are Parquet in the place of the files, and not what a question means: it is a text, compared by its
//! bytes. Locks are taken in the order of the module above: a transaction that makes a view holds the account, the job and
//! the file. The sweep takes those of views and of their contents alone, and waits for no view.
//!
//! Invariants: a view is one of the table that its file has now, since it goes with the table; a table has one view of a
//! question, and a bounded number of views; an account other than the owner has a part of them at most.

use std::time::Duration;

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::transaction::Transaction;
use crate::jobs::Hold;
use crate::sql::{from_bigint, to_bigint, u32_from_bigint};
use crate::{Store, StoreError};
use model::limits::tables::{VIEWS_OF_TABLE, VIEWS_OF_TABLE_BY_OTHER};
use model::{AccountId, ContentId, FileId, Pieces, Role, ViewId, ViewRecord};

/// A view that is used is marked so at most once a minute, and a use waits for no other one.
macro_rules! used {
    ($condition:literal) => {
        concat!(
            "with found as (
                select view.id, view.number, content.id as content, content.bytes, content.piece_bytes, view.row_count
                from files join file_views as view on view.file = files.id
                join file_contents as content on content.id = view.content
                where files.owner = $1 and files.id = $2 and files.removed_at is null and view.number = $3 ",
            $condition,
            "), marked as (
                update file_views set used_at = now() where id = any(array(
                    select view.id from file_views as view join found on found.id = view.id
                    where view.used_at < now() - interval '1 minute'
                    for no key update of view skip locked))
            )
            select id, number, content, bytes, piece_bytes, row_count from found"
        )
    };
}

/// One of which the place has lost a part is made again. The digest is that of the index.
const OF_QUESTION: &str = used!(
    "and md5(view.question) = md5($4::text) and view.question = $4::text and not content.is_damaged"
);

const ONE: &str = used!("and view.id = $4");

/// The lock on the file keeps it as it is: all that replace or delete a table hold that.
const TABLE: &str = "select 1 from file_tables where file = $1 and number = $2 and content = $3";

/// No sweep marks it until the commit.
const CONTENT: &str =
    "select 1 from file_contents where id = $1 and not is_leaving for no key update";

const END_DRAFT: &str = "
    delete from file_table_drafts where content = $1 and job = $2 and fence = $3";

/// The view of an equal question, which another job has made. Its content is released, here and below.
const REPLACE: &str = "
    delete from file_views where file = $1 and number = $2 and md5(question) = md5($3::text)";

/// Those beyond as many as a further one of this job leaves. A view's place is its number among those of its account, from the one
/// that was used last. The further one has the first place. Of an account other than the owner, those beyond its part go. Then
/// those with the last places go: each time the oldest one of the account that has most. Of equal places, the owner's stays.
const MAKE_ROOM: &str = "
    with job as (
        select coalesce((select account from jobs where id = $4), $3) as account
    ), of_table as (
        select view.id, used_at, maker = $3 as is_owners,
            row_number() over (partition by maker order by used_at desc, view.id desc)
                + case when maker = job.account then 1 else 0 end as place
        from (
            select id, used_at, coalesce(made_by, $3) as maker from file_views where file = $1 and number = $2
        ) as view, job
    ), ordered as (
        select id, not is_owners and place > $6 as is_beyond, row_number() over (
            order by not is_owners and place > $6, place, not is_owners, used_at desc, id desc) as nth
        from of_table
    )
    delete from file_views where id = any(array(select id from ordered where is_beyond or nth > $5))";

const MAKE: &str = "
    insert into file_views (id, file, number, content, question, row_count, made_by)
    values ($1, $2, $3, $4, $5, $6, (select account from jobs where id = $1))";

const KEEP: &str = "update file_contents set released_at = null where id = $1";

const END_UNUSED: &str = "
    delete from file_views where id = any(array(
        select id from file_views where used_at < now() - make_interval(secs => $1)
        order by used_at limit $2 for update skip locked))";

/// A view that an attempt has written.
#[derive(Clone, Debug)]
pub struct NewView {
    /// The number of the table in the file.
    pub number: u32,
    /// The content of the table that was read.
    pub table: ContentId,
    /// The Parquet file of the view.
    pub content: ContentId,
    /// The filter and the order, as the parameters of the job have them.
    pub question: String,
    /// The number of rows.
    pub rows: u64,
}

/// What became of a view that an attempt has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommittedView {
    /// The table has it; its id is that of the job.
    View,
    /// The file is removed or was read again, or the account has ended.
    NoTable,
    /// The account of the job has no role on the file any more.
    NoRole,
    /// Another attempt has the job, or the content is swept.
    Lost,
}

impl Store {
    /// The view of a table with a question, which counts as used now. `None`: there is none, or the file is removed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn view_of_question(
        &self,
        owner: AccountId,
        file: FileId,
        number: u32,
        question: &str,
    ) -> Result<Option<ViewRecord>, StoreError> {
        // No table has a number that does not fit.
        let Ok(number) = i32::try_from(number) else { return Ok(None) };
        let parameters: [&(dyn ToSql + Sync); 4] = [&owner.0, &file.0, &number, &question];
        self.query_opt(OF_QUESTION, &parameters).await?.as_ref().map(view).transpose()
    }

    /// A view of a table, by its id, which counts as used now. `None`: there is none, or the file is removed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn file_view(
        &self,
        owner: AccountId,
        file: FileId,
        number: u32,
        id: ViewId,
    ) -> Result<Option<ViewRecord>, StoreError> {
        let Ok(number) = i32::try_from(number) else { return Ok(None) };
        let parameters: [&(dyn ToSql + Sync); 4] = [&owner.0, &file.0, &number, &id.0];
        self.query_opt(ONE, &parameters).await?.as_ref().map(view).transpose()
    }

    /// Makes a content a view of a table. It replaces a view of an equal question. Where the table has as many as it may, it takes
    /// the place of the oldest one of the account that has most. An account other than the owner has a part of them: beyond
    /// that, one of its own goes.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Refused`] for a question that is too long; [`StoreError::Unavailable`],
    /// [`StoreError::Corrupt`].
    pub async fn commit_view(
        &self,
        hold: Hold,
        (owner, file): (AccountId, FileId),
        view: &NewView,
    ) -> Result<CommittedView, StoreError> {
        let transaction = Transaction::begin(self).await?;
        let committed = commit_on(&transaction, hold, (owner, file), view).await?;
        if committed == CommittedView::View {
            transaction.commit().await?;
        }
        Ok(committed)
    }

    /// Ends up to `limit` views that were not used for so long. Gives their number.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn end_unused_views(&self, kept: Duration, limit: u32) -> Result<u64, StoreError> {
        self.execute(END_UNUSED, &[&kept.as_secs_f64(), &i64::from(limit)]).await
    }
}

async fn commit_on(
    transaction: &Transaction,
    hold: Hold,
    (owner, file): (AccountId, FileId),
    view: &NewView,
) -> Result<CommittedView, StoreError> {
    let Ok(number) = i32::try_from(view.number) else { return Ok(CommittedView::NoTable) };
    if !transaction.lock_owner(owner).await? {
        return Ok(CommittedView::NoTable);
    }
    if !transaction.lock_job(hold).await? {
        return Ok(CommittedView::Lost);
    }
    if !transaction.lock_file(owner, file).await? {
        return Ok(CommittedView::NoTable);
    }
    if !transaction.holds_role(hold, file, Role::Viewer).await? {
        return Ok(CommittedView::NoRole);
    }
    if transaction.query_opt(TABLE, &[&file.0, &number, &view.table.0]).await?.is_none() {
        return Ok(CommittedView::NoTable);
    }
    let content = view.content.0;
    if transaction.query_opt(CONTENT, &[&content]).await?.is_none() {
        return Ok(CommittedView::Lost);
    }
    if transaction.execute(END_DRAFT, &[&content, &hold.job.0, &hold.fence]).await? == 0 {
        return Ok(CommittedView::Lost);
    }
    let left = i64::from(VIEWS_OF_TABLE.saturating_sub(1));
    transaction.execute(REPLACE, &[&file.0, &number, &view.question]).await?;
    let part = i64::from(VIEWS_OF_TABLE_BY_OTHER);
    let room: [&(dyn ToSql + Sync); 6] = [&file.0, &number, &owner.0, &hold.job.0, &left, &part];
    transaction.execute(MAKE_ROOM, &room).await?;
    let rows = to_bigint(view.rows)?;
    let parameters: [&(dyn ToSql + Sync); 6] =
        [&hold.job.0, &file.0, &number, &content, &view.question, &rows];
    transaction.execute(MAKE, &parameters).await?;
    transaction.execute(KEEP, &[&content]).await?;
    Ok(CommittedView::View)
}

fn view(row: &Row) -> Result<ViewRecord, StoreError> {
    Ok(ViewRecord {
        id: ViewId(row.try_get(0)?),
        number: u32_from_bigint(row.try_get::<_, i32>(1)?.into())?,
        content: ContentId(row.try_get(2)?),
        pieces: Pieces {
            bytes: from_bigint(row.try_get(3)?)?,
            piece_bytes: u32_from_bigint(row.try_get(4)?)?,
        },
        rows: from_bigint(row.try_get(5)?)?,
    })
}
