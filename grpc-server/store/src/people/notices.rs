//! The notices of an account: what its streams send after a read point, its list, and what is deleted of them.
//!
//! Not what causes a notice: `notify_account` writes it in the statement of its cause. Invariant: what one statement
//! reads of an account after a number is all that committed after it, since numbers have the order of commits.

use std::time::Duration;

use serde_json::Value;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::decode::{
    MESSAGE_COLUMNS, THREAD_COLUMNS, message, message_at, named, thread, thread_at, thread_kind,
};
use crate::sql::{Micros, from_bigint, to_bigint, u32_from_bigint};
use crate::{Store, StoreError};
use model::limits::edge::{UNREAD_LOOKED_AT, UNREAD_MOST};
use model::people::{
    CellId, EndedJob, NoticeEvent, NoticeHead, NoticeKind, NoticeRecord, ThreadId, ThreadKind,
    ThreadPlace, ThreadRecord,
};
use model::{AccountId, FileId, SheetId};

/// Notices that one statement deletes at most.
const DELETED: i64 = 5_000;

/// A notice counts as unread where the list shows it: see `notice!`. The newest unread ones are looked at, and the role on
/// each sheet is looked up once.
/// Bound: three numbers and a count.
const HEAD: &str = "
    with unread as materialized (
        select kind, sheet, file from (
            select kind, sheet, thread,
                case when kind = 'share' then (detail ->> 'file')::uuid end as file
            from notices where account = $1 and listed and number > coalesce((
                select read from notice_heads where account = $1), 0)
            order by number desc limit $3
        ) as newest
        where thread is null or exists (
            select from threads where threads.id = newest.thread and deleted_at is null)
    ), seen as materialized (
        select id from sheets
        where id in (select sheet from unread where kind <> 'role') and deleted_at is null
            and role_on(id, $1) is not null
    )
    select coalesce(max(last), 0), coalesce(max(dropped), 0), coalesce(max(read), 0), (
        select count(*) from (
            select from unread
            where kind = 'role' or sheet in (select id from seen)
                or sheet is null and (file is null or file_role_on(file, $1) is not null)
            limit $2
        ) as counted)
    from notice_heads where account = $1";

/// Bound: an id and a number for each account that is given.
const LASTS: &str = "select account, last from notice_heads where account = any($1)";

/// A notice of a sheet or a file is shown to an account with a role there; that of a role that ended is shown in any case. Of a
/// comment that was deleted, only that is shown.
macro_rules! notice {
    () => {
        concat!(
            "notices.number, notices.kind, notices.listed, notices.at, notices.actor, actor.display_name,
            actor.color, notices.sheet, coalesce(notices.detail ->> 'sheet', sheets.name), notices.detail,
            case when notices.kind = 'share' and notices.detail ? 'file'
                    then file_role_on((notices.detail ->> 'file')::uuid, notices.account) is not null
                when notices.kind = 'role' or notices.sheet is null then true
                when notices.kind <> 'thread' and notices.thread is not null
                    and (threads.id is null or threads.deleted_at is not null) then false
                else sheets.deleted_at is null and role_on(notices.sheet, notices.account) is not null end, ",
            thread!(),
            ", ",
            message!()
        )
    };
}

macro_rules! joined {
    () => {
        "left join accounts as actor on actor.id = notices.actor
        left join sheets on sheets.id = notices.sheet
        left join threads on threads.id = notices.thread
        left join messages on messages.thread = notices.thread and messages.number = notices.message"
    };
}

/// What has a number after a read point: a notice with all that it shows, or a mark of what is read. One statement, since a
/// notice that is deleted between two would be neither shown nor counted as deleted.
/// Bound: a text of the most bytes with its mentions, and three names, for each of `limit` events.
const AFTER: &str = concat!(
    "select ",
    notice!(),
    ", event.number, event.what, event.member, event.read,
        (select dropped from notice_heads where account = $1)
    from (
        select number, what, member, read from (
            select number, 'notice' as what, null::uuid as member, 0::bigint as read
            from notices where account = $1 and number > $2
            union all
            select number, 'thread', thread, read from thread_members where account = $1 and number > $2
            union all
            select read_number, 'notices', null, read from notice_heads
            where account = $1 and read_number > $2
        ) as any_event
        order by number limit $3
    ) as event
    left join notices
        on notices.account = $1 and notices.number = event.number and event.what = 'notice' ",
    joined!(),
    " order by event.number"
);

/// Bound: a text of the most bytes with its mentions, and three names, for each of `limit` notices.
const LIST: &str = concat!(
    "select ",
    notice!(),
    " from notices ",
    joined!(),
    " where notices.account = $1 and notices.listed and ($2::bigint = 0 or notices.number < $2)
    order by notices.number desc limit $3"
);

/// Among the newest 1,000 after the read point, as the list of threads counts them.
/// Bound: an id, a kind and a count for each thread that is given.
const UNREAD: &str = "
    select given.thread, (select kind from threads where id = given.thread), (select count(*) from (
        select from (
            select author, deleted_at from messages
            where messages.thread = given.thread and messages.number > given.read
            order by messages.number desc limit 1000
        ) as newest
        where newest.author is distinct from $1 and newest.deleted_at is null
        limit $4
    ) as counted)
    from unnest($2::uuid[], $3::bigint[]) as given (thread, read)";

