//! Answers that their reader does not take: a stream that waits for its peer too long is reset.
//!
//! On HTTP/2 a reader may close the window of one stream and keep the connection alive. Then hyper holds the
//! next piece of the answer and asks for no more, and nothing in the answer can notice. So each stream runs
//! beside a timer, which knows when the last piece was given and not yet asked past. Dropping the stream
//! resets it, which frees what was queued. Not here: a peer that takes nothing of the whole connection
//! (`guard`).
//!
//! Invariant: an answer without data to send has no time limit; one with data is reset when none of it is
//! taken for [`ANSWER_QUIET_AT_MOST`].

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use axum::body::Body;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use hyper::rt::Executor;
use tasks::Tasks;
use tokio::time::{Instant, Sleep, sleep_until};

use super::peer::bytes::Call;
use model::limits::edge::{ANSWER_PIECE_BYTES, ANSWER_QUIET_AT_MOST};

tokio::task_local! {
    /// The stream that the running task serves: on HTTP/1, the connection.
    static OUTLET: Outlet;
}

/// When the piece was given that the peer has not taken yet.
#[derive(Clone, Debug, Default)]
struct Outlet(Arc<Mutex<Option<Instant>>>);

impl Outlet {
    fn set(&self, given: Option<Instant>) {
        // A single assignment, so a poisoned lock is whole.
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = given;
    }

    fn given(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs the streams of HTTP/2 connections, each beside its timer.
#[derive(Clone, Debug)]
pub(super) struct TimedStreams(pub(super) Tasks);

impl<F> Executor<F> for TimedStreams
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        self.0.spawn(timed(stream));
    }
}

/// Drives a stream, or a connection with its answers, to its end; `None` when its peer takes nothing of an answer.
pub(super) async fn timed<S: Future>(stream: S) -> Option<S::Output> {
    let outlet = Outlet::default();
    OUTLET.scope(outlet.clone(), watch(stream, outlet)).await
}

async fn watch<S: Future>(stream: S, outlet: Outlet) -> Option<S::Output> {
    let mut stream = pin!(stream);
    let mut timer: Option<Pin<Box<Sleep>>> = None;
    poll_fn(|cx| {
        if let Poll::Ready(output) = stream.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        let Some(given) = outlet.given() else {
            timer = None;
            return Poll::Pending;
        };
        let end = given + ANSWER_QUIET_AT_MOST;
        let timer = timer.get_or_insert_with(|| Box::pin(sleep_until(end)));
        if timer.deadline() != end {
            timer.as_mut().reset(end);
        }
        ready!(timer.as_mut().poll(cx));
        tracing::debug!(within = ?ANSWER_QUIET_AT_MOST, "stream reset: its reader takes nothing");
        Poll::Ready(None)
    })
    .await
}

/// An answer in small pieces, which notes when one is given.
#[derive(Debug)]
pub(super) struct Answer {
    body: Body,
    /// The rest of the body's last frame.
    rest: Bytes,
    outlet: Option<Outlet>,
    /// The call, until the answer has been given.
    call: Option<Call>,
}

impl Answer {
    /// To be called in the task that serves the stream.
    pub(super) fn new(body: Body, call: Option<Call>) -> Self {
        let outlet = OUTLET.try_with(Clone::clone).ok();
        Self { body, rest: Bytes::new(), outlet, call }
    }

    fn next_piece(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                end => return Poll::Ready(end),
            }
        }
        let count = self.rest.len().min(ANSWER_PIECE_BYTES);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(count)))))
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let piece = self.next_piece(cx);
        let is_given = matches!(piece, Poll::Ready(Some(Ok(_))));
        if let Some(outlet) = &self.outlet {
            outlet.set(is_given.then(Instant::now));
        }
        if let (true, Some(call)) = (is_given, &self.call) {
            call.touch();
        }
        piece
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (body, rest) = (self.body.size_hint(), self.rest.len() as u64);
        let mut hint = SizeHint::new();
        hint.set_lower(body.lower() + rest);
        if let Some(upper) = body.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        // The connection of HTTP/1 lives on.
        if let Some(outlet) = &self.outlet {
            outlet.set(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: usize = ANSWER_PIECE_BYTES * 2 + 1;

    /// Simulates a peer that takes this many pieces of an answer and then waits.
    async fn give(answer: Answer, pieces: usize) -> usize {
        let mut answer = pin!(answer);
        let mut taken = 0;
        for _ in 0..pieces {
            match poll_fn(|cx| answer.as_mut().poll_frame(cx)).await {
                Some(Ok(frame)) => taken += frame.data_ref().map_or(0, Bytes::len),
                _ => return taken,
            }
        }
        std::future::pending().await
    }

    /// Serves a stream; how many bytes were taken, if it was not reset.
    async fn serve(body: Body, pieces: usize) -> Option<usize> {
        let (sender, taken) = tokio::sync::oneshot::channel();
        TimedStreams(Tasks::new()).execute(async move {
            // The receiver is gone when the stream has been reset.
            let _ = sender.send(give(Answer::new(body, None), pieces).await);
        });
        taken.await.ok()
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_who_takes_nothing_is_reset_in_time() {
        for pieces in 1..=3 {
            let begun = Instant::now();
            assert_eq!(serve(Body::from(vec![0; LONG]), pieces).await, None, "{pieces}");
            let took = begun.elapsed();
            assert!(took >= ANSWER_QUIET_AT_MOST && took < ANSWER_QUIET_AT_MOST * 2, "{took:?}");
        }
        assert_eq!(serve(Body::from(vec![0; LONG]), 4).await, Some(LONG));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_has_nothing_to_say_lives() {
        let (sender, bytes) = tokio::sync::mpsc::unbounded_channel::<Result<Bytes, axum::Error>>();
        let body = Body::from_stream(tokio_stream::wrappers::UnboundedReceiverStream::new(bytes));
        let served = tokio::spawn(serve(body, usize::MAX));
        for _ in 0..5 {
            tokio::time::sleep(ANSWER_QUIET_AT_MOST * 100).await;
            sender.send(Ok(Bytes::from_static(b"now"))).expect("is read");
        }
        drop(sender);
        assert_eq!(served.await.expect("continues"), Some(15));
    }

    #[test]
    fn pieces_are_small_and_their_sum_is_known() {
        let answer = Answer::new(Body::from(vec![0; LONG]), None);
        assert_eq!(answer.size_hint().exact(), Some(LONG as u64));
        assert!(!answer.is_end_stream() && Answer::new(Body::empty(), None).is_end_stream());
    }
}
