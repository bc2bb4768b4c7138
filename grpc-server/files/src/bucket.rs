//! A place that is a bucket of S3, or of a server with its protocol.
//!
//! Not the folder of a machine. Invariants: the bucket confirms a write before it returns; requests are repeated for less than
//! a call may take; credentials are in no text.
//!
//! The claim of the marker needs conditional writes (`If-None-Match: *`). Of two claims at once at a server that ignores the
//! condition, the later one wins, and the earlier one may have read its own id before.

mod options;

use std::borrow::Cow;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use model::ContentId;
use model::sizes::LIGHT_BYTES;
use object_store::aws::{AmazonS3, AmazonS3Builder, S3ConditionalPut};
use object_store::list::{PaginatedListOptions, PaginatedListResult, PaginatedListStore as _};
use object_store::path::Path;
use object_store::{
    BackoffConfig, ClientOptions, Error, GetOptions, ObjectStore as _, PutMode, PutOptions,
    RetryConfig,
};
use tokio::task::spawn_blocking;
use uuid::Uuid;

pub use self::options::BucketOptions;
use crate::VaultError;
use crate::names::{self, CONTENTS, MARKER, MARKER_BYTES};
use crate::read::Read;

/// The longest time of one request.
const REQUEST_LIMIT: Duration = Duration::from_secs(20);

/// The longest time to connect.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// After this time a request that failed is not sent again.
const RETRY_LIMIT: Duration = Duration::from_secs(15);

/// How often a request that failed is sent again.
const RETRIES: usize = 4;

/// The longest pause before a request is sent again.
const RETRY_PAUSE: Duration = Duration::from_secs(2);

/// The most keys of one answer: the protocol allows no more.
const KEYS_AT_ONCE: usize = 1000;

/// A bucket.
pub(crate) struct Bucket {
    client: Arc<AmazonS3>,
    /// What stands before each key.
    prefix: String,
}

impl Bucket {
    /// The client of a bucket; sends nothing.
    pub(crate) fn new(
        bucket: &str,
        prefix: String,
        options: &BucketOptions,
    ) -> Result<Self, VaultError> {
        options.check()?;
        let client = client(bucket, options).build();
        let client = client.map_err(|error| VaultError::BadPlace(error.to_string()))?;
        Ok(Self { client: Arc::new(client), prefix })
    }

    pub(crate) async fn marker(&self) -> Result<Read, VaultError> {
        self.read(&self.path(MARKER), |size| size <= MARKER_BYTES).await
    }

    pub(crate) async fn claim(&self, id: Uuid) -> Result<(), VaultError> {
        let (path, marker) = (self.path(MARKER), names::marker(id).into());
        match self.client.put_opts(&path, marker, PutMode::Create.into()).await {
            Ok(_) | Err(Error::AlreadyExists { .. }) => Ok(()),
            Err(error) => Err(VaultError::bucket(&error)),
        }
    }

    pub(crate) async fn put(
        &self,
        content: ContentId,
        name: &str,
        bytes: Bytes,
    ) -> Result<(), VaultError> {
        let path = self.path(&format!("{CONTENTS}/{content}/{name}"));
        let client = Arc::clone(&self.client);
        let is_light = bytes.len() <= LIGHT_BYTES;
        let request = async move {
            let written = client.put_opts(&path, bytes.into(), PutOptions::default()).await;
            written.map(|_| ()).map_err(|error| VaultError::bucket(&error))
        };
        if is_light { request.await } else { first_step_aside(request).await }
    }

    pub(crate) async fn get(
        &self,
        content: ContentId,
        name: &str,
        bytes: u32,
    ) -> Result<Read, VaultError> {
        let path = self.path(&format!("{CONTENTS}/{content}/{name}"));
        self.read(&path, |size| size == u64::from(bytes)).await
    }

    pub(crate) async fn delete_piece(
        &self,
        content: ContentId,
        name: &str,
    ) -> Result<(), VaultError> {
        self.delete_keys(vec![self.path(&format!("{CONTENTS}/{content}/{name}"))]).await
    }

    pub(crate) async fn delete(&self, content: ContentId) -> Result<(), VaultError> {
        let prefix = format!("{}{CONTENTS}/{content}/", self.prefix);
        let mut page_token = None;
        loop {
            let options = PaginatedListOptions { page_token, ..Default::default() };
            let page = self.list(&prefix, options).await?;
            let keys = page.result.objects.into_iter().map(|object| object.location).collect();
            self.delete_keys(keys).await?;
            page_token = page.page_token;
            if page_token.is_none() {
                return Ok(());
            }
        }
    }

