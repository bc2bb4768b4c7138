//! What is written: the checks of a text, its mentions and its link, and the rates and bytes of its author.
//!
//! Not where it is written (`threads`). Invariant: a text that passed is stored as it is; a person without a right to read
//! it is not mentioned, and the author receives that person's id.

use prost::Message as _;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use tonic::{Code, Status};
use uuid::Uuid;

use super::threads::thread_id;
use super::write_turns::{Place, WriteTurn, WriteTurns};
use crate::edge::auth::Identity;
use crate::edge::errors::{ServiceError, StatusBuilder};
use crate::edge::quotas::Quotas;
use crate::edge::rights::access::{Access, sheet_id};
use gridloom::v1;
use model::allowance::AccountAllowance;
use model::limits::edge::{
    GUEST_MESSAGE_BYTES, MESSAGE_KIB_OF_ACCOUNT, MESSAGE_MENTIONS, MESSAGE_TEXT_BYTES,
    MESSAGES_OF_ACCOUNT, MESSAGES_OF_GUEST, REPORTS_OF_ACCOUNT,
};
use model::people::{CellId, MessageRecord, NewMessage, ThreadId};
use model::{AccountId, Role, SheetId};
use store::{Sent, Store};

const KIB: usize = 1024;

/// Checks what is written, and by how much.
#[derive(Debug)]
pub(super) struct Writing {
    store: Store,
    access: Access,
    quotas: Arc<Quotas>,
    turns: WriteTurns,
    /// Those of marks of what is read.
    marks: WriteTurns,
    messages: AccountAllowance,
    guests: AccountAllowance,
    kib: AccountAllowance,
    reports: AccountAllowance,
}

/// A text with its mentions, as a request has them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draft<'a> {
    pub(super) client: &'a str,
    pub(super) text: &'a str,
    pub(super) mentions: &'a [String],
    pub(super) link: Option<&'a v1::CellLink>,
}

/// A message, and the persons that it names who may not read it.
pub(super) type Written = (MessageRecord, Vec<String>);

impl Writing {
    pub(super) fn new(store: Store, access: Access, quotas: Arc<Quotas>) -> Self {
        let connections = store.call_connections();
        Self {
            store,
            access,
            quotas,
            turns: WriteTurns::new(connections),
            marks: WriteTurns::new(connections),
            messages: AccountAllowance::new(MESSAGES_OF_ACCOUNT),
            guests: AccountAllowance::new(MESSAGES_OF_GUEST),
            kib: AccountAllowance::new(MESSAGE_KIB_OF_ACCOUNT),
            reports: AccountAllowance::new(REPORTS_OF_ACCOUNT),
        }
    }

    /// Checks a text and its mentions. Gives the persons that it mentions.
    pub(super) fn check(&self, draft: Draft<'_>) -> Result<Vec<AccountId>, ServiceError> {
        check_text(draft.text)?;
        if draft.mentions.len() > MESSAGE_MENTIONS {
            let rule = format!("must be {MESSAGE_MENTIONS} at most");
            return Err(ServiceError::malformed("mentions", rule));
        }
        let person = |(at, id): (usize, &String)| {
            let malformed = |_| {
                ServiceError::malformed(format!("mentions[{at}]"), "must be the id of an account")
            };
            id.parse().map_err(malformed)
        };
        let mut persons: Vec<AccountId> =
            draft.mentions.iter().enumerate().map(person).collect::<Result<_, _>>()?;
        persons.sort_unstable();
        persons.dedup();
        Ok(persons)
    }

    /// Takes a message of an account, by its number and its bytes, and checks that it has room.
    pub(super) async fn take(&self, identity: &Identity, bytes: usize) -> Result<(), Status> {
        self.take_change(identity, bytes)?;
        let stored = self.quotas.check_stored(identity.account).await?;
        // A guest owns no sheet, so its bytes are those of its messages.
        let (used, limit) = (stored.used(), GUEST_MESSAGE_BYTES);
        if identity.is_guest && used >= limit {
            return Err(ServiceError::Quota { quota: "guest_messages", used, limit }.into());
        }
        Ok(())
    }

