//! How many calls without a token one connection may have under way.
//!
//! Not the check of a token: see `edge::auth`. Invariant: a caller without a token holds at most
//! [`STRANGER_CALLS`] small messages and answers for each connection.

use std::sync::Arc;

use axum::body::Body;
use http::{Request, Response, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::layers;
use crate::edge::auth;
use crate::edge::errors::StatusBuilder;
use model::limits::edge::STRANGER_CALLS;

/// The places of one connection.
#[derive(Clone, Debug)]
pub(super) struct Strangers(Arc<Semaphore>);

impl Default for Strangers {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(STRANGER_CALLS)))
    }
}

impl Strangers {
    /// A place for a call that needs no token; none is needed for others.
    pub(super) fn admit<B>(
        &self,
        request: &Request<B>,
    ) -> Result<Option<OwnedSemaphorePermit>, Box<Response<Body>>> {
        if !auth::is_public(request.uri().path()) {
            return Ok(None);
        }
        let refused = |_| {
            let (headers, code) = (request.headers(), StatusCode::TOO_MANY_REQUESTS);
            let builder = StatusBuilder::too_many_calls(STRANGER_CALLS);
            Box::new(layers::refusal(headers, builder, code))
        };
        Arc::clone(&self.0).try_acquire_owned().map(Some).map_err(refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admit(
        strangers: &Strangers,
        path: &str,
    ) -> Result<Option<OwnedSemaphorePermit>, StatusCode> {
        let request = Request::builder().uri(path).body(()).expect("is valid");
        strangers.admit(&request).map_err(|refused| refused.status())
    }

    #[test]
    fn strangers_share_a_bounded_number_of_places() {
        let strangers = Strangers::default();
        let paths =
            ["/", "/healthz", "/gridloom.v1.AccountService/SignIn", "/grpc.health.v1.Health/Watch"];
        let mut held: Vec<_> = (0..STRANGER_CALLS)
            .map(|at| admit(&strangers, paths[at % paths.len()]).expect("there is room"))
            .collect();
        assert!(held.iter().all(Option::is_some));
        for path in paths {
            assert_eq!(admit(&strangers, path).err(), Some(StatusCode::TOO_MANY_REQUESTS));
        }
        // Calls with a token need no place, and a place is free again when its call ends.
        assert!(matches!(admit(&strangers, "/gridloom.v1.LiveService/Watch"), Ok(None)));
        held.pop();
        assert!(matches!(admit(&strangers, "/"), Ok(Some(_))));
    }
}
