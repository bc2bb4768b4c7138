//! Calls that commit a change and then announce it: they run to their end, also where their caller leaves.
//!
//! A role that is committed and not passed to the open sessions, or a token that is deleted and not forgotten, would
//! stay in use until the next lookup. A comment that commits after its announcement would stay unseen, and a piece of a file
//! that is written and not noted would take room that no upload has reserved. Not here: the change and its announcement
//! (`service`). Invariant: a call of [`runs_on`] is a task of the server from its turn
//! (`edge::call_turns`) to its answer, and has the turn so long; its statements have time limits of their own.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::middleware::Next;
use axum::{Router, middleware};
use http::{Request, Response};
use tasks::Tasks;
use tonic::Status;

use crate::edge::call_turns::{self, CallTurns, Turn};
use crate::edge::errors::ServiceError;

/// The services whose calls run to their end.
const SERVICES: [&str; 2] = ["/gridloom.v1.AccountService/", "/gridloom.v1.SharingService/"];
/// Their calls that end with their caller: they announce nothing or finish that part alone, and some wait for the check of
/// a password.
const ENDS_WITH_CALLER: [&str; 11] = [
    "SignUp",
    "SignIn",
    "WhoAmI",
    "ListTokens",
    "ListShares",
    "RequestPasswordReset",
    "ConfirmEmail",
    "EnterAsGuest",
    "GetServerSettings",
    "BeginProviderSignIn",
    "FinishProviderSignIn",
];
/// Calls of other services that run to their end.
const FURTHER: [&str; 12] = [
    "/gridloom.v1.FileService/UploadPiece",
    "/gridloom.v1.FileService/ShareFile",
    "/gridloom.v1.FileService/UnshareFile",
    "/gridloom.v1.SheetService/UpdateSheet",
    "/gridloom.v1.SheetService/DeleteSheet",
    "/gridloom.v1.SheetService/UndeleteSheet",
    "/gridloom.v1.ChatService/SendMessage",
    "/gridloom.v1.ChatService/EditMessage",
    "/gridloom.v1.ChatService/DeleteMessage",
    "/gridloom.v1.CommentService/AddComment",
    "/gridloom.v1.CommentService/ResolveComment",
    "/gridloom.v1.CommentService/DeleteComment",
];

/// Whether a call runs to its end without its caller.
fn runs_on(path: &str) -> bool {
    let name = SERVICES.iter().find_map(|service| path.strip_prefix(service));
    FURTHER.contains(&path) || name.is_some_and(|name| !ENDS_WITH_CALLER.contains(&name))
}

/// Adds the turns of calls to routes, and the tasks of those that run on.
pub(crate) fn around(router: Router, tasks: Tasks) -> Router {
    // The last layer is the outermost: a caller that leaves before the turn of its call leaves no task.
    let turns = Arc::new(CallTurns::new());
    router
        .route_layer(middleware::from_fn_with_state(tasks, run))
        .route_layer(middleware::from_fn_with_state(turns, call_turns::wait))
}

