//! `gridloom.v1.ChatService`: messages between two persons, and in one thread for each sheet.
//!
//! Not the order of messages, which their commits give (the store). Invariant: `threads` has allowed each use of a thread.

use std::sync::Arc;

use gridloom::v1;
use gridloom::v1::chat_service_server::ChatService;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::hub::Hub;
use super::pages::{NumberPlace, PageSizes, TimePlace};
use super::text::{Draft, Writing, message_at};
use super::threads::{Target, Threads, Use};
use super::wire;
use super::write_turns::Place;
use crate::edge::auth::{Auth, Identity};
use crate::edge::errors::ServiceError;
use crate::edge::pages::Paged;
use model::AccountRecord;
use model::limits::edge::TYPING_AUDIENCE;
use model::people::{ListedThread, MessageRecord, Named, ThreadId};
use store::Store;

/// Serves messages.
#[derive(Debug)]
pub(super) struct Chat {
    store: Store,
    threads: Threads,
    writing: Arc<Writing>,
    auth: Arc<Auth>,
    hub: Hub,
    page: PageSizes,
}

impl Chat {
    pub(super) fn new(
        store: Store,
        threads: Threads,
        writing: Arc<Writing>,
        (auth, hub): (Arc<Auth>, Hub),
        page: PageSizes,
    ) -> Self {
        Self { store, threads, writing, auth, hub, page }
    }

    async fn list(
        &self,
        identity: &Identity,
        request: &v1::ListThreadsRequest,
    ) -> Result<v1::ListThreadsResponse, Status> {
        let size = self.page.items(request.page_size);
        let before = request.place()?.map(TimePlace::pair);
        // One thread more than requested shows whether there is a next page.
        let listed = self.store.threads_of(identity.account, before, size + 1).await;
        let listed = listed.map_err(ServiceError::from)?;
        let place =
            |last: &ListedThread| TimePlace { at_micros: last.last_micros, thread: last.thread.id };
        let wire = |thread| wire::thread(thread, identity.account);
        let (threads, next_page_token) = self.page.page(request, (listed, size), place, wire);
        Ok(v1::ListThreadsResponse { threads, next_page_token })
    }

    async fn messages(
        &self,
        identity: &Identity,
        request: &v1::ListMessagesRequest,
    ) -> Result<v1::ListMessagesResponse, Status> {
        let v1::ListMessagesRequest { sheet_id, person_id, thread_id, .. } = request;
        let target = Target::of(sheet_id, person_id, thread_id)?;
        let found = self.threads.find(identity, target, Use::Read).await?;
        let size = self.page.items(request.page_size);
        let before = NumberPlace::number(request.place()?);
        let Some(thread) = found.record else { return Ok(Default::default()) };
        let messages = self.store.messages(thread.id, before, size + 1).await;
        let messages = messages.map_err(ServiceError::from)?;
        let place = |last: &MessageRecord| NumberPlace(last.number);
        let (messages, next_page_token) =
            self.page.page(request, (messages, size), place, wire::message);
        let read = self.store.read_of_thread(identity.account, thread.id).await;
        Ok(v1::ListMessagesResponse {
            messages,
            next_page_token,
            thread_id: thread.id.to_string(),
            read: read.map_err(ServiceError::from)?,
        })
    }

    async fn send(
        &self,
        identity: &Identity,
        request: &v1::SendMessageRequest,
    ) -> Result<v1::SendMessageResponse, Status> {
        let v1::SendMessageRequest { sheet_id, person_id, thread_id, .. } = request;
        let target = Target::of(sheet_id, person_id, thread_id)?;
        let mut found = self.threads.find(identity, target, Use::Write).await?;
        let v1::SendMessageRequest { client_id, text, mentions, link, .. } = request;
        let draft = Draft { client: client_id, text, mentions, link: link.as_ref() };
        let mentioned = self.writing.check(draft)?;
        if found.record.is_none() && self.writing.is_used(identity.account, client_id).await? {
            // The first call has made the thread meanwhile, or the message is in another thread.
            found = self.threads.find(identity, target, Use::Write).await?;
        }
        let thread = found.record.map_or(ThreadId(Uuid::nil()), |record| record.id);
        let repeated = self.writing.repeated(identity, thread, draft, &mentioned).await?;
        let (message, without_access) = match repeated {
            Some(written) => written,
            None => {
                let link = self.writing.link(identity, draft.link).await?;
                self.writing.take(identity, text.len()).await?;
                let thread = self.threads.made(identity, found).await?;
                let place = Place::of(thread.id, thread.place);
                let at = (thread.id, place);
                let _changing = self.hub.changing(&thread.place);
                let sent = self.writing.send(identity, at, draft, (mentioned, link)).await;
                self.threads.or_refused(identity, thread.id, sent).await?
            }
        };
        Ok(v1::SendMessageResponse { message: Some(wire::message(message)), without_access })
    }

