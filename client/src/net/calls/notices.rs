//! Notices: their list, and a stream that resumes.
//!
//! It keeps no notices. Invariant: a stream that was cut resumes after the last number that its reader received, so no
//! event is missing and none is there twice.

use std::time::Duration;

use gridloom::v1;
use gridloom::v1::notice_service_watch_response::Event;
use tokio::sync::watch;
use tonic::Streaming;

use crate::net::bearer::Token;
use crate::net::client::Client;
use crate::net::error::Error;

/// The pause before a stream is opened again.
const PAUSE: Duration = Duration::from_millis(300);

/// A stream of the caller's notices.
#[derive(Debug)]
pub struct Notices {
    client: Client,
    /// The token, and each one that takes its place.
    tokens: watch::Receiver<Token>,
    stream: Option<Streaming<v1::NoticeServiceWatchResponse>>,
    after: Option<u64>,
    /// Whether `Started` was given to the reader.
    started: bool,
}

impl Notices {
    /// The next event. A stream that ends, because its server stops or the network fails, is opened again after the last
    /// event.
    ///
    /// # Errors
    /// An error that does not pass by waiting, such as a token that has ended.
    pub async fn next(&mut self) -> Result<Event, Error> {
        loop {
            match self.step().await {
                Ok(Some(event)) => return Ok(event),
                Ok(None) => {}
                Err(error) if error.is_transient() => {
                    // The next call uses the next address, where this one does not answer.
                    self.stream = None;
                    tokio::time::sleep(PAUSE).await;
                }
                // The token of the stream has ended, and another one took its place.
                Err(_) if self.tokens.has_changed().unwrap_or(false) => self.stream = None,
                Err(error) => return Err(error),
            }
        }
    }

    /// The number of the last event: a later stream resumes there.
    #[must_use]
    pub fn after(&self) -> Option<u64> {
        self.after
    }

    async fn step(&mut self) -> Result<Option<Event>, Error> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            None => {
                self.tokens.mark_unchanged();
                let request = v1::NoticeServiceWatchRequest { after: self.after };
                let stream = self.client.notice_calls().watch(request).await?.into_inner();
                self.stream.insert(stream)
            }
        };
        let Some(answer) = stream.message().await? else {
            self.stream = None;
            return Ok(None);
        };
        if answer.number > 0 {
            self.after = Some(answer.number);
        }
        Ok(match answer.event {
            Some(Event::Started(started)) => {
                self.after = Some(answer.number);
                let first = !std::mem::replace(&mut self.started, true);
                first.then_some(Event::Started(started))
            }
            event => event,
        })
    }
}

impl Client {
    /// Streams the caller's notices after a number, or from now on.
    #[must_use]
    pub fn watch_notices(&self, after: Option<u64>) -> Notices {
        let (client, tokens) = (self.clone(), self.bearer().watch());
        Notices { client, tokens, stream: None, after, started: false }
    }

    /// The listed notices, the newest first, of one page.
    ///
    /// # Errors
    /// See `ListNotices` in `notices.proto`.
    pub async fn notices(&self, page_token: &str) -> Result<v1::ListNoticesResponse, Error> {
        let page_token = page_token.to_owned();
        let request = v1::ListNoticesRequest { page_token, page_size: 0 };
        Ok(self.notice_calls().list_notices(request).await?.into_inner())
    }

    /// Notes that the notices up to a number are read.
    ///
    /// # Errors
    /// See `MarkNoticesRead` in `notices.proto`.
    pub async fn mark_notices_read(&self, through: u64) -> Result<(), Error> {
        self.notice_calls().mark_notices_read(v1::MarkNoticesReadRequest { through }).await?;
        Ok(())
    }
}
