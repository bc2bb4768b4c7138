//! The layers around everything that the port answers: the check of names and pages, the headers, the form.
//!
//! Not the services (`router`). Invariant: every answer passes here, also that of an unknown service, of a wrong
//! method, or of a refusal; a gRPC caller receives a status, and any other caller an HTTP code.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::middleware::{self, Next};
use axum::response::IntoResponse as _;
use axum::routing::get;
use http::header::{ALLOW, CONTENT_TYPE, HeaderName};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use tonic::{Code, Status};
use tonic_web::GrpcWebLayer;
use tower::ServiceExt as _;
use tower_http::cors::{AllowHeaders, CorsLayer};

use super::origins::{HEALTH, Origins};
use crate::edge::errors::StatusBuilder;
use crate::service::web;

/// How long a browser may remember that it is allowed to call.
const PREFLIGHT: Duration = Duration::from_secs(2 * 60 * 60);
/// The headers of an answer that a browser may read, beyond the default ones.
const EXPOSED: [HeaderName; 3] = [
    HeaderName::from_static("grpc-status"),
    HeaderName::from_static("grpc-message"),
    HeaderName::from_static("grpc-status-details-bin"),
];
/// The paths of rpcs.
const RPCS: [&str; 2] = ["/gridloom.", "/grpc."];

/// Puts the layers around the rpcs, the links to downloads, the pages and the health check.
pub(in crate::serve) fn around<P, H>(
    (grpc, links): (Router, Router),
    pages: P,
    health: H,
    origins: Origins,
) -> Router
where
    P: Fn(&Parts) -> Response<Body> + Clone + Send + Sync + 'static,
    H: Fn() -> (StatusCode, &'static str) + Clone + Send + Sync + 'static,
{
    let (cors, grpc) = (cors(&origins), grpc.layer(GrpcWebLayer::new()));
    // The last layer is the outermost. The checks for browsers come before grpc-web is unwrapped, and both come
    // before the check of the token, so that every refusal reaches the caller in its own form.
    Router::new()
        .route(HEALTH, get(move || std::future::ready(health())))
        .merge(links)
        .fallback(move |request| dispatch(grpc.clone(), pages.clone(), request))
        .layer(cors)
        .layer(middleware::from_fn_with_state(Arc::new(origins), check))
        .layer(middleware::map_response(secured))
}

/// The answer to a call of a service that is not there.
pub(in crate::serve) async fn no_such_service() -> Response<Body> {
    let message = "this server has no such service; reflection lists those that it has";
    Status::from(StatusBuilder::new(Code::Unimplemented, "NO_SUCH_SERVICE", message)).into_http()
}

/// Adds the headers that every answer has.
pub(in crate::serve) async fn secured(mut response: Response<Body>) -> Response<Body> {
    web::secure(response.headers_mut());
    response
}

/// A refusal in the caller's form: a status, or a code with a text.
pub(in crate::serve) fn refusal(
    headers: &HeaderMap,
    builder: StatusBuilder,
    code: StatusCode,
) -> Response<Body> {
    let status = Status::from(builder);
    if !is_grpc(headers) {
        return (code, format!("{}\n", status.message())).into_response();
    }
    let mut response = status.into_http();
    // Of grpc-web, where it is that.
    if let Some(content) = headers.get(CONTENT_TYPE) {
        response.headers_mut().insert(CONTENT_TYPE, content.clone());
    }
    response
}

pub(in crate::serve) fn is_grpc(headers: &HeaderMap) -> bool {
    let content = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    content.is_some_and(|content| content.starts_with(b"application/grpc"))
}

/// Refuses what comes under a foreign name or from a foreign page.
async fn check(
    State(origins): State<Arc<Origins>>,
    request: Request<Body>,
    next: Next,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    match origins.refuse(&head) {
        None => next.run(Request::from_parts(head, body)).await,
        Some(refused) => refusal(&head.headers, refused.builder(), refused.code()),
    }
}

async fn dispatch<P>(grpc: Router, pages: P, request: Request<Body>) -> Response<Body>
where
    P: Fn(&Parts) -> Response<Body>,
{
    let is_call = is_grpc(request.headers());
    let is_rpc = RPCS.iter().any(|rpcs| request.uri().path().starts_with(rpcs));
    if (is_call || is_rpc) && request.method() != Method::POST {
        let code = StatusCode::METHOD_NOT_ALLOWED;
        return (code, [(ALLOW, "POST")], "an rpc is called with POST\n").into_response();
    }
    if is_call {
        return grpc.oneshot(request).await.unwrap_or_else(|never| match never {});
    }
    if is_rpc {
        let text =
            "an rpc is called with the content type application/grpc or application/grpc-web\n";
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, text).into_response();
    }
    pages(&request.into_parts().0)
}

/// The answers to the preflights of allowed pages; there are no cookies, so a page can do no more than its token
/// allows.
fn cors(origins: &Origins) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(origins.allowed())
        .allow_methods([Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(EXPOSED)
        .max_age(PREFLIGHT)
}
