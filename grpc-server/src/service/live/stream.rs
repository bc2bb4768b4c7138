//! A session's frames as a gRPC response, and its leave when the response is dropped.

use std::pin::Pin;
use std::task::{Context, Poll};

use gridloom::v1;
use tokio_stream::Stream;
use tonic::Status;

use super::sends::SendEntry;
use crate::service::errors;
use crate::sheet::message::{Request, SheetHandle};
use crate::sheet::publish::SessionKey;
use crate::sheet::session::SessionStream;

/// A session's frames, wrapped as the response type `T`.
#[derive(Debug)]
pub struct LiveStream<T> {
    frames: SessionStream,
    wrap: fn(v1::ServerFrame) -> T,
    _leave: Leave,
}

impl<T> LiveStream<T> {
    pub(super) fn new(frames: SessionStream, leave: Leave, wrap: fn(v1::ServerFrame) -> T) -> Self {
        Self { frames, wrap, _leave: leave }
    }
}

impl<T> Stream for LiveStream<T> {
    type Item = Result<T, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let wrap = self.wrap;
        Pin::new(&mut self.frames)
            .poll_next(cx)
            .map(|frame| frame.map(|frame| frame.map(wrap).map_err(|reason| errors::end(&reason))))
    }
}

/// Takes the session out of its sheet when the response is dropped, however that came about.
#[derive(Debug)]
pub(super) struct Leave {
    handle: SheetHandle,
    key: SessionKey,
    entry: Option<SendEntry>,
}

impl Leave {
    pub(super) fn new(handle: SheetHandle, key: SessionKey) -> Self {
        Self { handle, key, entry: None }
    }

    /// Closes the session's way in as well.
    pub(super) fn and(mut self, entry: SendEntry) -> Self {
        self.entry = Some(entry);
        self
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        self.handle.send_detached(Request::Leave(self.key));
        self.entry.take();
    }
}
