//! The streams of notices at this node: each is an answer of its own, or a member of a connection of `Connect`.
//!
//! Not the state of one stream (`watch`), nor the other members of its connection (`service::live`). Invariants: an
//! account has at most [`NOTICE_STREAMS_OF_ACCOUNT`] streams at a node, of which [`NOTICE_READS_OF_ACCOUNT`] read Postgres
//! at once; a member ends with its token, with its number and with its connection, also while nothing of the connection
//! is read.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use gridloom::v1;
use tokio::sync::{Semaphore, mpsc};
use tokio_stream::Stream;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::hub::Hub;
use super::watch::Watch;
use crate::edge::auth::{Auth, Call, Identity};
use crate::edge::errors::{ServiceError, StatusBuilder};
use crate::edge::refusals;
use model::budget::PerAccount;
use model::limits::edge::{NOTICE_READS_OF_ACCOUNT, NOTICE_STREAMS_OF_ACCOUNT};
use store::Store;

/// Answers of a member that wait for its turn on the connection; a further one waits in Postgres.
const QUEUED_ANSWERS: usize = 1;

/// An answer, or the status that ends the stream.
type Answer = Result<v1::NoticeServiceWatchResponse, Status>;

/// Opens streams. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct NoticeStreams {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    auth: Arc<Auth>,
    hub: Hub,
    streams: PerAccount<Semaphore>,
    reads: PerAccount<Semaphore>,
    /// Cancelled when the server is about to stop.
    stop: CancellationToken,
}

impl NoticeStreams {
    pub(super) fn new(store: Store, auth: Arc<Auth>, hub: Hub, stop: CancellationToken) -> Self {
        let streams = PerAccount::new(NOTICE_STREAMS_OF_ACCOUNT, Semaphore::new);
        let reads = PerAccount::new(NOTICE_READS_OF_ACCOUNT, Semaphore::new);
        Self { inner: Arc::new(Inner { store, auth, hub, streams, reads, stop }) }
    }

    /// A stream as an answer of its own.
    pub(super) async fn watch(
        &self,
        identity: Identity,
        after: Option<u64>,
    ) -> Result<BoxStream<'static, Answer>, Status> {
        let watch = self.open(identity, after).await?;
        Ok(stream::unfold(watch, |mut watch| async move {
            let next = watch.next().await?;
            Some((next, watch))
        })
        .boxed())
    }

    /// A stream as a member of a connection. It ends when its number is detached, when its token is revoked, and when
    /// the server is about to stop.
    pub(crate) async fn attach(
        &self,
        identity: Identity,
        after: Option<u64>,
        detached: CancellationToken,
    ) -> Result<AttachedNotices, Status> {
        // Before the call that asks for it ends, so that an end of the token reaches one of both.
        let token = self.inner.auth.begin(&identity);
        let watch = self.open(identity, after).await?;
        let (answers, queue) = mpsc::channel(QUEUED_ANSWERS);
        let stop = self.inner.stop.clone();
        let member = Member { token, detached, stop, answers };
        self.inner.store.tasks().spawn(member.run(watch));
        Ok(AttachedNotices { queue })
    }

    async fn open(&self, identity: Identity, after: Option<u64>) -> Result<Watch, Status> {
        let Inner { store, auth, hub, streams, reads, stop } = &*self.inner;
        let account = identity.account;
        let place = streams.of(account).try_acquire_owned().map_err(|_| {
            refusals::log("streams of notices", &account);
            let limit = NOTICE_STREAMS_OF_ACCOUNT as u64;
            ServiceError::Quota { quota: "notice_streams", used: limit, limit }
        })?;
        // Before the first read, so that no hint is lost between the two.
        let watching = hub.watch(account);
        let reads = reads.of(account);
        let turn = reads.acquire().await.map_err(ServiceError::internal)?;
        let head = store.notice_head(account).await.map_err(ServiceError::from)?;
        drop(turn);
        let parts = (store.clone(), Arc::clone(auth), stop.clone());
        Ok(Watch::new(parts, identity, (watching, place, reads), head, after))
    }
}

/// The answers of a member, without those that have no event.
#[derive(Debug)]
pub(crate) struct AttachedNotices {
    queue: mpsc::Receiver<Answer>,
}

impl Stream for AttachedNotices {
    type Item = Answer;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Answer>> {
        self.queue.poll_recv(cx)
    }
}

/// The task of a member. It leaves the hub at its end, whether or not the connection is read.
struct Member {
    token: Call,
    /// Cancelled when its number is detached, or its connection has ended.
    detached: CancellationToken,
    stop: CancellationToken,
    answers: mpsc::Sender<Answer>,
}

impl Member {
    async fn run(self, mut watch: Watch) {
        let end = tokio::select! {
            biased;
            () = self.detached.cancelled() => return,
            () = self.answers.closed() => return,
            () = self.token.revoked() => ServiceError::BadToken.into(),
            () = self.stop.cancelled() => StatusBuilder::draining().into(),
            end = self.pass(&mut watch) => match end {
                Some(end) => end,
                None => return,
            },
        };
        // Its place is free for another stream before its end has been read.
        drop(watch);
        tokio::select! {
            () = self.detached.cancelled() => {}
            // The only error is that the connection has ended.
            _ = self.answers.send(Err(end)) => {}
        }
    }

    /// Passes answers on, each when there is room for it. Returns the status of the stream's end; `None` when the
    /// connection has ended.
    async fn pass(&self, watch: &mut Watch) -> Option<Status> {
        loop {
            let room = self.answers.reserve().await.ok()?;
            match watch.next().await? {
                // The connection has a sign of life of its own.
                Ok(answer) if answer.event.is_none() => {}
                Ok(answer) => room.send(Ok(answer)),
                Err(end) => return Some(end),
            }
        }
    }
}
