//! The services of the port: the rpcs, health, and for every other path the browser application.
//!
//! Not the layers around them (`layers`), nor the bounds of connections (`connections`, `guard`). Invariant: each rpc
//! has its deadline, its token and the limits of its messages before it runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::body::Body;
use axum::middleware;
use axum::response::IntoResponse as _;
use gridloom::v1::account_service_server::AccountServiceServer;
use gridloom::v1::live_service_server::LiveServiceServer;
use gridloom::v1::sharing_service_server::SharingServiceServer;
use gridloom::v1::sheet_service_server::SheetServiceServer;
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
use crate::cluster::membership::Membership;
use crate::cluster::session_registry::SessionRegistry;
use crate::config::Options;
use crate::edge::auth::{self, Auth};
use crate::edge::call_items::{self, CallItems};
use crate::edge::errors::StatusBuilder;
use crate::edge::keys::server_key::ServerKey;
use crate::edge::large::calls;
use crate::edge::quotas::Quotas;
use crate::edge::relay::Relay;
use crate::edge::rights::access::Access;
use crate::edge::rights::end_sessions::EndSessions;
use crate::edge::rights::invalidation::{Listener, announced};
use crate::edge::rights::role_check::RoleCheck;
use crate::edge::sign_in::login_throttle::{LoginThrottle, StrangerQueries};
use crate::edge::sign_in::provider::SignInProvider;
use crate::mail::MailFacts;
use crate::people::{People, PeopleParts};
use crate::serve::StartError;
use crate::service::accounts::{AccountParts, Accounts};
use crate::service::live::{Live, SessionOpener};
use crate::service::sharing::Sharing;
use crate::service::sharing::invitations::Invitations;
use crate::service::sheets::Sheets;
use crate::service::sheets::removal::Removal;
use crate::service::web::WebFiles;
use jobs::Queue;
use model::limits::edge::{ACCOUNT_MESSAGE_BYTES, QUESTION_BYTES};
use redis_link::Bus;
use sheet::Registry;
use store::Store;

/// The services whose health is reported one by one; the empty name is the whole server.
const HEALTH_OF: [&str; 9] = [
    "",
    "gridloom.v1.AccountService",
    "gridloom.v1.ChatService",
    "gridloom.v1.CommentService",
    "gridloom.v1.LiveService",
    "gridloom.v1.NoticeService",
    "gridloom.v1.PeopleService",
    "gridloom.v1.SharingService",
    "gridloom.v1.SheetService",
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
    layers::around(grpc, starting, move || health.over_http(), Origins::new(options, None))
}

/// The answer to each request without TLS at a port that serves TLS.
pub(super) fn without_tls() -> Router {
    let refuse = |request: Request<Body>| async move {
        layers::refusal(request.headers(), StatusBuilder::needs_tls(), StatusCode::BAD_REQUEST)
    };
    Router::new().fallback(refuse).layer(middleware::map_response(layers::secured))
}

