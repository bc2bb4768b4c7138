//! The services, over what they share: the checks of tokens and of roles, and the messages that these have changed.
//!
//! Not the path to them (`router`). Invariant: all services ask the same checks, so a role or a token that ends, ends for
//! each of them.

use std::sync::Arc;

use axum::Router;
use gridloom::v1::account_service_server::AccountServiceServer;
use gridloom::v1::derivation_service_server::DerivationServiceServer;
use gridloom::v1::file_service_server::FileServiceServer;
use gridloom::v1::job_service_server::JobServiceServer;
use gridloom::v1::live_service_server::LiveServiceServer;
use gridloom::v1::operator_service_server::OperatorServiceServer;
use gridloom::v1::sharing_service_server::SharingServiceServer;
use gridloom::v1::sheet_service_server::SheetServiceServer;
use gridloom::v1::table_service_server::TableServiceServer;
use gridloom::v1::transfer_service_server::TransferServiceServer;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tonic::service::Routes;

use super::StartError;
use crate::cluster::membership::Membership;
use crate::cluster::session_registry::SessionRegistry;
use crate::config::Options;
use crate::edge::auth::Auth;
use crate::edge::keys::server_key::ServerKey;
use crate::edge::quotas::Quotas;
use crate::edge::relay::Relay;
use crate::edge::rights::access::Access;
use crate::edge::rights::end_sessions::EndSessions;
use crate::edge::rights::invalidation::Invalidations;
use crate::edge::rights::listening::listener;
use crate::edge::rights::listening::lookups::SessionCheck;
use crate::edge::rights::role_check::RoleCheck;
use crate::edge::sign_in::login_throttle::{LoginThrottle, StrangerQueries};
use crate::edge::sign_in::provider::SignInProvider;
use crate::mail::MailFacts;
use crate::people::{People, PeopleParts};
use crate::service::accounts::{AccountParts, Accounts};
use crate::service::derivations::Derivations;
use crate::service::files::{CheckedPlace, FileParts, FileSharing, Files, link_routes};
use crate::service::jobs::{Jobs, JobsParts};
use crate::service::live::{Live, SessionOpener};
use crate::service::operator::Operators;
use crate::service::sharing::Sharing;
use crate::service::sharing::invitations::Invitations;
use crate::service::sheets::Sheets;
use crate::service::sheets::removal::Removal;
use crate::service::tables::{Queries, Tables};
use crate::service::transfers::{FillParts, Transfers};
use jobs::Queue;
use model::limits::edge::ACCOUNT_MESSAGE_BYTES;
use model::limits::files::PIECE_MESSAGE_BYTES;
use model::limits::tables::TABLE_MESSAGE_BYTES;
use outbound::Outbound;
use redis_link::Bus;
use sheet::Registry;
use store::Store;

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
    /// Where the pieces of files lie.
    pub(super) place: Arc<CheckedPlace>,
    /// Answers queries over tables.
    pub(super) engine: Queries,
    /// Sends requests to addresses that callers choose.
    pub(super) outbound: Outbound,
    /// Cancelled when the server is about to stop.
    pub(super) stop: CancellationToken,
}

/// The services.
pub(super) struct Services {
    auth: Arc<Auth>,
    accounts: Accounts,
    sharing: Arc<Sharing>,
    sheets: Sheets,
    files: Arc<Files>,
    tables: Tables,
    transfers: Transfers,
    derivations: Derivations,
    live: Live,
    people: People,
    jobs: Jobs,
    operators: Operators,
}

