//! The addresses of one server: calls use one address until it does not answer or is unavailable, and then
//! the next one.
//!
//! It is not a load balancer: a client stays at a working address, so its sessions and its calls stay on one
//! node. To spread many clients, give them the addresses in different orders.
//!
//! Invariant: concurrent failures at one address change the address once.

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

/// The connections to all addresses. Each connects on its first use.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    channels: Arc<[Channel]>,
    /// The number of the current address; it grows past the length and wraps by modulo.
    turn: Arc<AtomicUsize>,
}

impl Addresses {
    /// The connections, beginning at address number `first`.
    pub(super) fn new(endpoints: &[Endpoint], first: usize) -> Self {
        let channels = endpoints.iter().map(Endpoint::connect_lazy).collect();
        Self { channels, turn: Arc::new(AtomicUsize::new(first)) }
    }

    /// The number of the current address.
    pub(super) fn turn(&self) -> usize {
        self.turn.load(Ordering::Acquire)
    }

    /// Changes to the next address, unless another call did so since `turn`.
    pub(super) fn turn_from(&self, turn: usize) {
        let next = turn.wrapping_add(1);
        // It fails when another call has changed the address.
        let _ = self.turn.compare_exchange(turn, next, Ordering::AcqRel, Ordering::Relaxed);
    }
}

impl Service<http::Request<Body>> for Addresses {
    type Response = http::Response<Body>;
    type Error = Error;
    type Future = BoxFuture<'static, Result<Self::Response, Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        // The call itself waits until its address is ready.
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

/// Whether the server refuses because it is unavailable or shutting down, so that another one may answer.
fn is_unavailable(answer: &http::Response<Body>) -> bool {
    let status = answer.headers().get("grpc-status").map(http::HeaderValue::as_bytes);
    status == Some((Code::Unavailable as i32).to_string().as_bytes())
}
