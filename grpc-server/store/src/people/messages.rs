//! Messages: sent, listed, edited, deleted.
//!
//! Not which role a write needs elsewhere. Invariants: one statement gives a message its number, counts its bytes and
//! writes its notices, where its author has the role after the wait for the thread; a message of an author with a known id
//! of the client is not written again.

use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::decode::{message, message_at};
use super::threads::cell_to_sql;
use crate::error::violated_unique;
use crate::sql::{check_text, from_bigint, to_bigint};
use crate::{QUERY_TIMEOUT, Store, StoreError};
use model::AccountId;
use model::limits::edge::{AUDIENCE_MOST, MESSAGE_OVERHEAD_BYTES};
use model::people::{MessageRecord, NewMessage, ThreadId};

/// The message that an author sent under an id of the client, and the digest of its request.
const SENT: &str = concat!(
    "select ",
    message!(),
    ", messages.digest from messages where author = $1 and client_id = $2"
);

/// Locks the thread until the commit, then the role of the author, then the counters of the accounts that receive a notice,
/// in the order of their ids. `audience` and `has_written` read after the wait for the thread: what a message before this
/// one has committed counts.
const SEND: &str = "
    with held as (
        select id, sheet from threads where id = $1 and deleted_at is null for no key update
    ), thread as (
        update threads set last = last + 1, last_at = greatest(last_at, clock_timestamp())
        from held
        where threads.id = held.id and (held.sheet is null or holds_role(held.sheet, $2::uuid, 'commenter'))
        returning threads.id, kind, threads.sheet, last, last_at
    ), message as (
        insert into messages (thread, number, author, client_id, digest, text, mentions, mention_names, link_sheet,
            link_row, link_column, sent_at)
        select id, last, $2::uuid, $3::uuid, $4::bytea, $5::text, $6::uuid[],
            mention_names($6::uuid[], $5::text, '{}', '{}'), $7::uuid, $8::bigint, $9::bigint, last_at
        from thread
        returning number
    ), member as (
        insert into thread_members (account, thread, wrote) select $2::uuid, id, true from thread
        on conflict (account, thread) do update set wrote = true where not thread_members.wrote
    ), counted as (
        insert into message_bytes (account, bytes)
        select $2::uuid, octet_length($5::text) + $10::bigint from thread
        on conflict (account) do update set bytes = message_bytes.bytes + excluded.bytes
    ), noted as (
        select notify_account(account, kind, kind <> 'message', $2, sheet, id, last, null) as account from (
            select people.account, thread.id, thread.sheet, thread.last,
                case when people.account <> $2 and people.account = any($6::uuid[]) then 'mention'
                    when people.account <> $2 and thread.kind = 'comment' and has_written(thread.id, people.account)
                    then 'comment' else 'message' end as kind
            from thread cross join lateral (
                select audience(thread.id, $11::bigint) union select unnest($6::uuid[]) union select $2::uuid
            ) as people (account)
            order by people.account
        ) as sorted
    )
    select (select number from message), array(select account from noted)";

/// Bound: a text of the most bytes with its mentions for each of `limit` messages.
const LIST: &str = concat!(
    "select ",
    message!(),
    " from messages where thread = $1 and ($2::bigint = 0 or number < $2) order by number desc limit $3"
);

const ONE: &str =
    concat!("select ", message!(), " from messages where thread = $1 and number = $2");

