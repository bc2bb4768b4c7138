//! `gridloom.v1.NoticeService`: the stream of an account's notices, their list, and what is read of them.
//!
//! Not what causes a notice, nor the streams (`streams`).

use std::sync::Arc;

use futures_util::stream::BoxStream;
use gridloom::v1;
use gridloom::v1::notice_service_server::NoticeService;
use tonic::{Request, Response, Status};

use super::pages::{NumberPlace, PageSizes};
use super::streams::NoticeStreams;
use super::text::Writing;
use super::wire;
use crate::edge::auth::Identity;
use crate::edge::errors::ServiceError;
use crate::edge::pages::Paged;
use store::Store;

/// Serves notices.
#[derive(Debug)]
pub(super) struct Notices {
    store: Store,
    streams: NoticeStreams,
    writing: Arc<Writing>,
    page: PageSizes,
}

impl Notices {
    pub(super) fn new(
        store: Store,
        streams: NoticeStreams,
        writing: Arc<Writing>,
        page: PageSizes,
    ) -> Self {
        Self { store, streams, writing, page }
    }

    async fn list(
        &self,
        identity: &Identity,
        request: &v1::ListNoticesRequest,
    ) -> Result<v1::ListNoticesResponse, Status> {
        let size = self.page.items(request.page_size);
        let before = NumberPlace::number(request.place()?);
        let account = identity.account;
        let listed = self.store.notices(account, before, size).await;
        let (notices, last) = listed.map_err(ServiceError::from)?;
        let head = self.store.notice_head(account).await.map_err(ServiceError::from)?;
        let count = notices.len();
        let notices = self.page.fitting(notices.into_iter().map(wire::notice));
        // Of a page without room the last one that is there; else the last one that was looked at.
        let cut = notices.last().filter(|_| notices.len() < count).map(|last| last.number);
        let last = cut.or(last).map(NumberPlace);
        let next_page_token = last.map(|last| request.next_page_token(last)).unwrap_or_default();
        Ok(v1::ListNoticesResponse {
            notices,
            next_page_token,
            read: head.read,
            unread: head.unread,
        })
    }
}

#[tonic::async_trait]
impl NoticeService for Notices {
    type WatchStream = BoxStream<'static, Result<v1::NoticeServiceWatchResponse, Status>>;

    async fn watch(
        &self,
        request: Request<v1::NoticeServiceWatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let identity = Identity::of(&request)?;
        self.streams.watch(identity, request.get_ref().after).await.map(Response::new)
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
        let account = identity.account;
        let _turn = self.writing.mark_turn(account, account.into()).await?;
        let marked = self.store.mark_notices_read(account, through).await;
        marked.map_err(ServiceError::from)?;
        Ok(Response::new(v1::MarkNoticesReadResponse {}))
    }
}
