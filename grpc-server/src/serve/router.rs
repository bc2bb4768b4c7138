//! What the port answers: the rpcs, health, links to downloads, and for every other path the browser application.
//!
//! Not the services (`services`), the layers around them (`layers`), nor the bounds of connections (`connections`, `guard`).
//! Invariant: each rpc has its deadline, its token and the limits of its messages before it runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::body::Body;
use axum::middleware;
use axum::response::IntoResponse as _;
use http::request::Parts as RequestParts;
use http::{Request, StatusCode};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tonic::service::Routes;
use tonic_health::ServingStatus;
use tonic_health::server::{HealthReporter, health_reporter};

use super::requests::origins::Origins;
use super::requests::{deadlines, held, layers, unfinished};
use super::services::{Parts, Services};
use crate::config::Options;
use crate::edge::auth;
use crate::edge::call_items::{self, CallItems};
use crate::edge::errors::StatusBuilder;
use crate::edge::large::calls;
use crate::edge::rights::end_sessions::EndSessions;
use crate::edge::rights::invalidation::announced;
use crate::serve::StartError;
use crate::service::web::WebFiles;
use model::limits::edge::QUESTION_BYTES;

/// The services whose health is reported one by one; the empty name is the whole server.
const HEALTH_OF: [&str; 15] = [
    "",
    "gridloom.v1.AccountService",
    "gridloom.v1.ChatService",
    "gridloom.v1.CommentService",
    "gridloom.v1.DerivationService",
    "gridloom.v1.FileService",
    "gridloom.v1.JobService",
    "gridloom.v1.LiveService",
    "gridloom.v1.NoticeService",
    "gridloom.v1.OperatorService",
    "gridloom.v1.PeopleService",
    "gridloom.v1.SharingService",
    "gridloom.v1.SheetService",
    "gridloom.v1.TableService",
    "gridloom.v1.TransferService",
];

/// Reports to health checks whether the server accepts work.
#[derive(Clone, Debug)]
pub(super) struct Health {
    reporter: HealthReporter,
    ready: Arc<AtomicBool>,
    draining: CancellationToken,
}

impl Health {
    /// Whether the server accepts work from now on.
    pub(super) async fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
        self.report(if ready { ServingStatus::Serving } else { ServingStatus::NotServing }).await;
        if self.draining.is_cancelled() {
            self.report(ServingStatus::NotServing).await;
        }
    }

    /// The server accepts no more work.
    pub(super) async fn drain(&self) {
        self.draining.cancel();
        self.report(ServingStatus::NotServing).await;
    }

    async fn report(&self, status: ServingStatus) {
        for service in HEALTH_OF {
            self.reporter.set_service_status(service, status).await;
        }
    }

    /// As it begins: not ready yet.
    async fn new(reporter: HealthReporter) -> Self {
        let (ready, draining) = (Arc::default(), CancellationToken::new());
        let health = Self { reporter, ready, draining };
        health.report(ServingStatus::NotServing).await;
        health
    }

    /// The same for a health check by plain HTTP.
    fn over_http(&self) -> (StatusCode, &'static str) {
        if self.draining.is_cancelled() {
            (StatusCode::SERVICE_UNAVAILABLE, "draining\n")
        } else if self.ready.load(Ordering::Relaxed) {
            (StatusCode::OK, "ok\n")
        } else {
            (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
        }
    }
}

/// The router before the server is ready: it reports that the server lives and is not ready.
pub(super) async fn waiting(options: &Options) -> Router {
    let (reporter, health_service) = health_reporter();
    let health = Health::new(reporter).await;
    let grpc = Routes::new(health_service.max_decoding_message_size(QUESTION_BYTES))
        .into_axum_router()
        .fallback(async || Status::from(StatusBuilder::starting()).into_http::<Body>())
        .layer(middleware::from_fn(unfinished::hold))
        .layer(middleware::from_fn(held::count))
        .layer(middleware::from_fn(deadlines::keep));
    let starting = |_: &_| (StatusCode::SERVICE_UNAVAILABLE, "starting\n").into_response();
    let (health, links) = (move || health.over_http(), Router::new());
    layers::around((grpc, links), starting, health, Origins::new(options, None))
}

/// The answer to each request without TLS at a port that serves TLS.
pub(super) fn without_tls() -> Router {
    let refuse = |request: Request<Body>| async move {
        layers::refusal(request.headers(), StatusBuilder::needs_tls(), StatusCode::BAD_REQUEST)
    };
    Router::new().fallback(refuse).layer(middleware::map_response(layers::secured))
}

/// The router, and the tasks that end with it.
pub(super) struct Built {
    pub(super) router: Router,
    pub(super) health: Health,
    /// The job that ends sessions of accounts.
    pub(super) ends: EndSessions,
    /// Ends after `stop`.
    pub(super) listening: JoinHandle<()>,
}

/// Builds the services and the router.
pub(super) async fn build(options: &Options, parts: Parts<'_>) -> Result<Built, StartError> {
    let limit = options.limits.message_bytes as usize;
    let (reporter, health_service) = health_reporter();
    let health = Health::new(reporter).await;
    let (tasks, address) = (parts.store.tasks().clone(), parts.address);
    let (services, ends, listening) =
        Services::start(options, parts, health.draining.clone()).await?;
    let links = services.links().route_layer(middleware::from_fn(held::count_stream));
    let (auth, routes) = services.routes(limit);
    let grpc = routes.add_service(health_service.max_decoding_message_size(QUESTION_BYTES));
    let grpc = with_reflection(grpc).map_err(|error| StartError::Part(error.to_string()))?;
    let reported = health.clone();
    let web = web_files(options).await?;
    // The last layer is the outermost.
    let grpc = grpc
        .into_axum_router()
        .fallback(layers::no_such_service)
        .route_layer(middleware::from_fn_with_state(Arc::new(CallItems::new()), call_items::pace))
        .route_layer(middleware::from_fn_with_state(limit, calls::carry))
        .layer(middleware::from_fn(unfinished::hold))
        .route_layer(middleware::from_fn(held::wait));
    let grpc = announced::around(grpc, tasks)
        .route_layer(middleware::from_fn_with_state(auth, auth::require_token))
        .layer(middleware::from_fn(held::count))
        .layer(middleware::from_fn(deadlines::keep));
    let origins = Origins::new(options, Some(address));
    let pages = move |request: &RequestParts| web.serve(request);
    let router = layers::around((grpc, links), pages, move || reported.over_http(), origins);
    Ok(Built { router, health, ends, listening })
}

/// Adds reflection: the services that list what can be called.
fn with_reflection(routes: Routes) -> Result<Routes, tonic_reflection::server::Error> {
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(gridloom::FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let (v1, v1alpha) = (reflection().build_v1()?, reflection().build_v1alpha()?);
    Ok(routes
        .add_service(v1.max_decoding_message_size(QUESTION_BYTES))
        .add_service(v1alpha.max_decoding_message_size(QUESTION_BYTES)))
}

async fn web_files(options: &Options) -> Result<WebFiles, StartError> {
    let given = options.web_dir.clone();
    let found = tokio::task::spawn_blocking(move || WebFiles::find(given.as_deref())).await;
    let web = found.map_err(|error| StartError::Part(error.to_string()))?;
    match web.root() {
        Some(root) => tracing::info!(root = %root.display(), "serving the browser application"),
        None => tracing::info!("the browser application is not built; serving gRPC only"),
    }
    Ok(web)
}