/// An edit keeps the number; it notifies as a message does, and the persons that were mentioned before. Persons that were
/// not mentioned before receive a mention. `before` locks the message, so it has the text of the last edit that committed.
const EDIT: &str = "
    with held as (
        select id, sheet from threads where id = $1 and deleted_at is null for no key update
    ), thread as (
        select id, sheet from held where sheet is null or holds_role(sheet, $3::uuid, 'commenter')
    ), before as (
        select messages.thread, text, mentions, mention_names from messages, thread
        where messages.thread = thread.id and number = $2
        for update of messages
    ), message as (
        update messages set text = $4::text, mentions = $5::uuid[], edited_at = clock_timestamp(),
            mention_names = mention_names($5::uuid[], $4::text, before.mentions, before.mention_names)
        from before where messages.thread = before.thread and number = $2 and author = $3 and deleted_at is null
        returning number
    ), counted as (
        update message_bytes
        set bytes = greatest(0, message_bytes.bytes + octet_length($4::text) - octet_length(before.text))
        from before, message where account = $3
    ), noted as (
        select notify_account(account, kind, kind <> 'message', $3::uuid, sheet, id, $2::bigint, null) as account from (
            select people.account, thread.id, thread.sheet,
                case when people.account <> $3 and people.account = any($5::uuid[])
                    and people.account <> all(before.mentions) then 'mention' else 'message' end as kind
            from thread, before, message cross join lateral (
                select audience(thread.id, $6::bigint) union select unnest($5::uuid[])
                union select unnest(before.mentions) union select $3::uuid
            ) as people (account)
            order by people.account
        ) as sorted
    )
    select (select number from message), array(select account from noted)";

/// A deleted message stays as a place without a text. `before` locks it, as for an edit.
const DELETE: &str = "
    with held as (
        select id, sheet from threads where id = $1 and deleted_at is null for no key update
    ), thread as (
        select id, sheet from held where sheet is null or holds_role(sheet, $3::uuid, 'viewer')
    ), before as (
        select messages.thread, text, mentions from messages, thread
        where messages.thread = thread.id and number = $2
        for update of messages
    ), message as (
        update messages set text = '', mentions = '{}', mention_names = '{}', link_sheet = null, link_row = null, link_column = null,
            deleted_at = clock_timestamp()
        from before where messages.thread = before.thread and number = $2 and author = $3 and deleted_at is null
        returning number
    ), counted as (
        update message_bytes set bytes = greatest(0, message_bytes.bytes - octet_length(before.text))
        from before, message where account = $3
    ), noted as (
        select notify_account(account, 'message', false, $3::uuid, sheet, id, $2::bigint, null) as account from (
            select people.account, thread.id, thread.sheet
            from thread, before, message cross join lateral (
                select audience(thread.id, $4::bigint) union select unnest(before.mentions) union select $3::uuid
            ) as people (account)
            order by people.account
        ) as sorted
    )
    select (select number from message), array(select account from noted)";

/// What became of a message that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It is in its thread, now or since an earlier call.
    Message(Box<MessageRecord>),
    /// The id of the client names another message of the author.
    OtherContent,
}

impl Store {
    /// Sends a message, once for each id of its client.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]: the thread or the role of the author is gone; [`StoreError::Invalid`],
    /// [`StoreError::Unavailable`].
    pub async fn send_message(
        &self,
        thread: ThreadId,
        new: &NewMessage,
    ) -> Result<Sent, StoreError> {
        check_text(&new.text)?;
        if let Some(sent) = self.sent_message(new.author, new.client, new.digest).await? {
            return Ok(sent);
        }
        let mentions: Vec<Uuid> = new.mentions.iter().map(|account| account.0).collect();
        let sheet = new.link.map(|(sheet, _)| sheet.0);
        let (row, column) = new.link.map(|(_, cell)| cell_to_sql(cell)).transpose()?.unzip();
        let digest = new.digest.as_slice();
        let parameters: [&(dyn ToSql + Sync); 11] = [
            &thread.0,
            &new.author.0,
            &new.client,
            &digest,
            &new.text,
            &mentions,
            &sheet,
            &row,
            &column,
            &MESSAGE_OVERHEAD_BYTES,
            &AUDIENCE_MOST,
        ];
        match self.write(SEND, &parameters).await? {
            Written::Number(number) => {
                let message = self.message(thread, number).await?;
                let message = message.ok_or(StoreError::NotFound("thread"))?;
                Ok(Sent::Message(Box::new(message)))
            }
            Written::Nothing => Err(StoreError::NotFound("thread")),
            // A call beside this one has sent it.
            Written::Taken => {
                let sent = self.sent_message(new.author, new.client, new.digest).await?;
                sent.ok_or_else(|| {
                    StoreError::Unavailable("a message was sent twice at once".into())
                })
            }
        }
    }

