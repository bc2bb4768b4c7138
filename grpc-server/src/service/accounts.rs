//! `gridloom.v1.AccountService`: sign up, sign in, sign out, who am I; passwords, names and tokens of an account.
//!
//! Not the hashing of passwords (`edge::sign_in::passwords`) and not the tokens (`edge::auth`). Invariant: a refused sign-in
//! does not show whether the account exists.

mod owner;
mod resets;

use std::net::IpAddr;
use std::sync::Arc;

use gridloom::v1::account_service_server::AccountService;
use gridloom::v1::{self, Session};
use tonic::{Request, Response, Status};

use crate::edge::auth::{Auth, Identity};
use crate::edge::errors::ServiceError;
use crate::edge::keys::server_key::ServerKey;
use crate::edge::quotas::Quotas;
use crate::edge::rights::invalidation::{Invalidation, Invalidations};
use crate::edge::rights::session_index::SessionIndex;
use crate::edge::sign_in::login_throttle::{LoginThrottle, NOWHERE};
use crate::edge::sign_in::passwords::{Lane, Passwords};
use crate::mail::MailFacts;
use crate::service::device;
use crate::service::names::{display_name, email};
use jobs::Queue;
use model::{AccountId, AccountRecord, now_micros};
use sheet::Registry;
use store::{Store, StoreError};

const PASSWORD_CHARACTERS: std::ops::RangeInclusive<usize> = 8..=256;

/// Serves accounts.
#[derive(Debug)]
pub(crate) struct Accounts {
    store: Store,
    auth: Arc<Auth>,
    registry: Registry,
    session_index: Arc<SessionIndex>,
    invalidations: Invalidations,
    passwords: Passwords,
    throttle: Arc<LoginThrottle>,
    quotas: Arc<Quotas>,
    queue: Queue,
    key: ServerKey,
    mail: MailFacts,
}

/// The parts that the service uses.
pub(crate) struct AccountParts {
    pub(crate) store: Store,
    pub(crate) auth: Arc<Auth>,
    pub(crate) registry: Registry,
    pub(crate) session_index: Arc<SessionIndex>,
    pub(crate) invalidations: Invalidations,
    pub(crate) throttle: Arc<LoginThrottle>,
    pub(crate) quotas: Arc<Quotas>,
    pub(crate) queue: Queue,
    pub(crate) key: ServerKey,
    pub(crate) mail: MailFacts,
}

impl Accounts {
    pub(crate) async fn new(parts: AccountParts) -> Result<Self, ServiceError> {
        let passwords = Passwords::new().await?;
        let AccountParts { store, auth, registry, session_index, .. } = parts;
        let AccountParts { invalidations, throttle, quotas, queue, key, mail, .. } = parts;
        Ok(Self {
            store,
            auth,
            registry,
            session_index,
            invalidations,
            passwords,
            throttle,
            quotas,
            queue,
            key,
            mail,
        })
    }

    async fn register(
        &self,
        request: v1::SignUpRequest,
        peer: Option<IpAddr>,
        device: &str,
    ) -> Result<Session, ServiceError> {
        let email = email(&request.email)?;
        check_password("password", &request.password)?;
        let display_name = display_name(&request.display_name, &email)?;
        self.throttle.take_sign_up(peer).await?;
        // Before the hash, which costs a thousand times as much.
        if self.account(&email).await?.is_some() {
            return Err(ServiceError::EmailTaken);
        }
        let lane = Lane::SignUp(network_of(peer));
        let password_hash = self.passwords.hash(request.password, lane).await?;
        let account = AccountRecord {
            id: AccountId::generate(),
            email: email.into(),
            display_name: display_name.into(),
            password_hash: password_hash.into(),
            created_micros: now_micros(),
        };
        match self.store.create_account(&account).await {
            Ok(()) => self.session(account, peer, device).await,
            Err(StoreError::AlreadyExists(_)) => Err(ServiceError::EmailTaken),
            Err(error) => Err(error.into()),
        }
    }

    async fn check(
        &self,
        request: v1::SignInRequest,
        peer: Option<IpAddr>,
        device: &str,
    ) -> Result<Session, ServiceError> {
        // A text that is no address has no account; the answer is that to a wrong password.
        let email = email(&request.email).map_err(|_| ServiceError::BadSignIn)?;
        let attempt = self.throttle.take(&email, peer).await?;
        match self.verified(&email, request.password, attempt.known, peer).await {
            Ok(None) => Err(ServiceError::BadSignIn),
            Ok(Some(account)) => {
                self.throttle.give_back(&attempt).await;
                self.session(account, peer, device).await
            }
            Err(error) => {
                self.throttle.give_back(&attempt).await;
                Err(error)
            }
        }
    }

    /// The account, if this is its password.
    async fn verified(
        &self,
        email: &str,
        password: String,
        known: bool,
        peer: Option<IpAddr>,
    ) -> Result<Option<AccountRecord>, ServiceError> {
        let account = self.account(email).await?;
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let password = password.chars().take(*PASSWORD_CHARACTERS.end() + 1).collect();
        let lane = if known { Lane::Known } else { Lane::Unknown(network_of(peer)) };
        let is_right = self.passwords.verify(password, hash, lane).await?;
        Ok(account.filter(|_| is_right))
    }

    async fn account(&self, email: &str) -> Result<Option<AccountRecord>, ServiceError> {
        let _turn = self.throttle.queries().turn().await?;
        Ok(self.store.account_by_email(email).await?)
    }

