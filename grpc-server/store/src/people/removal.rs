//! The messages and threads that go: those of a purged sheet, of a deleted comment, and of two deleted accounts; and
//! comments without a message.
//!
//! Not what decides so. Invariants: a statement deletes a bounded number of rows, and a run that ends in the middle is
//! continued by the next; the bytes of a message count for its author until it is deleted.

use tokio_postgres::types::ToSql;

use crate::{Store, StoreError};
use model::SheetId;
use model::limits::edge::MESSAGE_OVERHEAD_BYTES;
use model::people::ThreadId;

/// Rows that one statement deletes at most.
const AT_ONCE: i64 = 5_000;

/// Deletes messages, and subtracts their bytes from those of their authors, whose rows are locked in the order of ids.
macro_rules! messages_of {
    ($threads:literal) => {
        concat!(
            "with gone as (
                delete from messages where ctid = any(array(
                    select messages.ctid from threads join messages on messages.thread = threads.id
                    where ",
            $threads,
            " limit $1))
                returning author, octet_length(text) + $2::bigint as bytes
            ), sums as (
                select author, sum(bytes)::bigint as bytes from gone where author is not null group by author
            ), held as (
                select account from message_bytes where account in (select author from sums)
                order by account for update
            ), counted as (
                update message_bytes set bytes = greatest(0, message_bytes.bytes - sums.bytes)
                from sums join held on held.account = sums.author where message_bytes.account = sums.author
            )
            select count(*) from gone"
        )
    };
}

const MESSAGES_OF_SHEET: &str = messages_of!("threads.sheet = $3");

const MESSAGES_OF_COMMENT: &str =
    messages_of!("threads.id = $3 and threads.deleted_at is not null");

const MESSAGES_OF_DELETED: &str = messages_of!("threads.deleted_at is not null");

/// Those of two accounts that are deleted, which no one can read.
const MESSAGES_OF_NONE: &str =
    messages_of!("threads.kind = 'persons' and threads.low is null and threads.high is null");

/// The row of a deleted comment stays for an hour, so that the call that made it, sent again, makes no second one.
const DELETED: &str = "
    delete from threads where id = any(array(
        select id from threads where deleted_at < now() - interval '1 hour'
            and not exists (select from messages where messages.thread = threads.id)
        limit $1))";

/// The call that made such a thread was cut before its message. Sent again, it makes the thread again.
const WITHOUT_MESSAGE: &str = "
    delete from threads where id = any(array(
        select id from threads
        where kind = 'comment' and last = 0 and created_at < now() - interval '1 hour' limit $1))
        and last = 0";

const OF_NONE: &str = "
    delete from threads where id = any(array(
        select id from threads where kind = 'persons' and low is null and high is null limit $1))";

impl Store {
    /// Deletes what no one can read any more: the threads of two accounts that are deleted, comments that were deleted, and
    /// those that never had a message.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn forget_threads(&self) -> Result<(), StoreError> {
        for sql in [MESSAGES_OF_NONE, MESSAGES_OF_DELETED] {
            self.forget_messages(sql, None).await?;
        }
        for sql in [OF_NONE, DELETED, WITHOUT_MESSAGE] {
            while self.execute(sql, &[&AT_ONCE]).await? > 0 {}
        }
        Ok(())
    }

    /// Deletes the messages of a comment that was deleted.
    pub(super) async fn forget_comment(&self, thread: ThreadId) -> Result<(), StoreError> {
        self.forget_messages(MESSAGES_OF_COMMENT, Some(&thread.0)).await
    }

    /// Deletes the messages of a sheet that is gone.
    pub(crate) async fn forget_messages_of(&self, sheet: SheetId) -> Result<(), StoreError> {
        self.forget_messages(MESSAGES_OF_SHEET, Some(&sheet.0)).await
    }

    async fn forget_messages(
        &self,
        sql: &'static str,
        of: Option<&(dyn ToSql + Sync)>,
    ) -> Result<(), StoreError> {
        let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![&AT_ONCE, &MESSAGE_OVERHEAD_BYTES];
        parameters.extend(of);
        while self.query_one(sql, &parameters).await?.try_get::<_, i64>(0)? > 0 {}
        Ok(())
    }
}