/// Carries a call out.
async fn run(State(tasks): State<Tasks>, mut request: Request<Body>, next: Next) -> Response<Body> {
    let turn = request.extensions_mut().remove::<Turn>();
    if !runs_on(request.uri().path()) {
        return next.run(request).await;
    }
    let call = async move {
        let answer = next.run(request).await;
        drop(turn);
        answer
    };
    let answer = tasks.finish(call).await;
    // A panic is reported where it happened.
    answer.unwrap_or_else(|_| Status::from(ServiceError::Internal).into_http())
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::routing::any;
    use futures_util::poll;
    use prost::Message as _;
    use prost_types::FileDescriptorSet;
    use tokio::sync::Semaphore;
    use tower::ServiceExt as _;

    use super::*;
    use crate::edge::auth::Identity;
    use model::limits::edge::CALLS_AT_ONCE;

    const DELETE: &str = "/gridloom.v1.SheetService/DeleteSheet";

    /// The paths of all calls.
    fn calls() -> Vec<String> {
        let files =
            FileDescriptorSet::decode(gridloom::FILE_DESCRIPTOR_SET).expect("is compiled in");
        let of_file = |file: &prost_types::FileDescriptorProto| {
            let services = file.service.iter().flat_map(|service| {
                let path = format!("/{}.{}/", file.package(), service.name());
                service.method.iter().map(move |call| format!("{path}{}", call.name()))
            });
            services.collect::<Vec<_>>()
        };
        files.file.iter().flat_map(of_file).collect()
    }

    #[test]
    fn each_name_is_a_call() {
        let calls = calls();
        let of_services = ENDS_WITH_CALLER
            .iter()
            .map(|name| SERVICES.iter().any(|service| calls.contains(&format!("{service}{name}"))));
        assert!(of_services.into_iter().all(|known| known));
        assert!(FURTHER.iter().all(|path| calls.iter().any(|call| call == path)));
    }

    /// A caller without an account leaves no task behind, but for the call that ends tokens.
    #[test]
    fn a_stranger_ends_its_calls_by_leaving() {
        let calls = calls();
        let of_strangers = calls.iter().filter(|path| crate::edge::auth::is_public(path));
        let run_on: Vec<_> = of_strangers.filter(|path| runs_on(path)).collect();
        assert_eq!(run_on, ["/gridloom.v1.AccountService/ResetPassword"]);
    }

    /// Each call is cancelled after its change and before its announcement.
    #[tokio::test]
    async fn a_cancelled_call_announces_what_it_has_changed() {
        for path in calls() {
            let (tasks, gate) = (Tasks::new(), Arc::new(Semaphore::new(0)));
            let (changed, announced) = (Arc::new(AtomicUsize::new(0)), Arc::default());
            let parts = (Arc::clone(&changed), Arc::<AtomicUsize>::clone(&announced));
            let (opened, (change, announce)) = (Arc::clone(&gate), parts);
            let handler = move || {
                let (opened, change, announce) =
                    (Arc::clone(&opened), Arc::clone(&change), Arc::clone(&announce));
                async move {
                    change.fetch_add(1, Ordering::Relaxed);
                    drop(opened.acquire().await);
                    announce.fetch_add(1, Ordering::Relaxed);
                }
            };
            let layer = middleware::from_fn_with_state(tasks.clone(), run);
            let router = Router::new().fallback(handler).layer(layer);
            let request = Request::builder().uri(&path).body(Body::empty()).expect("is valid");
            {
                let mut call = pin!(router.oneshot(request));
                while changed.load(Ordering::Relaxed) == 0 {
                    assert!(poll!(&mut call).is_pending(), "{path}");
                    tokio::task::yield_now().await;
                }
            }
            gate.add_permits(1);
            tasks.ended().await;
            let announced = announced.load(Ordering::Relaxed);
            assert_eq!(announced, usize::from(runs_on(&path)), "{path}");
        }
    }

    /// A call of an account.
    fn call(path: &str) -> Request<Body> {
        let mut request = Request::builder().uri(path).body(Body::empty()).expect("is valid");
        request.extensions_mut().insert(Identity::sample(1));
        request
    }

    #[tokio::test]
    async fn a_call_without_its_caller_keeps_its_turn_and_begins_none() {
        let (begun, release) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let (counted, released) = (Arc::clone(&begun), Arc::clone(&release));
        let handler = move || {
            counted.fetch_add(1, Ordering::Relaxed);
            let released = Arc::clone(&released);
            async move { drop(released.acquire().await) }
        };
        let tasks = Tasks::new();
        let router = around(Router::new().route("/{*call}", any(handler)), tasks.clone());
        let deletion = || Box::pin(router.clone().oneshot(call(DELETE)));
        let mut calls: Vec<_> = (0..=CALLS_AT_ONCE).map(|_| deletion()).collect();
        while begun.load(Ordering::Relaxed) < CALLS_AT_ONCE {
            for call in &mut calls {
                assert!(poll!(call).is_pending());
            }
            tokio::task::yield_now().await;
        }
        // Its caller leaves before its turn, and the callers of the others after it.
        drop(calls);
        let mut other = pin!(router.clone().oneshot(call("/gridloom.v1.SheetService/QueryRows")));
        assert!(poll!(&mut other).is_pending());
        tokio::task::yield_now().await;
        assert!(poll!(&mut other).is_pending(), "the turns are taken");
        assert_eq!(begun.load(Ordering::Relaxed), CALLS_AT_ONCE);
        release.close();
        tasks.ended().await;
        assert!(other.await.is_ok());
        assert_eq!(begun.load(Ordering::Relaxed), CALLS_AT_ONCE + 1, "the other alone began");
    }
}