    async fn session(
        &self,
        account: AccountRecord,
        peer: Option<IpAddr>,
        device: &str,
    ) -> Result<Session, ServiceError> {
        let shown = to_wire(&account);
        self.throttle.remember(account.id, peer).await;
        let (token, expires_micros) = self.auth.issue(account, device).await?;
        Ok(Session { account: Some(shown), token, expires_micros })
    }
}

#[tonic::async_trait]
impl AccountService for Accounts {
    async fn sign_up(
        &self,
        request: Request<v1::SignUpRequest>,
    ) -> Result<Response<v1::SignUpResponse>, Status> {
        let peer = request.remote_addr().map(|address| address.ip());
        let device = device::name(request.metadata());
        let session = Some(self.register(request.into_inner(), peer, &device).await?);
        Ok(Response::new(v1::SignUpResponse { session }))
    }

    async fn sign_in(
        &self,
        request: Request<v1::SignInRequest>,
    ) -> Result<Response<v1::SignInResponse>, Status> {
        let peer = request.remote_addr().map(|address| address.ip());
        let device = device::name(request.metadata());
        let session = Some(self.check(request.into_inner(), peer, &device).await?);
        Ok(Response::new(v1::SignInResponse { session }))
    }

    async fn sign_out(
        &self,
        request: Request<v1::SignOutRequest>,
    ) -> Result<Response<v1::SignOutResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.auth.revoke(&identity.token_hash).await?;
        self.session_index.revoke(&identity.token_hash, &self.registry);
        self.invalidations.send_all(Invalidation::Token(identity.token_hash)).await;
        Ok(Response::new(v1::SignOutResponse {}))
    }

    async fn who_am_i(
        &self,
        request: Request<v1::WhoAmIRequest>,
    ) -> Result<Response<v1::WhoAmIResponse>, Status> {
        let identity = Identity::of(&request)?;
        let account = self.auth.account(&identity).await?;
        let usage = match request.get_ref().usage {
            true => Some(self.quotas.usage(identity.account).await?),
            false => None,
        };
        let limits = usage.is_some().then(|| self.registry.shared().wire_limits());
        Ok(Response::new(v1::WhoAmIResponse {
            account: Some(to_wire(&account)),
            expires_micros: identity.expires_micros,
            usage: usage.map(|(bytes, sheets)| v1::Usage { bytes, sheets }),
            limits,
            sends_mail: self.mail.is_sent,
            operator_contact: self.mail.operator_contact.clone(),
        }))
    }

    async fn sign_out_everywhere(
        &self,
        request: Request<v1::SignOutEverywhereRequest>,
    ) -> Result<Response<v1::SignOutEverywhereResponse>, Status> {
        self.end_all_tokens(&Identity::of(&request)?).await?;
        Ok(Response::new(v1::SignOutEverywhereResponse {}))
    }

    async fn change_password(
        &self,
        request: Request<v1::ChangePasswordRequest>,
    ) -> Result<Response<v1::ChangePasswordResponse>, Status> {
        let identity = Identity::of(&request)?;
        let peer = request.remote_addr().map(|address| address.ip());
        self.replace_password(&identity, request.into_inner(), peer).await?;
        Ok(Response::new(v1::ChangePasswordResponse {}))
    }

    async fn update_account(
        &self,
        request: Request<v1::UpdateAccountRequest>,
    ) -> Result<Response<v1::UpdateAccountResponse>, Status> {
        let identity = Identity::of(&request)?;
        let account = Some(self.rename(&identity, request.into_inner()).await?);
        Ok(Response::new(v1::UpdateAccountResponse { account }))
    }

    async fn list_tokens(
        &self,
        request: Request<v1::ListTokensRequest>,
    ) -> Result<Response<v1::ListTokensResponse>, Status> {
        let tokens = self.tokens(&Identity::of(&request)?).await?;
        Ok(Response::new(v1::ListTokensResponse { tokens }))
    }

    async fn revoke_token(
        &self,
        request: Request<v1::RevokeTokenRequest>,
    ) -> Result<Response<v1::RevokeTokenResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.revoke(&identity, &request.get_ref().id).await?;
        Ok(Response::new(v1::RevokeTokenResponse {}))
    }

    async fn request_password_reset(
        &self,
        request: Request<v1::RequestPasswordResetRequest>,
    ) -> Result<Response<v1::RequestPasswordResetResponse>, Status> {
        let peer = request.remote_addr().map(|address| address.ip());
        Ok(Response::new(self.request_reset(request.into_inner(), peer).await?))
    }

    async fn reset_password(
        &self,
        request: Request<v1::ResetPasswordRequest>,
    ) -> Result<Response<v1::ResetPasswordResponse>, Status> {
        let peer = request.remote_addr().map(|address| address.ip());
        self.set_password(request.into_inner(), peer).await?;
        Ok(Response::new(v1::ResetPasswordResponse {}))
    }
}

/// Checks the rules of a new password.
fn check_password(field: &str, password: &str) -> Result<(), ServiceError> {
    match PASSWORD_CHARACTERS.contains(&password.chars().count()) {
        true => Ok(()),
        false => Err(ServiceError::malformed(field, "must have 8 to 256 characters")),
    }
}

fn network_of(peer: Option<IpAddr>) -> IpAddr {
    peer.unwrap_or(NOWHERE)
}

fn to_wire(account: &AccountRecord) -> v1::Account {
    v1::Account {
        id: account.id.to_string(),
        email: account.email.to_string(),
        display_name: account.display_name.to_string(),
    }
}
