//! The content of a file, read to its end through interruptions.
//!
//! It writes no file. Invariants: after an error that may pass, the next byte is the one after the last that its reader
//! has; the end is reported only when the digest of all bytes is that of the file.

use std::time::Duration;

use bytes::Bytes;
use gridloom::v1;
use tonic::{Status, Streaming};

use super::digest::ContentHasher;
use crate::net::calls::again::Attempts;
use crate::net::client::Client;
use crate::net::error::Error;

/// A download in progress.
#[derive(Debug)]
pub struct Download {
    client: Client,
    file: v1::File,
    stream: Option<Streaming<v1::DownloadFileResponse>>,
    /// Bytes that the reader has.
    received: u64,
    /// `None` once the digest is compared.
    hasher: Option<ContentHasher>,
    attempts: Attempts,
}

impl Download {
    /// The next bytes; `None` after the last. After an error that may pass, it asks for the rest again, after a pause that
    /// `waits` receives.
    ///
    /// # Errors
    /// [`Error::Refused`] when the server can't give the rest, [`Error::Damaged`] when the bytes are not those of the file.
    pub async fn next(
        &mut self,
        mut waits: impl FnMut(&Error, Duration),
    ) -> Result<Option<Bytes>, Error> {
        while self.received < self.file.size_bytes {
            let error = match self.step().await {
                Ok(data) if data.is_empty() => continue,
                Ok(data) => return Ok(Some(data)),
                Err(error) => error,
            };
            self.stream = None;
            let Some(pause) = self.attempts.pause(&error) else { return Err(error) };
            waits(&error, pause);
            tokio::time::sleep(pause).await;
        }
        let hasher = self.hasher.take();
        let is_other = |hasher: ContentHasher| hasher.digest()[..] != self.file.digest[..];
        if hasher.is_some_and(is_other) { Err(Error::Damaged) } else { Ok(None) }
    }

    /// Bytes that have arrived.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.received
    }

    /// The bytes of the next answer, which may have none.
    async fn step(&mut self) -> Result<Bytes, Error> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            None => {
                let file_id = self.file.id.clone();
                let request = v1::DownloadFileRequest { file_id, offset: self.received, length: 0 };
                let stream = self.client.file_calls().download_file(request).await?.into_inner();
                self.stream.insert(stream)
            }
        };
        let Some(answer) = stream.message().await? else {
            return Err(Status::unavailable("the server ended the download too early").into());
        };
        let bytes = answer.data.len() as u64;
        if bytes > self.file.size_bytes - self.received {
            return Err(Error::Damaged);
        }
        if bytes > 0 {
            self.attempts.succeeded();
            self.received += bytes;
            if let Some(hasher) = &mut self.hasher {
                hasher.update(&answer.data);
            }
        }
        Ok(answer.data)
    }
}

impl Client {
    /// Downloads a file, as [`Client::file`] returns it. The first call of [`Download::next`] asks for its bytes.
    #[must_use]
    pub fn download(&self, file: &v1::File) -> Download {
        Download {
            client: self.clone(),
            file: file.clone(),
            stream: None,
            received: 0,
            hasher: Some(ContentHasher::default()),
            attempts: Attempts::default(),
        }
    }
}
