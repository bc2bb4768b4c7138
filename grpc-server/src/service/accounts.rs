//! `gridloom.v1.AccountService`: sign up, sign in, sign out, who am I; passwords, names and tokens of an account.
//!
//! Not the hashing of passwords (`edge::sign_in::passwords`) and not the tokens (`edge::auth`). Invariant: a refused sign-in
//! does not show whether the account exists, also not to a person who has signed up with its address.

mod calls;
mod deletion;
mod owner;
mod provider;
mod resets;
mod sign_up;
mod token_ends;

use std::net::IpAddr;
use std::sync::Arc;

use gridloom::v1::{self, Session};

use self::token_ends::TokenEnds;
use crate::cluster::confirmation::Confirmation;
use crate::config::SignUpRule;
use crate::edge::auth::{Auth, Issued};
use crate::edge::errors::ServiceError;
use crate::edge::keys::server_key::ServerKey;
use crate::edge::quotas::Quotas;
use crate::edge::rights::invalidation::Invalidations;
use crate::edge::rights::role_check::RoleCheck;
use crate::edge::sign_in::login_throttle::{LoginThrottle, NOWHERE};
use crate::edge::sign_in::passwords::{Lane, Passwords};
use crate::edge::sign_in::provider::SignInProvider;
use crate::mail::MailFacts;
use crate::service::names::{display_name, email, known_email, lower_case};
use crate::service::sharing::Sharing;
use crate::service::sheets::removal::Removal;
use jobs::Queue;
use model::{AccountRecord, AccountState};
use store::Store;

const PASSWORD_CHARACTERS: std::ops::RangeInclusive<usize> = 8..=256;

/// Serves accounts.
#[derive(Debug)]
pub(crate) struct Accounts {
    store: Store,
    auth: Arc<Auth>,
    roles: RoleCheck,
    ends: TokenEnds,
    passwords: Passwords,
    throttle: Arc<LoginThrottle>,
    quotas: Arc<Quotas>,
    queue: Queue,
    key: ServerKey,
    mail: MailFacts,
    rule: SignUpRule,
    confirmation: Confirmation,
    provider: Option<Arc<SignInProvider>>,
    removal: Arc<Removal>,
    sharing: Arc<Sharing>,
}

/// The parts that the service uses.
pub(crate) struct AccountParts {
    pub(crate) store: Store,
    pub(crate) auth: Arc<Auth>,
    pub(crate) roles: RoleCheck,
    pub(crate) invalidations: Invalidations,
    pub(crate) throttle: Arc<LoginThrottle>,
    pub(crate) quotas: Arc<Quotas>,
    pub(crate) queue: Queue,
    pub(crate) key: ServerKey,
    pub(crate) mail: MailFacts,
    pub(crate) rule: SignUpRule,
    pub(crate) confirmation: Confirmation,
    pub(crate) provider: Option<Arc<SignInProvider>>,
    pub(crate) removal: Arc<Removal>,
    pub(crate) sharing: Arc<Sharing>,
}

impl Accounts {
    pub(crate) async fn new(parts: AccountParts) -> Result<Self, ServiceError> {
        let passwords = Passwords::new().await?;
        let AccountParts { store, auth, roles, .. } = parts;
        let AccountParts { invalidations, throttle, quotas, queue, key, mail, rule, .. } = parts;
        let AccountParts { confirmation, provider, removal, sharing, .. } = parts;
        let ends = TokenEnds {
            auth: Arc::clone(&auth),
            registry: roles.registry.clone(),
            session_index: Arc::clone(&roles.session_index),
            invalidations,
            tasks: store.tasks().clone(),
        };
        Ok(Self {
            store,
            auth,
            roles,
            ends,
            passwords,
            throttle,
            quotas,
            queue,
            key,
            mail,
            rule,
            confirmation,
            provider,
            removal,
            sharing,
        })
    }

    async fn check(
        &self,
        request: v1::SignInRequest,
        peer: Option<IpAddr>,
        device: &str,
    ) -> Result<Session, ServiceError> {
        let refused = || self.bad_sign_in();
        // A text that is no address has no account; the answer is that to a wrong password.
        let email = known_email(&lower_case(&request.email)?).map_err(|_| refused())?;
        let shown = |account: &AccountRecord| {
            account.state != AccountState::Unconfirmed || !self.hides_unconfirmed()
        };
        let account = self.attempt_of(&email, request.password, peer, shown).await?;
        let account = self.may_sign_in(account.ok_or_else(refused)?, peer).await?;
        self.session(account, peer, device).await
    }

    /// The account of an address, if this is its password, within the limits of sign-ins.
    async fn attempt(
        &self,
        email: &str,
        password: String,
        peer: Option<IpAddr>,
    ) -> Result<Option<AccountRecord>, ServiceError> {
        self.attempt_of(email, password, peer, |_| true).await
    }

    /// The same for some accounts; for others the right password counts as a wrong one, also within the limits.
    async fn attempt_of(
        &self,
        email: &str,
        password: String,
        peer: Option<IpAddr>,
        is_one: impl Fn(&AccountRecord) -> bool,
    ) -> Result<Option<AccountRecord>, ServiceError> {
        let attempt = self.throttle.take(email, peer).await?;
        let verified = self.verified(email, password, attempt.known, peer).await;
        let verified = verified.map(|account| account.filter(is_one));
        // The password was right, or was not checked.
        if !matches!(verified, Ok(None)) {
            self.throttle.give_back(&attempt).await;
        }
        verified
    }

    /// The hash of a new password that keeps the rules, after a limit on its caller.
    async fn new_hash(
        &self,
        field: &str,
        password: String,
        (email, name): (&str, &str),
        peer: Option<IpAddr>,
    ) -> Result<String, ServiceError> {
        check_length(field, &password)?;
        let person = vec![email.to_owned(), name.to_owned()];
        let lane = Lane::SignUp(network_of(peer));
        let hashed = self.passwords.hash_strong(password, person, lane).await?;
        hashed.map_err(|rule| ServiceError::malformed(field, rule))
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
        // A person of a provider may have no password.
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let hash = hash.filter(|hash| !hash.is_empty());
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
        let (id, shown) = (account.id, to_wire(&account));
        self.throttle.remember(id, peer).await;
        let issued = self.ends.issue(account, device).await?;
        let valid_seconds = issued.valid_seconds();
        let Issued { token, expires_micros, ended } = issued;
        let ended_tokens = u32::try_from(ended.len()).unwrap_or(u32::MAX);
        Ok(Session { account: Some(shown), token, expires_micros, ended_tokens, valid_seconds })
    }
}

/// Checks the length of a new password, which costs nothing.
fn check_length(field: &str, password: &str) -> Result<(), ServiceError> {
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
        color: account.color.number().into(),
        locale: account.locale.as_deref().map(str::to_owned),
        is_operator: account.is_operator,
    }
}