    /// The same for a change that stores no further message.
    pub(super) fn take_change(&self, identity: &Identity, bytes: usize) -> Result<(), Status> {
        let (account, messages) = match identity.is_guest {
            true => (identity.account, &self.guests),
            false => (identity.account, &self.messages),
        };
        let kib = u32::try_from(bytes.div_ceil(KIB)).unwrap_or(u32::MAX);
        let taken = messages.take(account).and_then(|()| self.kib.spend(account, kib));
        taken.map_err(|after| StatusBuilder::rate_limited("messages", after).into())
    }

    /// Waits for a turn to write a message, or a change of one, with its notices.
    pub(super) async fn turn(
        &self,
        account: AccountId,
        place: Place,
    ) -> Result<WriteTurn, ServiceError> {
        self.turns.turn(account, place).await
    }

    /// The same for a mark of what is read: it waits for the counter of its account, which a message to many holds.
    pub(super) async fn mark_turn(
        &self,
        account: AccountId,
        place: Place,
    ) -> Result<WriteTurn, ServiceError> {
        self.marks.turn(account, place).await
    }

    /// Takes a report that an account types or has read something.
    pub(super) fn take_report(&self, account: AccountId) -> Result<(), Status> {
        let taken = self.reports.take(account);
        taken.map_err(|after| StatusBuilder::rate_limited("reports", after).into())
    }

    /// Whether an id of the client names a message of the account.
    pub(super) async fn is_used(
        &self,
        account: AccountId,
        client: &str,
    ) -> Result<bool, ServiceError> {
        // The id counts here, with whatever digest.
        let sent = self.store.sent_message(account, client_id(client)?, [0; 32]).await?;
        Ok(sent.is_some())
    }

    /// The message of an earlier call with the same id of the client, and the persons without access. It takes no rate
    /// and no bytes. An id that names another message of the author is refused.
    pub(super) async fn repeated(
        &self,
        identity: &Identity,
        thread: ThreadId,
        draft: Draft<'_>,
        mentioned: &[AccountId],
    ) -> Result<Option<Written>, Status> {
        let (client, digest) = (client_id(draft.client)?, digest(thread, draft));
        let sent = self.store.sent_message(identity.account, client, digest).await;
        let Some(sent) = sent.map_err(ServiceError::from)? else { return Ok(None) };
        let (_, without_access) = self.readers(thread, mentioned.to_vec()).await?;
        Ok(Some((first(sent)?, without_access)))
    }

    /// The cell of a link, which the author must be able to read.
    pub(super) async fn link(
        &self,
        identity: &Identity,
        link: Option<&v1::CellLink>,
    ) -> Result<Option<(SheetId, CellId)>, Status> {
        let Some(link) = link else { return Ok(None) };
        let unknown =
            || ServiceError::malformed("link.sheet_id", "must be a sheet that you can read");
        let sheet = sheet_id(&link.sheet_id).map_err(|_| unknown())?;
        match self.access.require(identity, sheet, Role::Viewer).await {
            Err(status) if status.code() == Code::NotFound => return Err(unknown().into()),
            other => drop(other?),
        }
        let column = link
            .column_id
            .parse()
            .map_err(|_| ServiceError::malformed("link.column_id", "must be the id of a column"))?;
        let cell = CellId { row: link.row_id, column };
        check_cell(cell, ("link.row_id", "link.column_id"))?;
        Ok(Some((sheet, cell)))
    }

    /// Those of some persons that may read a thread, and the others.
    pub(super) async fn readers(
        &self,
        thread: ThreadId,
        mentioned: Vec<AccountId>,
    ) -> Result<(Vec<AccountId>, Vec<String>), ServiceError> {
        if mentioned.is_empty() {
            return Ok((mentioned, Vec::new()));
        }
        let readers = self.store.readers(thread, &mentioned).await?;
        let others = mentioned.iter().filter(|account| !readers.contains(account));
        let others = others.map(ToString::to_string).collect();
        Ok((readers, others))
    }

