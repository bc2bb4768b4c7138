//! Messages, and the search for the people who read them.
//!
//! It keeps no messages. Invariant: a message is sent again under the id that it was given first.

use std::time::Duration;

use gridloom::v1;
use uuid::Uuid;

use crate::net::client::Client;
use crate::net::error::Error;

/// Attempts to send a message whose outcome is unknown.
const ATTEMPTS: u32 = 5;
/// The pause before the second attempt; each later one is twice as long.
const PAUSE: Duration = Duration::from_millis(200);

/// A thread of messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thread {
    /// The thread of a sheet, by the sheet's id.
    Sheet(String),
    /// The thread with another person, by the account's id.
    Person(String),
    /// A thread by its own id, such as that of a comment.
    Id(String),
}

impl Thread {
    /// The fields of a request: the sheet, the person, the thread.
    fn fields(&self) -> (String, String, String) {
        let none = String::new;
        match self {
            Self::Sheet(id) => (id.clone(), none(), none()),
            Self::Person(id) => (none(), id.clone(), none()),
            Self::Id(id) => (none(), none(), id.clone()),
        }
    }
}

impl Client {
    /// The threads with messages, the last written one first, of one page.
    ///
    /// # Errors
    /// See `ListThreads` in `chat.proto`.
    pub async fn threads(&self, page_token: &str) -> Result<v1::ListThreadsResponse, Error> {
        let page_token = page_token.to_owned();
        let request = v1::ListThreadsRequest { page_token, ..Default::default() };
        Ok(self.chat().list_threads(request).await?.into_inner())
    }

    /// The messages of a thread, the newest first, of one page. `page_size` 0: as the server is set.
    ///
    /// # Errors
    /// See `ListMessages` in `chat.proto`.
    pub async fn messages(
        &self,
        thread: &Thread,
        page_size: u32,
        page_token: &str,
    ) -> Result<v1::ListMessagesResponse, Error> {
        let (sheet_id, person_id, thread_id) = thread.fields();
        let page_token = page_token.to_owned();
        let request =
            v1::ListMessagesRequest { sheet_id, person_id, thread_id, page_size, page_token };
        Ok(self.chat().list_messages(request).await?.into_inner())
    }

    /// Sends a text, once, whatever the network does: an attempt whose outcome is unknown is repeated under the same id.
    ///
    /// # Errors
    /// See `SendMessage` in `chat.proto`; the message may have been sent when the last attempt has no outcome.
    pub async fn say(
        &self,
        thread: &Thread,
        text: &str,
        mentions: &[String],
    ) -> Result<v1::SendMessageResponse, Error> {
        let (sheet_id, person_id, thread_id) = thread.fields();
        let request = v1::SendMessageRequest {
            sheet_id,
            person_id,
            thread_id,
            client_id: Uuid::new_v4().to_string(),
            text: text.to_owned(),
            mentions: mentions.to_vec(),
            link: None,
        };
        let mut pause = PAUSE;
        for _ in 1..ATTEMPTS {
            match self.send_message(request.clone()).await {
                Err(error) if error.is_transient() => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                outcome => return outcome,
            }
        }
        self.send_message(request).await
    }

    /// Sends a message in one attempt, under the id of the request.
    ///
    /// # Errors
    /// See `SendMessage` in `chat.proto`.
    pub async fn send_message(
        &self,
        request: v1::SendMessageRequest,
    ) -> Result<v1::SendMessageResponse, Error> {
        Ok(self.chat().send_message(request).await?.into_inner())
    }

    /// Replaces the text of an own message.
    ///
    /// # Errors
    /// See `EditMessage` in `chat.proto`.
    pub async fn edit_message(
        &self,
        thread_id: &str,
        number: u64,
        text: &str,
    ) -> Result<v1::Message, Error> {
        let (thread_id, text) = (thread_id.to_owned(), text.to_owned());
        let request = v1::EditMessageRequest { thread_id, number, text, mentions: Vec::new() };
        let answer = self.chat().edit_message(request).await?.into_inner();
        Ok(answer.message.unwrap_or_default())
    }

    /// Deletes an own message.
    ///
    /// # Errors
    /// See `DeleteMessage` in `chat.proto`.
    pub async fn delete_message(&self, thread_id: &str, number: u64) -> Result<v1::Message, Error> {
        let request = v1::DeleteMessageRequest { thread_id: thread_id.to_owned(), number };
        let answer = self.chat().delete_message(request).await?.into_inner();
        Ok(answer.message.unwrap_or_default())
    }

    /// Notes that a thread is read up to a message. Returns what is read now.
    ///
    /// # Errors
    /// See `MarkRead` in `chat.proto`.
    pub async fn mark_read(&self, thread: &Thread, through: u64) -> Result<u64, Error> {
        let (sheet_id, person_id, thread_id) = thread.fields();
        let request = v1::MarkReadRequest { sheet_id, person_id, thread_id, through };
        Ok(self.chat().mark_read(request).await?.into_inner().read)
    }

    /// Reports that the person types.
    ///
    /// # Errors
    /// See `SetTyping` in `chat.proto`.
    pub async fn typing(&self, thread: &Thread) -> Result<(), Error> {
        let (sheet_id, person_id, thread_id) = thread.fields();
        let request = v1::SetTypingRequest { sheet_id, person_id, thread_id };
        self.chat().set_typing(request).await?;
        Ok(())
    }

    /// The people whose name or address begins with a text, of one page. `sheet_id`: only those of this sheet.
    ///
    /// # Errors
    /// See `SearchPeople` in `people.proto`.
    pub async fn search_people(
        &self,
        query: &str,
        sheet_id: &str,
        page_token: &str,
    ) -> Result<v1::SearchPeopleResponse, Error> {
        let (query, sheet_id) = (query.to_owned(), sheet_id.to_owned());
        let page_token = page_token.to_owned();
        let request = v1::SearchPeopleRequest { query, sheet_id, page_token, page_size: 0 };
        Ok(self.people().search_people(request).await?.into_inner())
    }
}