impl Services {
    /// Starts the services; the job ends sessions of accounts, and the task ends after the `stop` of the parts.
    pub(super) async fn start(
        options: &Options,
        parts: Parts<'_>,
        draining: CancellationToken,
    ) -> Result<(Self, EndSessions, JoinHandle<()>), StartError> {
        let (checks, ends, listening) = Checks::start(options, &parts);
        let people = checks.people(options, &parts);
        let jobs = checks.jobs(options, &parts);
        let sharing = checks.sharing(options, &parts);
        let accounts = checks.accounts(options, &parts, &sharing).await?;
        let transfers = checks.transfers(options, &parts);
        let (operators, derivations) = (operators(options, &parts), derivations(options, &parts));
        let Parts { store, registry, sessions, membership, quotas, place, .. } = parts;
        let Parts { queue, engine, key, .. } = parts;
        let relay = Relay::new(membership.clone(), store.clone(), options.tls.trust.read()?);
        let Checks { auth, throttle, roles, invalidations, removal, queries } = checks;
        let sheets = Sheets::new(
            roles.clone(),
            options.limits,
            relay.clone(),
            invalidations,
            Arc::clone(&quotas),
            removal,
        );
        let (message_bytes, of_files) = (options.limits.message_bytes, options.files.limits);
        let access = roles.access.clone();
        let (pace, invitations) = sharing.shared();
        let of_roles = FileSharing { auth: auth.clone(), throttle, pace, invitations };
        let files = Arc::new(Files::new(FileParts {
            store: store.clone(),
            access: access.clone(),
            sharing: of_roles,
            place: Arc::clone(&place),
            limits: of_files,
            message_bytes,
            key,
            queries,
        }));
        let limits = (options.limits, of_files);
        let tables = Tables::new((store.clone(), access), place, queue, engine, limits);
        let (registry, sessions) = (registry.clone(), sessions.clone());
        let opener = SessionOpener { registry, auth: auth.clone(), roles, sessions, quotas };
        let live = Live::new(opener, relay, people.notice_streams(), draining);
        let services = Self {
            auth,
            accounts,
            sharing,
            sheets,
            files,
            tables,
            transfers,
            derivations,
            live,
            people,
            jobs,
            operators,
        };
        Ok((services, ends, listening))
    }

    /// The answers to links to downloads, which need no token.
    pub(super) fn links(&self) -> Router {
        link_routes(Arc::clone(&self.files))
    }

    /// The check of tokens, and the rpcs, whose messages have at most `limit` bytes, but for the pieces of files.
    pub(super) fn routes(self, limit: usize) -> (Arc<Auth>, Routes) {
        let Self { auth, accounts, sharing, sheets, files, tables, people, .. } = self;
        let Self { transfers, derivations, live, jobs, operators, .. } = self;
        let accounts = AccountServiceServer::new(accounts);
        let accounts = accounts.max_decoding_message_size(limit.min(ACCOUNT_MESSAGE_BYTES));
        let sharing = SharingServiceServer::from_arc(sharing);
        let sharing = sharing.max_decoding_message_size(limit.min(ACCOUNT_MESSAGE_BYTES));
        let sheets = SheetServiceServer::new(sheets).max_decoding_message_size(limit);
        let files =
            FileServiceServer::from_arc(files).max_decoding_message_size(PIECE_MESSAGE_BYTES);
        let tables = TableServiceServer::new(tables);
        let tables = tables.max_decoding_message_size(limit.min(TABLE_MESSAGE_BYTES));
        let transfers = TransferServiceServer::new(transfers);
        let transfers = transfers.max_decoding_message_size(limit.min(TABLE_MESSAGE_BYTES));
        let derivations = DerivationServiceServer::new(derivations);
        let derivations = derivations.max_decoding_message_size(limit.min(TABLE_MESSAGE_BYTES));
        let live = LiveServiceServer::new(live).max_decoding_message_size(limit);
        let jobs = JobServiceServer::new(jobs);
        let jobs = jobs.max_decoding_message_size(limit.min(ACCOUNT_MESSAGE_BYTES));
        let operators = OperatorServiceServer::new(operators);
        let operators = operators.max_decoding_message_size(limit.min(ACCOUNT_MESSAGE_BYTES));
        let routes = Routes::new(accounts.max_encoding_message_size(limit))
            .add_service(sharing.max_encoding_message_size(limit))
            .add_service(sheets.max_encoding_message_size(limit))
            .add_service(files.max_encoding_message_size(limit))
            .add_service(tables.max_encoding_message_size(limit))
            .add_service(transfers.max_encoding_message_size(limit))
            .add_service(derivations.max_encoding_message_size(limit))
            .add_service(live.max_encoding_message_size(limit))
            .add_service(jobs.max_encoding_message_size(limit))
            .add_service(operators.max_encoding_message_size(limit));
        (auth, people.add_to(routes, limit))
    }
}

fn derivations(options: &Options, parts: &Parts<'_>) -> Derivations {
    Derivations::new(
        (parts.store.clone(), Arc::clone(&parts.place)),
        parts.queue.clone(),
        (parts.engine.clone(), parts.outbound.clone()),
        (options.files.limits, options.limits.message_bytes as usize),
    )
}

fn operators(options: &Options, parts: &Parts<'_>) -> Operators {
    let message_bytes = options.limits.message_bytes as usize;
    let Parts { store, queue, engine, .. } = parts;
    Operators::new(Store::clone(store), queue.clone(), engine.clone(), message_bytes)
}

