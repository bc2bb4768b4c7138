//! Large messages: they are decoded and encoded as heavy work, so that a thread which serves connections never spends
//! tens of milliseconds on one.
//!
//! | file | holds |
//! | --- | --- |
//! | `calls` | calls of one message |
//! | `messages` | streamed requests |
//! | `place` | where in a message a body is |
//!
//! Not here: how large a message may be (`serve::router`), and how many of its fields an account may send
//! (`call_items`). Invariant: a small message is decoded and encoded where it is, without a turn.

pub(crate) mod calls;
pub(crate) mod messages;
pub(crate) mod place;

use model::sizes::LIGHT_BYTES;
use prost::Message;
use tonic::Response;

/// Marks the response of a call whose message is to be encoded as heavy work.
#[derive(Clone, Copy, Debug)]
struct LargeAnswer;

/// The response of a call. Cost: the parts of the message, whose size is counted.
pub(crate) fn answer<M: Message>(message: M) -> Response<M> {
    let is_large = message.encoded_len() > LIGHT_BYTES;
    let mut response = Response::new(message);
    if is_large {
        response.extensions_mut().insert(LargeAnswer);
    }
    response
}