/// The parts that the services use.
pub(super) struct Parts<'a> {
    pub(super) store: &'a Store,
    pub(super) registry: &'a Registry,
    pub(super) sessions: &'a SessionRegistry,
    pub(super) membership: &'a Membership,
    /// Where the other servers reach this one.
    pub(super) address: &'a str,
    /// The bus to the other servers, where there are others.
    pub(super) bus: Option<Bus>,
    pub(super) quotas: Arc<Quotas>,
    /// The jobs that calls enqueue.
    pub(super) queue: Queue,
    pub(super) key: ServerKey,
    pub(super) mail: MailFacts,
    /// The provider by which people sign in, where there is one.
    pub(super) provider: Option<Arc<SignInProvider>>,
    /// Cancelled when the server is about to stop.
    pub(super) stop: CancellationToken,
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
    let part = |error: String| StartError::Part(error);
    let limit = options.limits.message_bytes as usize;
    let Parts { store, registry, sessions, membership, address, bus, .. } = parts;
    let Parts { quotas, queue, key, mail, provider, stop, .. } = parts;
    let of_service = |error| part(Status::from(error).message().to_owned());
    let queries = StrangerQueries::default();
    let auth = Arc::new(Auth::new(
        store.clone(),
        options.token_lifetime(),
        options.limits.account_calls(),
        key.clone(),
        queries.clone(),
    ));
    let throttle = Arc::new(LoginThrottle::new(store.clone(), key.clone(), queries));
    let roles = RoleCheck {
        store: store.clone(),
        registry: registry.clone(),
        access: Access::new(store.clone()),
        session_index: Arc::default(),
        owners: Arc::default(),
    };
    let listener = Listener { auth: auth.clone(), roles: roles.clone() };
    let (invalidations, listening) =
        listener.clone().start(bus.clone(), store.tasks(), stop.clone());
    let ends = EndSessions { listener, invalidations: invalidations.clone() };
    let limits = options.limits;
    let people = People::start(PeopleParts {
        roles: roles.clone(),
        auth: auth.clone(),
        quotas: Arc::clone(&quotas),
        node: sessions.node(),
        bus,
        options: options.people,
        stop,
    });
    let sharing = Arc::new(Sharing::new(
        roles.clone(),
        invalidations.clone(),
        auth.clone(),
        throttle.clone(),
        Arc::clone(&quotas),
        key.clone(),
        Invitations {
            throttle: throttle.clone(),
            queue: queue.clone(),
            mail: mail.clone(),
            rule: options.accounts.sign_up,
        },
    ));
    let removal = Arc::new(Removal::new(&roles, limits, invalidations.clone()));
    let accounts = Accounts::new(AccountParts {
        store: store.clone(),
        auth: auth.clone(),
        registry: registry.clone(),
        session_index: Arc::clone(&roles.session_index),
        invalidations: invalidations.clone(),
        throttle,
        quotas: Arc::clone(&quotas),
        queue,
        key,
        mail,
        rules: options.accounts.clone(),
        provider,
        removal: Arc::clone(&removal),
        sharing: Arc::clone(&sharing),
    });
    let accounts = accounts.await.map_err(of_service)?;
    let relay = Relay::new(membership.clone(), store.clone(), options.tls.trust.read()?);
    let sheets = Sheets::new(
        roles.clone(),
        limits,
        relay.clone(),
        invalidations,
        Arc::clone(&quotas),
        removal,
    );
    let (reporter, health_service) = health_reporter();
    let health = Health::new(reporter).await;
    let draining = health.draining.clone();
    let (registry, sessions) = (registry.clone(), sessions.clone());
    let opener = SessionOpener { registry, auth: auth.clone(), roles, sessions, quotas };
    let live = Live::new(opener, relay, people.notice_streams(), draining);
    let limited = |accounts, sharing, sheets, live| {
        let accounts = AccountServiceServer::new(accounts);
        let accounts = accounts.max_decoding_message_size(limit.min(ACCOUNT_MESSAGE_BYTES));
        let sharing = SharingServiceServer::from_arc(sharing);
        let sharing = sharing.max_decoding_message_size(limit.min(ACCOUNT_MESSAGE_BYTES));
        let sheets = SheetServiceServer::new(sheets).max_decoding_message_size(limit);
        let live = LiveServiceServer::new(live).max_decoding_message_size(limit);
        Routes::new(accounts.max_encoding_message_size(limit))
            .add_service(sharing.max_encoding_message_size(limit))
            .add_service(sheets.max_encoding_message_size(limit))
            .add_service(live.max_encoding_message_size(limit))
    };
    let grpc = people
        .add_to(limited(accounts, sharing, sheets, live), limit)
        .add_service(health_service.max_decoding_message_size(QUESTION_BYTES));
    let grpc = with_reflection(grpc).map_err(|error| part(error.to_string()))?.into_axum_router();
    let reported = health.clone();
    let web = web_files(options).await?;
    // The last layer is the outermost.
    let grpc = grpc
        .fallback(layers::no_such_service)
        .route_layer(middleware::from_fn_with_state(Arc::new(CallItems::new()), call_items::pace))
        .route_layer(middleware::from_fn_with_state(limit, calls::carry))
        .layer(middleware::from_fn(unfinished::hold))
        .route_layer(middleware::from_fn(held::wait));
    let grpc = announced::around(grpc, store.tasks().clone())
        .route_layer(middleware::from_fn_with_state(auth, auth::require_token))
        .layer(middleware::from_fn(held::count))
        .layer(middleware::from_fn(deadlines::keep));
    let origins = Origins::new(options, Some(address));
    let pages = move |request: &RequestParts| web.serve(request);
    let router = layers::around(grpc, pages, move || reported.over_http(), origins);
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