/// Locks the counters in the order of accounts, as the statement that sends a message does.
const FORGET: &str = "
    with old as (
        select account, number from notices where at < now() - make_interval(secs => $1) order by at limit $2
    ), held as (
        select account from notice_heads where account in (select account from old) order by account for update
    ), gone as (
        delete from notices using old left join held on held.account = old.account
        where notices.account = old.account and notices.number = old.number
        returning notices.account, notices.number
    ), counted as (
        select account, max(number) as number from gone group by account
    )
    update notice_heads set dropped = greatest(dropped, counted.number)
    from counted where notice_heads.account = counted.account";

/// Those of addresses without an account, and of accounts that were deleted by their owners or are gone. A counter goes in
/// the statement after the one that deletes its last notice.
const FORGET_OF_NONE: &str = "
    with gone as (
        select account from notice_heads
        where not exists (select from accounts
            where accounts.id = notice_heads.account and accounts.ended_at is null)
        order by account limit $1 for update
    ), old as (
        select notices.account, notices.number from gone join notices on notices.account = gone.account limit $1
    ), deleted as (
        delete from notices using old
        where notices.account = old.account and notices.number = old.number
        returning notices.number
    ), heads as (
        delete from notice_heads using gone
        where notice_heads.account = gone.account
            and not exists (select from notices where notices.account = gone.account)
        returning notice_heads.account
    )
    select (select count(*) from deleted) + (select count(*) from heads)";

/// Where the columns of a notice's thread begin.
const THREAD: usize = 11;
/// Where the columns of an event begin: those of a notice are before them.
const EVENT: usize = THREAD + THREAD_COLUMNS + MESSAGE_COLUMNS;

/// What an account receives after a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticesAfter {
    /// Some notices up to this number were deleted.
    pub dropped: u64,
    /// The events by their numbers.
    pub events: Vec<(u64, NoticeEvent)>,
}

impl Store {
    /// Where the notices of an account stand.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn notice_head(&self, account: AccountId) -> Result<NoticeHead, StoreError> {
        let row = self.query_one(HEAD, &[&account.0, &UNREAD_MOST, &UNREAD_LOOKED_AT]).await?;
        Ok(NoticeHead {
            last: from_bigint(row.try_get(0)?)?,
            dropped: from_bigint(row.try_get(1)?)?,
            read: from_bigint(row.try_get(2)?)?,
            unread: u32_from_bigint(row.try_get(3)?)?,
        })
    }

    /// The last number of each of some accounts that have one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn last_notices(
        &self,
        accounts: &[AccountId],
    ) -> Result<Vec<(AccountId, u64)>, StoreError> {
        let accounts: Vec<Uuid> = accounts.iter().map(|account| account.0).collect();
        let rows = self.query(LASTS, &[&accounts]).await?;
        let last = |row: &Row| Ok((AccountId(row.try_get(0)?), from_bigint(row.try_get(1)?)?));
        rows.iter().map(last).collect()
    }

    /// What an account receives after a number, in the order of commits, `limit` events at most.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn notices_after(
        &self,
        account: AccountId,
        after: u64,
        limit: u32,
    ) -> Result<NoticesAfter, StoreError> {
        let after = to_bigint(after)?;
        let rows = self.query(AFTER, &[&account.0, &after, &i64::from(limit)]).await?;
        let unread = self.unread(account, &rows).await?;
        let mut events = Vec::with_capacity(rows.len());
        for row in &rows {
            let read = from_bigint(row.try_get(EVENT + 3)?)?;
            let event = match (row.try_get(EVENT + 1)?, row.try_get::<_, Option<Uuid>>(EVENT + 2)?)
            {
                ("notice", _) if is_shown(row) => NoticeEvent::Notice(Box::new(notice(row)?)),
                ("notice", _) => NoticeEvent::Hidden,
                (_, Some(thread)) => {
                    let found = unread.iter().find(|(id, ..)| *id == thread);
                    let (kind, unread) =
                        found.map_or((None, 0), |(_, kind, count)| (*kind, *count));
                    let thread = ThreadId(thread);
                    NoticeEvent::ThreadRead { thread, kind, through: read, unread }
                }
                (_, None) => {
                    let NoticeHead { read: through, unread, .. } =
                        self.notice_head(account).await?;
                    NoticeEvent::NoticesRead { through, unread }
                }
            };
            events.push((from_bigint(row.try_get(EVENT)?)?, event));
        }
        let dropped = rows.first().map_or(Ok(0), |row| from_bigint(row.try_get(EVENT + 4)?))?;
        Ok(NoticesAfter { dropped, events })
    }

    /// The kinds of the threads among the events, and what is unread of them.
    async fn unread(
        &self,
        account: AccountId,
        events: &[Row],
    ) -> Result<Vec<(Uuid, Option<ThreadKind>, u32)>, StoreError> {
        let (mut threads, mut read) = (Vec::new(), Vec::new());
        for row in events {
            if let Some(thread) = row.try_get::<_, Option<Uuid>>(EVENT + 2)? {
                threads.push(thread);
                read.push(row.try_get::<_, i64>(EVENT + 3)?);
            }
        }
        if threads.is_empty() {
            return Ok(Vec::new());
        }
        let parameters: [&(dyn ToSql + Sync); 4] = [&account.0, &threads, &read, &UNREAD_MOST];
        let rows = self.query(UNREAD, &parameters).await?;
        let unread = |row: &Row| {
            let kind = row.try_get::<_, Option<&str>>(1)?.map(thread_kind).transpose()?;
            Ok((row.try_get(0)?, kind, u32_from_bigint(row.try_get(2)?)?))
        };
        rows.iter().map(unread).collect()
    }

    /// The listed notices of an account, the newest first; those before a number, unless that is 0. With the number of
    /// the last one that was looked at, which may be hidden.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn notices(
        &self,
        account: AccountId,
        before: u64,
        limit: u32,
    ) -> Result<(Vec<NoticeRecord>, Option<u64>), StoreError> {
        let before = to_bigint(before)?;
        let rows = self.query(LIST, &[&account.0, &before, &i64::from(limit)]).await?;
        let is_full = rows.len() >= limit as usize;
        let last = rows.last().filter(|_| is_full);
        let last = last.map(|row| from_bigint(row.try_get(0)?)).transpose()?;
        Ok((shown(&rows)?, last))
    }

    /// Deletes the notices that are older than `age`, and those of no account.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn forget_notices(&self, age: Duration) -> Result<(), StoreError> {
        let seconds = age.as_secs_f64();
        while self.execute(FORGET, &[&seconds, &DELETED]).await? > 0 {}
        while self.query_one(FORGET_OF_NONE, &[&DELETED]).await?.try_get::<_, i64>(0)? > 0 {}
        Ok(())
    }
}

