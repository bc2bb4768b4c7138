//! What the sweep deletes: uploads without pieces for long, links that have ended, files that were removed long ago or whose
//! owner has ended, and contents that no file, no upload, no table and no view names.
//!
//! Not the objects of a content: the caller deletes them between [`Store::unused_contents`] and
//! [`Store::delete_content`]. Invariants: a statement changes a bounded number of rows and waits for no row that another
//! call holds; a content is marked before its objects are deleted, and one that is named is never marked.

use std::time::Duration;

use tokio_postgres::Row;
use uuid::Uuid;

use crate::{Store, StoreError};
use model::ContentId;

/// Pieces that one statement deletes.
const PIECES_AT_ONCE: i64 = 5_000;

const END_STALE: &str = "
    delete from file_uploads where id = any(array(
        select id from file_uploads where last_at < now() - make_interval(secs => $1)
        order by last_at limit $2 for update skip locked))";

const DELETE_ENDED_LINKS: &str = "
    delete from file_links where secret = any(array(
        select secret from file_links where ends_at <= now()
        order by ends_at limit $1 for update skip locked))";

const DELETE_REMOVED: &str = "
    delete from files where id = any(array(
        select id from files where removed_at < now() - make_interval(secs => $1)
        order by removed_at limit $2 for update skip locked))";

/// The order is that of an index: files of others are not read, here and below.
const DELETE_OF_ENDED: &str = "
    delete from files where id = any(array(
        select owned.id from file_purges cross join lateral (
            select id from files where files.owner = file_purges.account
            order by created_at, id limit $1 for update skip locked
        ) as owned limit $1))";

const FORGET_PURGES: &str = "
    delete from file_purges where account = any(array(
        select account from file_purges
        where (
            select true from files where files.owner = file_purges.account order by created_at, id limit 1
        ) is null
        limit $1))";

/// Contents that were released, the first ones first. One that is named leaves the queue, the others are marked; one that
/// was marked before is given again, since its deletion has not come to its end. A transaction that names a content has set
/// `released_at` to null, so after a look at an earlier row the condition does not hold. With a limit, files, uploads, tables
/// and views are looked up by their indexes.
/// Bound: an id and a mark for each of `limit` contents.
const MARK: &str = "
    with due as (
        select id, coalesce(
            (select true from files where files.content = file_contents.id limit 1),
            (select true from file_uploads where file_uploads.content = file_contents.id limit 1),
            (select true from file_tables where file_tables.content = file_contents.id limit 1),
            (select true from file_views where file_views.content = file_contents.id limit 1),
            false
        ) as is_named
        from file_contents where released_at < now() - make_interval(secs => $1)
        order by released_at limit $2
        for no key update skip locked
    )
    update file_contents
    set is_leaving = not is_named, released_at = case when not is_named then now() end
    from due where file_contents.id = due.id
    returning file_contents.id, is_leaving";

const DELETE_PIECES: &str = "
    delete from file_pieces where content = $1 and number = any(array(
        select number from file_pieces join file_contents on file_contents.id = file_pieces.content
        where content = $1 and is_leaving limit $2))";

const DELETE_CONTENT: &str = "delete from file_contents where id = $1 and is_leaving";

impl Store {
    /// Ends up to `limit` uploads that have received no piece for so long. Gives their number.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn end_stale_uploads(&self, idle: Duration, limit: u32) -> Result<u64, StoreError> {
        self.execute(END_STALE, &[&idle.as_secs_f64(), &i64::from(limit)]).await
    }

    /// Deletes up to `limit` links to downloads that have ended. Gives their number.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn delete_ended_file_links(&self, limit: u32) -> Result<u64, StoreError> {
        self.execute(DELETE_ENDED_LINKS, &[&i64::from(limit)]).await
    }

    /// Deletes files for good: up to `limit` of accounts that have ended, and up to `limit` that were removed so long ago.
    /// Gives their number.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn delete_removed_files(
        &self,
        kept: Duration,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let limit = i64::from(limit);
        let of_ended = self.execute(DELETE_OF_ENDED, &[&limit]).await?;
        if of_ended < limit.unsigned_abs() {
            self.execute(FORGET_PURGES, &[&limit]).await?;
        }
        let removed = self.execute(DELETE_REMOVED, &[&kept.as_secs_f64(), &limit]).await?;
        Ok(of_ended + removed)
    }

    /// Marks up to `limit` contents that no file, no upload, no table and no view has named for so long, and returns them:
    /// their objects are to be deleted, then [`Store::delete_content`] is called. A content for which that has not happened
    /// is returned again after the same time, which has to be longer than a statement takes.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn unused_contents(
        &self,
        kept: Duration,
        limit: u32,
    ) -> Result<Vec<ContentId>, StoreError> {
        let (kept, limit) = (kept.as_secs_f64(), i64::from(limit));
        loop {
            let rows = self.query(MARK, &[&kept, &limit]).await?;
            let marked: Vec<(Uuid, bool)> =
                rows.iter().map(decode_mark).collect::<Result<_, _>>()?;
            let leaving = marked.iter().filter(|(_, is_leaving)| *is_leaving);
            let leaving: Vec<ContentId> = leaving.map(|(id, _)| ContentId(*id)).collect();
            // Those that are named have left the queue, so each further turn looks at others.
            if rows.is_empty() || !leaving.is_empty() {
                return Ok(leaving);
            }
        }
    }

    /// Deletes a marked content and its pieces, whose objects are deleted. Another content stays as it is.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn delete_content(&self, content: ContentId) -> Result<(), StoreError> {
        while self.execute(DELETE_PIECES, &[&content.0, &PIECES_AT_ONCE]).await? > 0 {}
        self.execute(DELETE_CONTENT, &[&content.0]).await.map(drop)
    }
}

fn decode_mark(row: &Row) -> Result<(Uuid, bool), StoreError> {
    Ok((row.try_get(0)?, row.try_get(1)?))
}