    /// Deletes objects; one that is missing changes nothing.
    async fn delete_keys(&self, keys: Vec<Path>) -> Result<(), VaultError> {
        let keys: Vec<Result<Path, Error>> = keys.into_iter().map(Ok).collect();
        let deleted = self.client.delete_stream(stream::iter(keys).boxed());
        let deleted = deleted.try_for_each(|_| std::future::ready(Ok(()))).await;
        deleted.map_err(|error| VaultError::bucket(&error))
    }

    pub(crate) async fn contents_after(
        &self,
        after: Option<ContentId>,
        most: usize,
    ) -> Result<Vec<ContentId>, VaultError> {
        let prefix = format!("{}{CONTENTS}/", self.prefix);
        let mut contents = Vec::new();
        let mut page_token = None;
        while contents.len() < most {
            let options = PaginatedListOptions {
                // The character after the slash: behind all keys of the content.
                offset: after.map(|content| format!("{prefix}{content}0")),
                delimiter: Some(Cow::Borrowed("/")),
                max_keys: Some((most - contents.len()).min(KEYS_AT_ONCE)),
                page_token,
                ..Default::default()
            };
            let page = self.list(&prefix, options).await?;
            let folders = page.result.common_prefixes.iter().filter_map(|path| path.filename());
            let found = folders.filter_map(|name| names::content(name.as_bytes()));
            contents.extend(found.filter(|content| after.is_none_or(|after| *content > after)));
            page_token = page.page_token;
            if page_token.is_none() {
                break;
            }
        }
        contents.truncate(most);
        Ok(contents)
    }

    fn path(&self, name: &str) -> Path {
        Path::from(format!("{}{name}", self.prefix))
    }

    async fn read(&self, path: &Path, is_size: impl Fn(u64) -> bool) -> Result<Read, VaultError> {
        let found = match self.client.get_opts(path, GetOptions::default()).await {
            Ok(found) => found,
            Err(Error::NotFound { .. }) => return Ok(Read::Missing),
            Err(error) => return Err(VaultError::bucket(&error)),
        };
        let size = found.meta.size;
        if !is_size(size) {
            return Ok(Read::Other);
        }
        let bytes = found.bytes().await.map_err(|error| VaultError::bucket(&error))?;
        Ok(if bytes.len() as u64 == size { Read::Bytes(bytes) } else { Read::Other })
    }

    async fn list(
        &self,
        prefix: &str,
        options: PaginatedListOptions,
    ) -> Result<PaginatedListResult, VaultError> {
        let page = self.client.list_paginated(Some(prefix), options).await;
        page.map_err(|error| VaultError::bucket(&error))
    }
}

/// Without a key: the credentials of the environment or of the machine, as other programs of AWS find them.
fn client(bucket: &str, options: &BucketOptions) -> AmazonS3Builder {
    let mut client = match (&options.access_key_id, &options.secret_access_key) {
        (Some(id), Some(secret)) => {
            AmazonS3Builder::new().with_access_key_id(id).with_secret_access_key(secret)
        }
        _ => AmazonS3Builder::from_env(),
    };
    if let Some(endpoint) = &options.endpoint {
        client = client.with_endpoint(endpoint.trim_end_matches('/'));
    }
    if let Some(region) = &options.region {
        client = client.with_region(region);
    }
    let backoff = BackoffConfig { max_backoff: RETRY_PAUSE, ..Default::default() };
    let limits = ClientOptions::new()
        .with_timeout(REQUEST_LIMIT)
        .with_connect_timeout(CONNECT_LIMIT)
        .with_allow_http(options.allow_http);
    client
        .with_bucket_name(bucket)
        .with_client_options(limits)
        .with_retry(RetryConfig { backoff, max_retries: RETRIES, retry_timeout: RETRY_LIMIT })
        .with_conditional_put(S3ConditionalPut::ETagMatch)
        // Its buckets list no keys in order.
        .with_s3_express(false)
}

/// Polls a future for the first time on a thread that may block, and then here: a request hashes its bytes before it waits.
async fn first_step_aside<F>(work: F) -> Result<(), VaultError>
where
    F: Future<Output = Result<(), VaultError>> + Send + 'static,
{
    let mut work = Box::pin(work);
    let first = spawn_blocking(move || {
        // The poll that follows here leaves the right waker.
        let step = work.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        (work, step)
    });
    match first.await.map_err(|error| VaultError::ended(&error))? {
        (_, Poll::Ready(done)) => done,
        (work, Poll::Pending) => work.await,
    }
}