    /// Sends a message whose text and link were checked. Gives it, and the persons without access.
    pub(super) async fn send(
        &self,
        identity: &Identity,
        (thread, place): (ThreadId, Place),
        draft: Draft<'_>,
        (mentioned, link): (Vec<AccountId>, Option<(SheetId, CellId)>),
    ) -> Result<Written, Status> {
        let client = client_id(draft.client)?;
        let (mentions, without_access) = self.readers(thread, mentioned).await?;
        let new = NewMessage {
            author: identity.account,
            client,
            digest: digest(thread, draft),
            text: draft.text.to_owned(),
            mentions,
            link,
        };
        let _turn = self.turn(identity.account, place).await?;
        let sent = self.store.send_message(thread, &new).await.map_err(ServiceError::from)?;
        Ok((first(sent)?, without_access))
    }
}

/// The message of the first call with an id of the client.
fn first(sent: Sent) -> Result<MessageRecord, ServiceError> {
    match sent {
        Sent::Message(message) => Ok(*message),
        Sent::OtherContent => {
            let rule = "names another message of yours; make a new id for each message";
            Err(ServiceError::malformed("client_id", rule))
        }
    }
}

/// The id that a client gives a message.
pub(super) fn client_id(given: &str) -> Result<Uuid, ServiceError> {
    let rule = "must be a UUID that you make for each message";
    Uuid::try_parse(given).map_err(|_| ServiceError::malformed("client_id", rule))
}

fn check_text(text: &str) -> Result<(), ServiceError> {
    if text.trim().is_empty() {
        return Err(ServiceError::malformed("text", "must not be empty"));
    }
    if text.len() > MESSAGE_TEXT_BYTES {
        let rule =
            format!("has {} bytes and may have {MESSAGE_TEXT_BYTES}; send it in parts", text.len());
        return Err(ServiceError::malformed("text", rule));
    }
    if text.contains('\0') {
        return Err(ServiceError::malformed("text", "must not hold a NUL character"));
    }
    Ok(())
}

/// Ids of the engine are at least 1, and fit the tables.
pub(super) fn check_cell(cell: CellId, names: (&str, &str)) -> Result<(), ServiceError> {
    let fits = |id: u64| (1..=i64::MAX.unsigned_abs()).contains(&id);
    match (fits(cell.row), fits(cell.column)) {
        (false, _) => Err(ServiceError::malformed(names.0, "must be the id of a row")),
        (_, false) => Err(ServiceError::malformed(names.1, "must be the id of a column")),
        _ => Ok(()),
    }
}

/// One id of a client names one request.
fn digest(thread: ThreadId, draft: Draft<'_>) -> [u8; 32] {
    let request = v1::SendMessageRequest {
        thread_id: thread.to_string(),
        client_id: draft.client.to_owned(),
        text: draft.text.to_owned(),
        mentions: draft.mentions.to_vec(),
        link: draft.link.cloned(),
        ..v1::SendMessageRequest::default()
    };
    Sha256::digest(request.encode_to_vec()).into()
}

/// The thread and the number of a message in a request.
pub(super) fn message_at(thread: &str, number: u64) -> Result<(ThreadId, u64), ServiceError> {
    let thread = thread_id(thread)?;
    match i64::try_from(number) {
        Ok(1..) => Ok((thread, number)),
        _ => Err(ServiceError::NotFound("message")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_neither_empty_nor_too_long() {
        for bad in ["", " \n\t", "a\0b", &"x".repeat(MESSAGE_TEXT_BYTES + 1)] {
            assert!(check_text(bad).is_err(), "{bad:?}");
        }
        for good in ["a", "two\nlines", &"é".repeat(MESSAGE_TEXT_BYTES / 2)] {
            assert!(check_text(good).is_ok());
        }
    }

    #[test]
    fn each_part_of_a_request_is_in_its_digest() {
        let thread = ThreadId(Uuid::from_u128(1));
        let (mentions, link) = (["a".to_owned()], v1::CellLink::default());
        let draft = Draft { client: "1", text: "a", mentions: &[], link: None };
        let others = [
            (thread, Draft { client: "2", ..draft }),
            (thread, Draft { text: "b", ..draft }),
            (thread, Draft { mentions: &mentions, ..draft }),
            (thread, Draft { link: Some(&link), ..draft }),
            (ThreadId(Uuid::from_u128(2)), draft),
        ];
        assert_eq!(digest(thread, draft), digest(thread, draft));
        for (thread, other) in others {
            assert_ne!(
                digest(thread, other),
                digest(ThreadId(Uuid::from_u128(1)), draft),
                "{other:?}"
            );
        }
    }
}
