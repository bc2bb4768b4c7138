//! A member of a connection: a session, or a stream of notices.
//!
//! Not the turns of the members (`connection`). Invariant: a member carries its frames under its number, and at last its
//! end; a detached one carries nothing more.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use gridloom::v1;
use gridloom::v1::connect_response::Frame;
use tokio_stream::Stream;
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::{Code, Status};

use crate::edge::errors;
use crate::people::AttachedNotices;
use crate::service::live::slots::Slot;
use crate::service::live::stream::LiveStream;

/// What a member carries.
#[derive(Debug)]
pub(super) enum MemberStream {
    Session(Box<LiveStream<v1::ServerFrame>>),
    Notices(AttachedNotices),
}

impl MemberStream {
    /// The next frame, under the member's number.
    fn poll_frame(
        &mut self,
        session: u32,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame, Status>>> {
        let of_session = |frame| Frame::Session(v1::SessionFrame { session, frame: Some(frame) });
        let of_notices = |answer| Frame::Notices(v1::NoticeFrame { session, answer: Some(answer) });
        match self {
            Self::Session(frames) => {
                Pin::new(frames).poll_next(cx).map(|next| Some(next?.map(of_session)))
            }
            Self::Notices(answers) => {
                Pin::new(answers).poll_next(cx).map(|next| Some(next?.map(of_notices)))
            }
        }
    }
}

/// One member: its frames under its number, and at last its end.
#[derive(Debug)]
pub(super) struct Member {
    number: u32,
    /// `None` after its end. A session leaves, and the number is free.
    open: Option<(MemberStream, Slot)>,
    detached: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Member {
    pub(super) fn new(slot: Slot, frames: MemberStream) -> Self {
        let detached = Box::pin(slot.detached.clone().cancelled_owned());
        Self { number: slot.number, open: Some((frames, slot)), detached }
    }
}

impl Stream for Member {
    type Item = Frame;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Frame>> {
        let this = &mut *self;
        if this.detached.as_mut().poll(cx).is_ready() {
            this.open = None;
        }
        let Some((frames, _)) = &mut this.open else { return Poll::Ready(None) };
        let session = this.number;
        let ended = match ready!(frames.poll_frame(session, cx)) {
            Some(Ok(frame)) => return Poll::Ready(Some(frame)),
            Some(Err(status)) => status,
            None => Status::new(Code::Ok, ""),
        };
        this.open = None;
        let status = Some(errors::to_wire(&ended));
        Poll::Ready(Some(Frame::End(v1::SessionEnd { session, status })))
    }
}
