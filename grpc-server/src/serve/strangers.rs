//! How many calls one connection may have under way without a token, or before it has shown one.
//!
//! Not the check of a token: see `edge::auth`. Invariant: a caller without a token holds at most
//! [`STRANGER_CALLS`] small messages and answers for each connection.

use std::sync::Arc;

use axum::body::Body;
use http::{Request, Response, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;

use super::requests::layers;
use crate::edge::auth::TokenShown;
use crate::edge::errors::StatusBuilder;
use model::limits::edge::{STRANGER_CALLS, STREAM_OPENS_WITHIN};

/// The places of one connection.
#[derive(Clone, Debug)]
pub(super) struct Strangers(Arc<Semaphore>);

impl Default for Strangers {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(STRANGER_CALLS)))
    }
}

impl Strangers {
    /// A place for a call that needs no token, or whose connection has shown none yet; none is needed for others. A call
    /// without a place is refused, but for one that may show a token: it waits for the others that may.
    pub(super) async fn admit<B>(
        &self,
        request: &Request<B>,
        is_public: bool,
        token: &TokenShown,
    ) -> Result<Option<OwnedSemaphorePermit>, Box<Response<Body>>> {
        let places = Arc::clone(&self.0);
        let place = if is_public {
            places.try_acquire_owned().ok()
        } else if token.is_shown() {
            return Ok(None);
        } else {
            tokio::select! {
                biased;
                place = places.acquire_owned() => place.ok(),
                () = token.shown() => return Ok(None),
                () = sleep(STREAM_OPENS_WITHIN) => None,
            }
        };
        place.map(Some).ok_or_else(|| {
            let (headers, code) = (request.headers(), StatusCode::TOO_MANY_REQUESTS);
            let builder = StatusBuilder::too_many_calls(STRANGER_CALLS);
            Box::new(layers::refusal(headers, builder, code))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::poll;
    use tokio::time::Instant;

    const RPC: &str = "/gridloom.v1.LiveService/Watch";

    async fn admit(
        strangers: &Strangers,
        path: &str,
        token: &TokenShown,
    ) -> Result<Option<OwnedSemaphorePermit>, StatusCode> {
        let request = Request::builder().uri(path).body(()).expect("is valid");
        let admitted = strangers.admit(&request, path != RPC, token).await;
        admitted.map_err(|refused| refused.status())
    }

    #[tokio::test(start_paused = true)]
    async fn strangers_share_a_bounded_number_of_places() {
        let (strangers, token) = (Strangers::default(), TokenShown::default());
        let paths = [
            "/",
            "/healthz",
            "/gridloom.v1.AccountService/SignIn",
            "/grpc.health.v1.Health/Watch",
            RPC,
        ];
        let mut held = Vec::new();
        for at in 0..STRANGER_CALLS {
            let path = paths[at % paths.len()];
            held.push(admit(&strangers, path, &token).await.expect("there is room"));
        }
        assert!(held.iter().all(Option::is_some));
        for path in &paths[..4] {
            let refused = admit(&strangers, path, &token).await.err();
            assert_eq!(refused, Some(StatusCode::TOO_MANY_REQUESTS), "{path}");
        }
        // A call that may show a token waits for a place, and not without an end.
        let begun = Instant::now();
        assert!(admit(&strangers, RPC, &token).await.is_err());
        assert_eq!(begun.elapsed(), STREAM_OPENS_WITHIN);
        let mut waiting = std::pin::pin!(admit(&strangers, RPC, &token));
        assert!(poll!(waiting.as_mut()).is_pending());
        held.pop();
        assert!(matches!(waiting.await, Ok(Some(_))));
        assert!(matches!(admit(&strangers, "/", &token).await, Ok(Some(_))), "free again");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_has_shown_a_token_needs_no_places_for_its_calls() {
        let (strangers, token) = (Strangers::default(), TokenShown::default());
        let mut held = Vec::new();
        for _ in 0..STRANGER_CALLS {
            held.push(admit(&strangers, RPC, &token).await.expect("there is room"));
        }
        let mut waiting = std::pin::pin!(admit(&strangers, RPC, &token));
        assert!(poll!(waiting.as_mut()).is_pending());
        token.show(model::AccountId::generate());
        assert!(matches!(waiting.await, Ok(None)));
        for _ in 0..STRANGER_CALLS * 2 {
            assert!(matches!(admit(&strangers, RPC, &token).await, Ok(None)));
        }
        assert!(admit(&strangers, "/", &token).await.is_err(), "the others count still");
    }
}