    /// The message of an earlier call of an author with the same id of the client.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn sent_message(
        &self,
        author: AccountId,
        client: Uuid,
        digest: [u8; 32],
    ) -> Result<Option<Sent>, StoreError> {
        let Some(row) = self.query_opt(SENT, &[&author.0, &client]).await? else {
            return Ok(None);
        };
        let of_first: &[u8] = row.try_get(super::decode::MESSAGE_COLUMNS)?;
        if of_first != digest {
            return Ok(Some(Sent::OtherContent));
        }
        Ok(message_at(&row, 0)?.map(|message| Sent::Message(Box::new(message))))
    }

    /// A message.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn message(
        &self,
        thread: ThreadId,
        number: u64,
    ) -> Result<Option<MessageRecord>, StoreError> {
        let row = self.query_opt(ONE, &[&thread.0, &to_bigint(number)?]).await?;
        row.map_or(Ok(None), |row| message_at(&row, 0))
    }

    /// The messages of a thread, the newest first; those before a number, unless that is 0.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn messages(
        &self,
        thread: ThreadId,
        before: u64,
        limit: u32,
    ) -> Result<Vec<MessageRecord>, StoreError> {
        let before = to_bigint(before)?;
        let rows = self.query(LIST, &[&thread.0, &before, &i64::from(limit)]).await?;
        rows.iter().filter_map(|row| message_at(row, 0).transpose()).collect()
    }

    /// Replaces the text of an own message. `None`: there is no such message of the author, it is deleted, or the role of
    /// the author has ended.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], [`StoreError::Unavailable`].
    pub async fn edit_message(
        &self,
        (thread, number): (ThreadId, u64),
        author: AccountId,
        text: &str,
        mentions: &[AccountId],
    ) -> Result<Option<MessageRecord>, StoreError> {
        check_text(text)?;
        let mentions: Vec<Uuid> = mentions.iter().map(|account| account.0).collect();
        let at = to_bigint(number)?;
        let parameters: [&(dyn ToSql + Sync); 6] =
            [&thread.0, &at, &author.0, &text, &mentions, &AUDIENCE_MOST];
        match self.write(EDIT, &parameters).await? {
            Written::Number(number) => self.message(thread, number).await,
            _ => Ok(None),
        }
    }

    /// Deletes an own message. `None`: there is no such message of the author, it is deleted already, or the author may not
    /// read it any more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn delete_message(
        &self,
        (thread, number): (ThreadId, u64),
        author: AccountId,
    ) -> Result<Option<MessageRecord>, StoreError> {
        let at = to_bigint(number)?;
        let parameters: [&(dyn ToSql + Sync); 4] = [&thread.0, &at, &author.0, &AUDIENCE_MOST];
        match self.write(DELETE, &parameters).await? {
            Written::Number(number) => self.message(thread, number).await,
            _ => Ok(None),
        }
    }

    /// Runs a statement that writes one message and its notices.
    pub(super) async fn write(
        &self,
        sql: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Written, StoreError> {
        let connection = self.connection().await?;
        let query = async {
            let statement = connection.prepare_cached(sql).await?;
            // Distinguished here, while the name of the index is known.
            Ok::<_, tokio_postgres::Error>(connection.query_one(&statement, parameters).await)
        };
        let row = match connection.within(QUERY_TIMEOUT, query).await? {
            Ok(row) => row,
            Err(error) if violated_unique(&error) == Some("messages_once") => {
                return Ok(Written::Taken);
            }
            Err(error) => return Err(error.into()),
        };
        self.hint(&row.try_get::<_, Vec<Uuid>>(1)?);
        let number: Option<i64> = row.try_get(0)?;
        number.map_or(Ok(Written::Nothing), |number| Ok(Written::Number(from_bigint(number)?)))
    }
}

/// What a statement on a message has done.
pub(super) enum Written {
    /// It wrote the message of this number.
    Number(u64),
    /// There is nothing to write to.
    Nothing,
    /// The id of the client is taken.
    Taken,
}