/// The notices of rows that their account may see.
fn shown(rows: &[Row]) -> Result<Vec<NoticeRecord>, StoreError> {
    rows.iter().filter(|row| is_shown(row)).map(notice).collect()
}

fn is_shown(row: &Row) -> bool {
    row.try_get(THREAD - 1).unwrap_or(false)
}

fn notice(row: &Row) -> Result<NoticeRecord, StoreError> {
    let kind = kind_from_sql(row.try_get(1)?)?;
    let (sheet, name): (Option<Uuid>, Option<&str>) = (row.try_get(7)?, row.try_get(8)?);
    let detail: Option<Value> = row.try_get(9)?;
    let text = |name: &str| Some(detail.as_ref()?.get(name)?.as_str()?.to_owned());
    let job = text("job").map(|id| EndedJob {
        id,
        name: text("name").unwrap_or_default(),
        state: text("state").unwrap_or_default(),
        is_listed: detail.as_ref().and_then(|it| it.get("listed")?.as_bool()).unwrap_or(false),
        made_file: text("made_file").and_then(|id| id.parse().ok()),
        made_sheet: text("made_sheet").and_then(|id| Uuid::try_parse(&id).ok()).map(SheetId),
    });
    let file = text("file").and_then(|id| id.parse::<FileId>().ok());
    let deleted = detail.as_ref().and_then(deleted_comment);
    Ok(NoticeRecord {
        number: from_bigint(row.try_get(0)?)?,
        kind,
        listed: row.try_get(2)?,
        at_micros: row.try_get::<_, Micros>(3)?.0,
        actor: named(row, 4)?,
        sheet: sheet.map(|id| (SheetId(id), name.unwrap_or_default().into())),
        file: file.map(|id| (id, text("name").unwrap_or_default().into())),
        role: text("role").and_then(|role| role.parse().ok()),
        thread: thread_at(row, THREAD)?.or(deleted),
        message: message_at(row, THREAD + THREAD_COLUMNS)?,
        job,
    })
}

/// The comment that a notice names whose row is gone.
fn deleted_comment(detail: &Value) -> Option<ThreadRecord> {
    let text = |name: &str| detail.get(name)?.as_str();
    let number = |name: &str| text(name)?.parse().ok();
    let cell = CellId { row: number("row")?, column: number("column")? };
    let sheet = SheetId(Uuid::try_parse(text("sheet_id")?).ok()?);
    Some(ThreadRecord {
        id: text("thread")?.parse().ok()?,
        place: ThreadPlace::Cell(sheet, cell),
        last: 0,
        resolved_micros: None,
        made_micros: 0,
        is_deleted: true,
    })
}

fn kind_from_sql(name: &str) -> Result<NoticeKind, StoreError> {
    Ok(match name {
        "message" => NoticeKind::Message,
        "thread" => NoticeKind::Thread,
        "mention" => NoticeKind::Mention,
        "comment" => NoticeKind::Comment,
        "share" => NoticeKind::Share,
        "role" => NoticeKind::Role,
        "job" => NoticeKind::Job,
        other => return Err(StoreError::Corrupt(format!("a notice of kind {other}"))),
    })
}
