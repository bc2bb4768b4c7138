//! One stream of notices: reads what committed after its read point, and waits for hints.
//!
//! Not the hints (`hub`), nor their order (`turns`). Invariants: the stream holds one read's events at most, and reads
//! again when its reader has taken them; it ends with its token, which it looks up at intervals in case an invalidation
//! was lost, however much there is to send.

mod turns;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use gridloom::v1;
use gridloom::v1::notice_service_watch_response::Event;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

use self::turns::{Turns, Wake};
use super::hub::Watching;
use super::wire;
use crate::edge::auth::{Auth, Identity};
use crate::edge::errors::{ServiceError, StatusBuilder};
use model::limits::edge::NOTICES_AT_ONCE;
use model::people::NoticeHead;
use store::{Store, StoreError};

/// The pause after a read that failed.
const RETRY: Duration = Duration::from_secs(1);

/// The state of a stream.
pub(super) struct Watch {
    store: Store,
    auth: Arc<Auth>,
    stop: CancellationToken,
    identity: Identity,
    turns: Turns,
    /// Answers that the reader has not taken.
    queue: VecDeque<v1::NoticeServiceWatchResponse>,
    /// The read point: all up to it is in the queue or was sent.
    point: u64,
    /// Deletions up to this number were reported.
    dropped: u64,
    /// Whether there may be more after the read point.
    behind: bool,
    ended: bool,
    /// The turns of its account's streams at Postgres.
    reads: Arc<Semaphore>,
    _place: OwnedSemaphorePermit,
}

impl Watch {
    /// A stream that begins after a number, or now.
    pub(super) fn new(
        (store, auth, stop): (Store, Arc<Auth>, CancellationToken),
        identity: Identity,
        (watching, place, reads): (Watching, OwnedSemaphorePermit, Arc<Semaphore>),
        head: NoticeHead,
        after: Option<u64>,
    ) -> Self {
        // A database that was restored from a backup may have given fewer numbers.
        let point = after.filter(|after| *after <= head.last).unwrap_or(head.last);
        let is_gone = after.is_some_and(|after| after != point || after < head.dropped);
        let turns = Turns::new(stop.clone(), identity.time_left(), watching);
        let started = v1::Started { last: head.last, read: head.read, unread: head.unread };
        let mut queue = VecDeque::from([answer(point, Some(Event::Started(started)))]);
        if is_gone {
            queue.push_back(answer(point, Some(Event::OlderGone(v1::OlderGone {}))));
        }
        Self {
            store,
            auth,
            stop,
            identity,
            turns,
            queue,
            point,
            dropped: head.dropped,
            behind: true,
            ended: false,
            reads,
            _place: place,
        }
    }

    /// The next answer; `None` after the end.
    pub(super) async fn next(&mut self) -> Option<Result<v1::NoticeServiceWatchResponse, Status>> {
        if self.ended {
            return None;
        }
        loop {
            let has_more = self.behind || !self.queue.is_empty();
            match self.turns.next(has_more).await {
                Wake::Stop => return self.end(StatusBuilder::draining().into()),
                Wake::Expired => return self.end(ServiceError::BadToken.into()),
                Wake::Check => {
                    if let Err(status) = self.check().await {
                        return self.end(status);
                    }
                    // While there is more, an answer follows in any case.
                    if !has_more {
                        return Some(Ok(answer(self.point, None)));
                    }
                }
                Wake::More => match self.queue.pop_front() {
                    Some(answer) => return Some(Ok(answer)),
                    None => {
                        if let Err(status) = self.read().await {
                            return self.end(status);
                        }
                    }
                },
                Wake::Hint => self.behind = true,
                Wake::Typing(typing) => return Some(Ok(answer(0, Some(Event::Typing(typing))))),
            }
        }
    }

    /// Looks the token up. While Postgres is away it stays valid.
    async fn check(&self) -> Result<(), Status> {
        match self.auth.check(&self.identity).await {
            Err(status) if status.code() == Code::Unauthenticated => Err(status),
            _ => Ok(()),
        }
    }

    fn end(&mut self, status: Status) -> Option<Result<v1::NoticeServiceWatchResponse, Status>> {
        self.ended = true;
        Some(Err(status))
    }

    /// Reads what committed after the read point. While Postgres is away the stream waits, unless it ends.
    async fn read(&mut self) -> Result<(), Status> {
        let turn = self.stop.run_until_cancelled(self.reads.acquire()).await;
        let turn = turn.ok_or_else(StatusBuilder::draining)?.map_err(ServiceError::internal)?;
        // What commits from now on has a hint of its own.
        self.turns.seen();
        let account = self.identity.account;
        let read = self.store.notices_after(account, self.point, NOTICES_AT_ONCE).await;
        drop(turn);
        let read = match read {
            Ok(read) => read,
            Err(error) => return self.pause(error).await,
        };
        if read.dropped > self.dropped.max(self.point) {
            self.queue.push_back(answer(self.point, Some(Event::OlderGone(v1::OlderGone {}))));
        }
        self.dropped = self.dropped.max(read.dropped);
        self.behind = read.events.len() >= NOTICES_AT_ONCE as usize;
        for (number, event) in read.events {
            self.point = number;
            if let Some(event) = wire::event(event) {
                self.queue.push_back(answer(number, Some(event)));
            }
        }
        Ok(())
    }

    async fn pause(&self, error: StoreError) -> Result<(), Status> {
        if !error.is_unavailable() {
            return Err(ServiceError::from(error).into());
        }
        tracing::debug!(%error, "notices not read; retrying");
        tokio::select! {
            () = self.stop.cancelled() => Err(StatusBuilder::draining().into()),
            () = sleep(RETRY) => Ok(()),
        }
    }
}

fn answer(number: u64, event: Option<Event>) -> v1::NoticeServiceWatchResponse {
    v1::NoticeServiceWatchResponse { number, event }
}