    async fn edit(
        &self,
        identity: &Identity,
        request: &v1::EditMessageRequest,
    ) -> Result<v1::EditMessageResponse, Status> {
        let v1::EditMessageRequest { thread_id, number, text, mentions } = request;
        let at = message_at(thread_id, *number)?;
        let thread = self.threads.existing(identity, at.0, Use::Write).await?;
        let mentioned = self.writing.check(Draft { client: "", text, mentions, link: None })?;
        self.writing.take(identity, text.len()).await?;
        let (mentions, without_access) = self.writing.readers(at.0, mentioned).await?;
        let place = Place::of(thread.id, thread.place);
        let _changing = self.hub.changing(&thread.place);
        let _turn = self.writing.turn(identity.account, place).await?;
        let edited = self.store.edit_message(at, identity.account, text, &mentions).await;
        let message = edited.map_err(ServiceError::from)?;
        let message = message.ok_or_else(|| ServiceError::NotFound("message of yours").into());
        let message = self.threads.or_refused(identity, at.0, message).await?;
        Ok(v1::EditMessageResponse { message: Some(wire::message(message)), without_access })
    }

    async fn delete(
        &self,
        identity: &Identity,
        request: &v1::DeleteMessageRequest,
    ) -> Result<v1::DeleteMessageResponse, Status> {
        let at = message_at(&request.thread_id, request.number)?;
        // An author may take a text back for as long as the thread can be read.
        let thread = self.threads.existing(identity, at.0, Use::Read).await?;
        self.writing.take_change(identity, 0)?;
        let place = Place::of(thread.id, thread.place);
        let _changing = self.hub.changing(&thread.place);
        let _turn = self.writing.turn(identity.account, place).await?;
        let deleted = self.store.delete_message(at, identity.account).await;
        let message = deleted.map_err(ServiceError::from)?;
        let message = message.ok_or(ServiceError::NotFound("message of yours"))?;
        Ok(v1::DeleteMessageResponse { message: Some(wire::message(message)) })
    }

    async fn read(
        &self,
        identity: &Identity,
        request: &v1::MarkReadRequest,
    ) -> Result<v1::MarkReadResponse, Status> {
        let v1::MarkReadRequest { sheet_id, person_id, thread_id, through } = request;
        let target = Target::of(sheet_id, person_id, thread_id)?;
        let found = self.threads.find(identity, target, Use::Read).await?;
        self.writing.take_report(identity.account)?;
        let Some(thread) = found.record else { return Ok(v1::MarkReadResponse { read: 0 }) };
        let through = (*through).min(thread.last);
        let place = Place::of(thread.id, thread.place);
        let _turn = self.writing.mark_turn(identity.account, place).await?;
        let read = self.store.mark_thread_read(identity.account, thread.id, through).await;
        Ok(v1::MarkReadResponse { read: read.map_err(ServiceError::from)? })
    }

    async fn typing(
        &self,
        identity: &Identity,
        request: &v1::SetTypingRequest,
    ) -> Result<(), Status> {
        let v1::SetTypingRequest { sheet_id, person_id, thread_id } = request;
        let target = Target::of(sheet_id, person_id, thread_id)?;
        let found = self.threads.find(identity, target, Use::Report).await?;
        self.writing.take_report(identity.account)?;
        // In a thread without a message there is no one to receive it yet.
        let Some(thread) = found.record else { return Ok(()) };
        let audience = self.store.audience(thread.id, TYPING_AUDIENCE).await;
        let mut audience = audience.map_err(ServiceError::from)?;
        audience.retain(|account| *account != identity.account);
        let account = self.auth.account(identity).await?;
        let AccountRecord { id, display_name: name, color, .. } = account;
        self.hub.typing(thread.id, Named { account: id, name, color }, &audience);
        Ok(())
    }
}

#[tonic::async_trait]
impl ChatService for Chat {
    async fn list_threads(
        &self,
        request: Request<v1::ListThreadsRequest>,
    ) -> Result<Response<v1::ListThreadsResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.list(&identity, request.get_ref()).await.map(Response::new)
    }

    async fn list_messages(
        &self,
        request: Request<v1::ListMessagesRequest>,
    ) -> Result<Response<v1::ListMessagesResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.messages(&identity, request.get_ref()).await.map(Response::new)
    }

    async fn send_message(
        &self,
        request: Request<v1::SendMessageRequest>,
    ) -> Result<Response<v1::SendMessageResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.send(&identity, request.get_ref()).await.map(Response::new)
    }

    async fn edit_message(
        &self,
        request: Request<v1::EditMessageRequest>,
    ) -> Result<Response<v1::EditMessageResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.edit(&identity, request.get_ref()).await.map(Response::new)
    }

    async fn delete_message(
        &self,
        request: Request<v1::DeleteMessageRequest>,
    ) -> Result<Response<v1::DeleteMessageResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.delete(&identity, request.get_ref()).await.map(Response::new)
    }

    async fn mark_read(
        &self,
        request: Request<v1::MarkReadRequest>,
    ) -> Result<Response<v1::MarkReadResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.read(&identity, request.get_ref()).await.map(Response::new)
    }

    async fn set_typing(
        &self,
        request: Request<v1::SetTypingRequest>,
    ) -> Result<Response<v1::SetTypingResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.typing(&identity, request.get_ref()).await?;
        Ok(Response::new(v1::SetTypingResponse {}))
    }
}
