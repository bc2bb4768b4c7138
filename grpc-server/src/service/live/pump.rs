//! The pump passes a session's frames to its sheet, as long as its access token is valid.
//!
//! Frames that have arrived together make one request, so that a busy writer costs its sheet one request for many
//! edits. Invariant: a full inbox makes the pump wait, and with it, through flow control, the client.

mod silence;

use std::mem;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use gridloom::v1::{self, client_frame::Frame};
use heavy_work::{Caller, Size};
use ot_engine::Limits;
use tokio::time::sleep;
use tokio_stream::Stream;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

use self::silence::Silence;
pub(super) use self::silence::promised;
use super::frames;
use super::looks::Looks;
use crate::edge::auth::{Auth, Identity};
use crate::edge::rights::session_index::SessionIndex;
use sheet::api::message::{ClientMessage, Request, SheetHandle};
use sheet::fanout::published::SessionKey;
use sheet::fanout::session::EndReason;

/// Frames that go to the sheet in one request, at most.
const FRAMES_AT_ONCE: usize = 128;
/// Their memory, after which none is added.
const BYTES_AT_ONCE: usize = 1 << 20;
/// Their items, after which none is added.
const ITEMS_AT_ONCE: usize = 100_000;

/// A frame of a stream, or the error that ends the stream.
type FrameResult = Result<Option<v1::ClientFrame>, Status>;

pub(super) struct Pump {
    pub(super) key: SessionKey,
    pub(super) handle: SheetHandle,
    pub(super) auth: Arc<Auth>,
    pub(super) session_index: Arc<SessionIndex>,
    pub(super) identity: Identity,
    /// The limits of an edit.
    pub(super) limits: Limits,
    pub(super) looks: Looks,
    /// How long the next frames wait, since these looked too much or held too many items.
    pub(super) wait: Duration,
    /// How often its client has promised a frame.
    pub(super) silence: Option<Duration>,
    /// Cancelled when the session's answers have ended, or its token was revoked.
    pub(super) left: CancellationToken,
}

impl Pump {
    /// Runs until the session leaves, the token expires, or the sheet closes. A session whose frames have
    /// ended still reads; it leaves with its response stream, and its request ends with it.
    pub(super) async fn run(mut self, frames: impl Stream<Item = FrameResult>) {
        let mut frames = Box::pin(frames);
        let handle = self.handle.clone();
        let mut closed = pin!(handle.closed());
        let left = self.left.clone();
        let mut left = pin!(left.cancelled());
        // Made once: a timer for each batch would cost more than the batch.
        let mut expiry = pin!(sleep(self.identity.time_left()));
        let mut reading = true;
        let mut pause = pin!(sleep(Duration::ZERO));
        let mut silence = Silence::new(self.silence);
        loop {
            tokio::select! {
                biased;
                // The client no longer reads the answers, or its token was revoked.
                () = left.as_mut() => return,
                // The token has expired.
                () = expiry.as_mut() => return self.end(EndReason::Unauthenticated).await,
                // Frames from the client.
                first = frames.next(), if reading && pause.is_elapsed() => match first {
                    Some(first) => {
                        let passed = tokio::select! {
                            biased;
                            // Frames of a session that has left are of no use.
                            () = left.as_mut() => return,
                            passed = self.pass(first, &mut frames) => passed,
                        };
                        if !self.wait.is_zero() {
                            pause.set(sleep(mem::take(&mut self.wait)));
                        }
                        match passed {
                            Ok(refreshed) if refreshed => expiry.set(sleep(self.identity.time_left())),
                            Ok(_) => {}
                            Err(reason) => return self.end(reason).await,
                        }
                        silence.broken();
                    }
                    None => reading = false,
                },
                // The session has sent too much: its next frames wait.
                () = pause.as_mut(), if !pause.is_elapsed() => {}
                // The client has vanished; while its frames wait, none is read.
                () = silence.too_long(), if pause.is_elapsed() => return self.end(EndReason::Silent).await,
                // The sheet closed, which ends the stream.
                () = closed.as_mut() => return,
            }
        }
    }

    async fn end(&self, reason: EndReason) {
        self.handle.send_if_open(Request::End(self.key, reason)).await;
    }

    /// Converts the frames that have arrived, and passes them to the sheet; true when the session continues under
    /// another token.
    async fn pass(
        &mut self,
        first: FrameResult,
        frames: &mut (impl Stream<Item = FrameResult> + Unpin),
    ) -> Result<bool, EndReason> {
        let caller = Caller::Account(self.identity.account);
        let batch = Batch::collect(first, frames, caller, &self.limits).await;
        self.wait = self.looks.pause(&batch.messages, batch.items, batch.refreshes);
        self.forward(batch).await
    }