/// The checks that the services share.
struct Checks {
    auth: Arc<Auth>,
    throttle: Arc<LoginThrottle>,
    roles: RoleCheck,
    invalidations: Invalidations,
    removal: Arc<Removal>,
    queries: StrangerQueries,
}

impl Checks {
    fn start(options: &Options, parts: &Parts<'_>) -> (Self, EndSessions, JoinHandle<()>) {
        let Parts { store, registry, key, bus, stop, .. } = parts;
        let queries = StrangerQueries::default();
        let auth = Arc::new(Auth::new(
            Store::clone(store),
            options.token_lifetime(),
            options.limits.account_calls(),
            key.clone(),
            queries.clone(),
        ));
        let throttle =
            Arc::new(LoginThrottle::new(Store::clone(store), key.clone(), queries.clone()));
        let invalidations = Invalidations::start(bus.clone(), store.tasks(), stop.clone());
        let (for_access, registry) = (Store::clone(store), Registry::clone(registry));
        let roles = RoleCheck {
            store: Store::clone(store),
            registry: registry.clone(),
            access: Access::new(for_access, registry, invalidations.clone()),
            session_index: Arc::default(),
            owners: Arc::default(),
        };
        let check = SessionCheck { auth: auth.clone(), roles: roles.clone() };
        let listening = listener::start(
            check.clone(),
            &invalidations,
            bus.clone(),
            store.tasks(),
            stop.clone(),
        );
        let ends = EndSessions { check, invalidations: invalidations.clone() };
        let removal = Arc::new(Removal::new(&roles, options.limits, invalidations.clone()));
        (Self { auth, throttle, roles, invalidations, removal, queries }, ends, listening)
    }

    fn people(&self, options: &Options, parts: &Parts<'_>) -> People {
        People::start(PeopleParts {
            roles: self.roles.clone(),
            auth: self.auth.clone(),
            quotas: Arc::clone(&parts.quotas),
            node: parts.sessions.node(),
            bus: parts.bus.clone(),
            options: options.people,
            message_bytes: options.limits.message_bytes,
            stop: parts.stop.clone(),
        })
    }

    fn jobs(&self, options: &Options, parts: &Parts<'_>) -> Jobs {
        Jobs::start(JobsParts {
            store: parts.store.clone(),
            auth: self.auth.clone(),
            queue: parts.queue.clone(),
            message_bytes: options.limits.message_bytes as usize,
            stop: parts.stop.clone(),
        })
    }

    fn transfers(&self, options: &Options, parts: &Parts<'_>) -> Transfers {
        Transfers::new(
            (parts.store.clone(), Arc::clone(&parts.place)),
            parts.queue.clone(),
            (self.roles.access.clone(), parts.registry.clone()),
            options.files.limits,
            FillParts::new(&self.roles, Arc::clone(&parts.quotas), options.limits),
        )
    }

    fn sharing(&self, options: &Options, parts: &Parts<'_>) -> Arc<Sharing> {
        Arc::new(Sharing::new(
            self.roles.clone(),
            self.invalidations.clone(),
            self.auth.clone(),
            self.throttle.clone(),
            Arc::clone(&parts.quotas),
            parts.key.clone(),
            Invitations {
                throttle: self.throttle.clone(),
                queue: parts.queue.clone(),
                mail: parts.mail.clone(),
                rule: options.accounts.sign_up,
            },
        ))
    }

    async fn accounts(
        &self,
        options: &Options,
        parts: &Parts<'_>,
        sharing: &Arc<Sharing>,
    ) -> Result<Accounts, StartError> {
        let accounts = Accounts::new(AccountParts {
            store: parts.store.clone(),
            auth: self.auth.clone(),
            roles: self.roles.clone(),
            invalidations: self.invalidations.clone(),
            throttle: self.throttle.clone(),
            quotas: Arc::clone(&parts.quotas),
            queue: parts.queue.clone(),
            key: parts.key.clone(),
            mail: parts.mail.clone(),
            rule: options.accounts.sign_up,
            confirmation: parts.membership.confirmation(),
            provider: parts.provider.clone(),
            removal: Arc::clone(&self.removal),
            sharing: Arc::clone(sharing),
        });
        let failed = |error| StartError::Part(Status::from(error).message().to_owned());
        accounts.await.map_err(failed)
    }
}
