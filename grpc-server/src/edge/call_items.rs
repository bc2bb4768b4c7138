//! The time that the large requests of one account may take the threads that decode them.
//!
//! A request of 4 MiB can hold a million fields, and to decode it takes a thread of the runtime tens of milliseconds, also
//! when the call is refused afterwards. So the fields of an account's calls have a rate, and a call above it is answered
//! later, which holds its turn (`call_turns`). Not here: the frames of sessions, which have a rate of their own
//! (`service::live`).
//!
//! Invariant: no call is refused here. A call that has to wait is carried out before.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use gridloom::codec::take_decoded_fields;
use model::allowance::AccountAllowance;
use model::limits::edge::FRAME_ITEMS;

use super::auth::Identity;
use super::refusals;

/// Calls whose fields count elsewhere.
const SESSIONS: &str = "/gridloom.v1.LiveService/";
/// A pause of at least this length has a line in the log.
const LOGGED: Duration = Duration::from_secs(1);

/// What the accounts may spend.
#[derive(Debug)]
pub(crate) struct CallItems(AccountAllowance);

impl CallItems {
    pub(crate) fn new() -> Self {
        Self(AccountAllowance::new(FRAME_ITEMS))
    }
}

/// Carries a call out, and answers it later when the account's requests have held too many fields.
pub(crate) async fn pace(
    State(items): State<Arc<CallItems>>,
    request: Request,
    next: Next,
) -> Response {
    let account = request.extensions().get::<Identity>().map(|identity| identity.account);
    let account = account.filter(|_| !request.uri().path().starts_with(SESSIONS));
    let Some(account) = account else { return next.run(request).await };
    let (answer, fields) = counted(next.run(request)).await;
    if fields > 0 {
        let cost = u32::try_from(fields).unwrap_or(u32::MAX);
        let pause = items.0.pause(account, cost, Instant::now());
        if pause >= LOGGED {
            refusals::log("fields of large requests; the account's calls are slowed", &account);
        }
        tokio::time::sleep(pause).await;
    }
    answer
}

/// The output of a call, and the fields of the large requests that it decoded.
async fn counted<F: Future>(call: F) -> (F::Output, usize) {
    let mut call = pin!(call);
    let mut fields = 0usize;
    let output = std::future::poll_fn(|context| {
        // What another task has left on this thread.
        let _others = take_decoded_fields();
        let polled = call.as_mut().poll(context);
        fields = fields.saturating_add(take_decoded_fields());
        polled
    });
    (output.await, fields)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::{Router, middleware};
    use gridloom::codec::LeanCodec;
    use gridloom::v1;
    use model::allowance::Rate;
    use prost::Message as _;
    use tonic::server::Grpc;
    use tower::{ServiceExt as _, service_fn};

    use super::*;

    /// A call with so many fields, which the handler decodes and refuses.
    async fn call(router: &Router, account: u128, fields: usize) -> Duration {
        let run = v1::TextRun { run: Some(v1::text_run::Run::Insert("a".into())) };
        // Each run is a field with a field.
        let runs = vec![run; fields / 2];
        let text = v1::EditText { runs, ..v1::EditText::default() };
        let command = v1::Command { command: Some(v1::command::Command::EditText(text)) };
        let list = v1::CommandList { commands: vec![command] };
        let change = Some(v1::apply_edits_request::Change::Commands(list));
        let message = v1::ApplyEditsRequest { change, ..v1::ApplyEditsRequest::default() };
        let message = message.encode_to_vec();
        let length = u32::try_from(message.len()).expect("it is short").to_be_bytes();
        let mut request = Request::new(Body::from([&[0][..], &length, &message].concat()));
        request.extensions_mut().insert(Identity::sample(account));
        let begun = tokio::time::Instant::now();
        let answer = router.clone().oneshot(request).await.expect("answers");
        assert_eq!(answer.headers()["grpc-status"], "3");
        begun.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn large_requests_of_an_account_are_answered_later_and_others_at_once() {
        let refuses = service_fn(|_: tonic::Request<v1::ApplyEditsRequest>| async {
            Err::<tonic::Response<v1::ApplyEditsResponse>, _>(tonic::Status::invalid_argument(""))
        });
        let handler = move |request: Request| async move {
            Grpc::new(LeanCodec::default()).unary(refuses, request).await
        };
        // While the test runs, nothing is earned.
        let rate = Rate { burst: 100_000, one_each: Duration::from_secs(3_600) };
        let items = Arc::new(CallItems(AccountAllowance::new(rate)));
        let layer = middleware::from_fn_with_state(items, pace);
        let router = Router::new().fallback(handler).layer(layer);
        // Each has 40,000 fields and a few.
        for _ in 0..2 {
            assert_eq!(call(&router, 1, 40_000).await, Duration::ZERO);
        }
        assert!(call(&router, 1, 40_000).await > rate.one_each / 2);
        assert!(call(&router, 1, 40_000).await > rate.one_each / 2);
        assert_eq!(call(&router, 1, 100).await, Duration::ZERO, "a small request counts nothing");
        assert_eq!(call(&router, 2, 40_000).await, Duration::ZERO);
    }
}