    /// Passes a batch of frames to the sheet; true when the session continues under another token.
    async fn forward(&mut self, batch: Batch) -> Result<bool, EndReason> {
        let Batch { messages, bytes, token, broken, .. } = batch;
        let refreshed = token.is_some();
        if let Some(token) = token {
            self.refresh(&token).await?;
        }
        if !messages.is_empty() {
            let hold = self.handle.room(self.identity.account, bytes).await;
            let hold = hold.map_err(|_| EndReason::Reload)?;
            let request = Request::Frames { session: self.key, frames: messages, hold };
            self.handle.send(request).await.map_err(|_| EndReason::Reload)?;
        }
        broken.map_or(Ok(refreshed), Err)
    }

    /// Continues under another token of the same account.
    async fn refresh(&mut self, token: &str) -> Result<(), EndReason> {
        let identity = self.auth.identify(token).await.map_err(|_| EndReason::Unauthenticated)?;
        if identity.account != self.identity.account {
            return Err(EndReason::Unauthenticated);
        }
        let token_hash = identity.token_hash;
        self.session_index.refreshed(self.key.0, token_hash);
        // A token that was revoked before the index had it is refused here.
        self.auth.check(&identity).await.map_err(|_| EndReason::Unauthenticated)?;
        self.identity = identity;
        let request = Request::Refresh(self.key, token_hash);
        self.handle.send(request).await.map_err(|_| EndReason::Reload)
    }
}

/// Frames that have arrived together, converted one by one: a decoded frame is many times as large.
#[derive(Default)]
struct Batch {
    messages: Vec<ClientMessage>,
    /// The memory of the messages.
    bytes: usize,
    /// The items of the frames as they were decoded.
    items: usize,
    /// The access token under which the session continues: the last one, where several have arrived.
    token: Option<String>,
    /// The frames that named a token.
    refreshes: u32,
    /// Why the session ends after these messages.
    broken: Option<EndReason>,
}

impl Batch {
    /// The first frame, and those after it that have arrived.
    async fn collect(
        first: FrameResult,
        frames: &mut (impl Stream<Item = FrameResult> + Unpin),
        caller: Caller,
        limits: &Limits,
    ) -> Self {
        let mut batch = Self::default();
        let mut next = Some(first);
        let mut count = 0;
        while let Some(frame) = next.take() {
            batch.add(frame, caller, limits).await;
            count += 1;
            let is_full = batch.bytes >= BYTES_AT_ONCE || batch.items >= ITEMS_AT_ONCE;
            if count < FRAMES_AT_ONCE && !is_full && batch.broken.is_none() {
                // Where none has arrived, the pump polls the stream again and is woken.
                next = frames.next().now_or_never().flatten();
            }
        }
        batch
    }

    async fn add(&mut self, frame: FrameResult, caller: Caller, limits: &Limits) {
        match frame.map(|frame| frame.and_then(|frame| frame.frame)) {
            Ok(Some(Frame::Refresh(refresh))) => {
                self.token = Some(refresh.token);
                self.refreshes += 1;
            }
            Ok(Some(Frame::Hello(_))) => self.broken = Some(EndReason::SecondHello),
            Ok(Some(frame)) => {
                let items = frames::items(&frame);
                self.items += items;
                match converted(frame, items, caller, *limits).await {
                    Ok((message, bytes)) => {
                        self.bytes += bytes;
                        self.messages.extend(message);
                    }
                    Err(reason) => self.broken = Some(reason),
                }
            }
            // A kind of frame that this server does not know yet.
            Ok(None) => {}
            // The last of its stream. What came before it counts.
            Err(status) => self.broken = end_of_frames(&status),
        }
    }
}

/// A frame as a message to the sheet, and its memory; the conversion of a large frame is heavy work.
async fn converted(
    frame: Frame,
    items: usize,
    caller: Caller,
    limits: Limits,
) -> Result<(Option<ClientMessage>, usize), EndReason> {
    let convert = move || {
        let message = frames::message(frame, &limits);
        let bytes = message.as_ref().map_or(0, ClientMessage::bytes);
        (message, bytes)
    };
    let converted = heavy_work::run_sized(caller, Size::Items(items), convert).await;
    converted.map_err(|error| EndReason::Unreadable(error.to_string()))
}

/// Why a session ends whose frames end with an error. One that did not arrive may arrive on another
/// connection; one that is too large or damaged does not become any better. A connection that is lost ends
/// the session, when its answers can't be sent.
fn end_of_frames(status: &Status) -> Option<EndReason> {
    match status.code() {
        Code::DeadlineExceeded => Some(EndReason::Unfinished),
        Code::Cancelled | Code::Unavailable | Code::Unknown => None,
        _ => Some(EndReason::Unreadable(status.message().to_owned())),
    }
}

#[cfg(test)]
mod tests;
