//! `gridloom.v1.NoticeService`: the stream of an account's notices, their list, and what is read of them.
//!
//! Not what causes a notice, nor the state of one stream (`watch`). Invariant: an account has at most
//! [`NOTICE_STREAMS_OF_ACCOUNT`] streams at a node.

use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use gridloom::v1;
use gridloom::v1::notice_service_server::NoticeService;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::hub::Hub;
use super::pages::{page_number, page_size};
use super::text::Writing;
use super::watch::Watch;
use super::wire;
use crate::edge::auth::{Auth, Identity};
use crate::edge::errors::ServiceError;
use crate::edge::refusals;
use model::budget::PerAccount;
use model::limits::edge::NOTICE_STREAMS_OF_ACCOUNT;
use store::Store;

/// The stream of an account's notices.
type NoticeStream = BoxStream<'static, Result<v1::NoticeServiceWatchResponse, Status>>;

/// Serves notices.
#[derive(Debug)]
pub(super) struct Notices {
    store: Store,
    auth: Arc<Auth>,
    hub: Hub,
    writing: Arc<Writing>,
    streams: PerAccount<Semaphore>,
    page: u32,
    stop: CancellationToken,
}

impl Notices {
    pub(super) fn new(
        store: Store,
        auth: Arc<Auth>,
        hub: Hub,
        writing: Arc<Writing>,
        (page, stop): (u32, CancellationToken),
    ) -> Self {
        let streams = PerAccount::new(NOTICE_STREAMS_OF_ACCOUNT, Semaphore::new);
        Self { store, auth, hub, writing, streams, page, stop }
    }

    async fn open(&self, identity: Identity, after: Option<u64>) -> Result<NoticeStream, Status> {
        let account = identity.account;
        let place = self.streams.of(account).try_acquire_owned().map_err(|_| {
            refusals::log("streams of notices", &account);
            let limit = NOTICE_STREAMS_OF_ACCOUNT as u64;
            ServiceError::Quota { quota: "notice_streams", used: limit, limit }
        })?;
        // Before the first read, so that no hint is lost between the two.
        let watching = self.hub.watch(account);
        let head = self.store.notice_head(account).await.map_err(ServiceError::from)?;
        let parts = (self.store.clone(), Arc::clone(&self.auth), self.stop.clone());
        let watch = Watch::new(parts, identity, (watching, place), head, after);
        Ok(stream::unfold(watch, |mut watch| async move {
            let next = watch.next().await?;
            Some((next, watch))
        })
        .boxed())
    }

    async fn list(
        &self,
        identity: &Identity,
        request: &v1::ListNoticesRequest,
    ) -> Result<v1::ListNoticesResponse, Status> {
        let size = page_size(request.page_size, self.page);
        let before = page_number(&request.page_token)?;
        let account = identity.account;
        let listed = self.store.notices(account, before, size).await;
        let (notices, last) = listed.map_err(ServiceError::from)?;
        let head = self.store.notice_head(account).await.map_err(ServiceError::from)?;
        Ok(v1::ListNoticesResponse {
            notices: notices.into_iter().map(wire::notice).collect(),
            next_page_token: last.map(|last| last.to_string()).unwrap_or_default(),
            read: head.read,
            unread: head.unread,
        })
    }
}

#[tonic::async_trait]
impl NoticeService for Notices {
    type WatchStream = NoticeStream;

    async fn watch(
        &self,
        request: Request<v1::NoticeServiceWatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let identity = Identity::of(&request)?;
        self.open(identity, request.get_ref().after).await.map(Response::new)
    }

    async fn list_notices(
        &self,
        request: Request<v1::ListNoticesRequest>,
    ) -> Result<Response<v1::ListNoticesResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.list(&identity, request.get_ref()).await.map(Response::new)
    }

    async fn mark_notices_read(
        &self,
        request: Request<v1::MarkNoticesReadRequest>,
    ) -> Result<Response<v1::MarkNoticesReadResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.writing.take_report(identity.account)?;
        let through = request.get_ref().through.min(i64::MAX.unsigned_abs());
        let marked = self.store.mark_notices_read(identity.account, through).await;
        marked.map_err(ServiceError::from)?;
        Ok(Response::new(v1::MarkNoticesReadResponse {}))
    }
}
