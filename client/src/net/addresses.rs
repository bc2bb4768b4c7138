//! One server at several addresses: calls go to one of them until it does not answer, or says that it
//! lacks something just now, then to the next.
//!
//! Not a load balancer: a client stays where it is as long as that works, which keeps its sessions and
//! its other calls on one node. Whoever has many clients gives them the addresses in different orders.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tonic::Code;
use tonic::body::Body;
use tonic::codegen::{Service, http};
use tonic::transport::{Channel, Endpoint, Error};

/// The connections to all addresses. Each is made when it is used first.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    channels: Arc<[Channel]>,
    /// Which one is used; counts on past the end.
    turn: Arc<AtomicUsize>,
}

impl Addresses {
    /// Beginning at the one with the number `first`.
    pub(super) fn new(endpoints: &[Endpoint], first: usize) -> Self {
        let channels = endpoints.iter().map(Endpoint::connect_lazy).collect();
        Self { channels, turn: Arc::new(AtomicUsize::new(first)) }
    }

    /// Whose turn it is.
    pub(super) fn turn(&self) -> usize {
        self.turn.load(Ordering::Acquire)
    }

    /// Goes on to the next address, unless another call has done so since `turn`.
    pub(super) fn turn_from(&self, turn: usize) {
        let next = turn.wrapping_add(1);
        // Failing means that it has been done.
        let _ = self.turn.compare_exchange(turn, next, Ordering::AcqRel, Ordering::Relaxed);
    }
}

impl Service<http::Request<Body>> for Addresses {
    type Response = http::Response<Body>;
    type Error = Error;
    type Future = BoxFuture<'static, Result<Self::Response, Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        // Whether the one that is used then is ready is found out in the call.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let addresses = self.clone();
        let turn = self.turn();
        let mut channel = self.channels[turn % self.channels.len()].clone();
        async move {
            let answer = async {
                poll_fn(|context| channel.poll_ready(context)).await?;
                channel.call(request).await
            };
            let answer = answer.await;
            if answer.as_ref().map_or(true, is_unavailable) {
                addresses.turn_from(turn);
            }
            answer
        }
        .boxed()
    }
}

/// Whether a server refuses at once because it lacks something, or is about to stop: another one may
/// have what it lacks.
fn is_unavailable(answer: &http::Response<Body>) -> bool {
    let status = answer.headers().get("grpc-status").map(http::HeaderValue::as_bytes);
    status == Some((Code::Unavailable as i32).to_string().as_bytes())
}
