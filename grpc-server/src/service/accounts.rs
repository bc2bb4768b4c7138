//! `gridloom.v1.AccountService`: sign up, sign in, sign out, who am I.
//!
//! Not the hashing of passwords (`edge::passwords`) and not the tokens (`edge::auth`). Invariant: a refused sign-in
//! does not show whether the account exists.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use gridloom::v1::account_service_server::AccountService;
use gridloom::v1::{self, Session};
use tonic::{Request, Response, Status};

use crate::edge::auth::{Auth, Identity};
use crate::edge::errors::ServiceError;
use crate::edge::invalidation::{Invalidation, Invalidations};
use crate::edge::login_throttle::LoginThrottle;
use crate::edge::passwords::Passwords;
use model::{AccountId, AccountRecord, now_micros};
use sheet::Registry;
use store::{Store, StoreError};

const PASSWORD_CHARACTERS: std::ops::RangeInclusive<usize> = 8..=256;
const DISPLAY_NAME_CHARACTERS: usize = 100;
/// The longest address that mail can be sent to (RFC 3696, erratum 1690).
const EMAIL_BYTES: usize = 254;

/// Serves accounts.
#[derive(Debug)]
pub(crate) struct Accounts {
    store: Store,
    auth: Arc<Auth>,
    registry: Registry,
    invalidations: Invalidations,
    passwords: Passwords,
    throttle: LoginThrottle,
}

impl Accounts {
    pub(crate) async fn new(
        store: Store,
        auth: Arc<Auth>,
        registry: Registry,
        invalidations: Invalidations,
    ) -> Result<Self, ServiceError> {
        let passwords = Passwords::new().await?;
        Ok(Self {
            store,
            auth,
            registry,
            invalidations,
            passwords,
            throttle: LoginThrottle::default(),
        })
    }

    async fn register(&self, request: v1::SignUpRequest) -> Result<Session, ServiceError> {
        let email = email(&request.email)?;
        if !PASSWORD_CHARACTERS.contains(&request.password.chars().count()) {
            return Err(ServiceError::malformed("password", "must have 8 to 256 characters"));
        }
        let display_name = display_name(&request.display_name, &email)?;
        let password_hash = self.passwords.hash(request.password).await?;
        let account = AccountRecord {
            id: AccountId::generate(),
            email: email.into(),
            display_name: display_name.into(),
            password_hash: password_hash.into(),
            created_micros: now_micros(),
        };
        match self.store.create_account(&account).await {
            Ok(()) => self.session(account).await,
            Err(StoreError::AlreadyExists(_)) => Err(ServiceError::EmailTaken),
            Err(error) => Err(error.into()),
        }
    }

    async fn check(
        &self,
        request: v1::SignInRequest,
        peer: Option<IpAddr>,
    ) -> Result<Session, ServiceError> {
        // A text that is no address has no account; the answer is that to a wrong password.
        let email = email(&request.email).map_err(|_| ServiceError::BadSignIn)?;
        self.throttle.take(&email, peer, Instant::now()).map_err(ServiceError::TooManySignIns)?;
        let account = self.store.account_by_email(&email).await?;
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let password = request.password.chars().take(*PASSWORD_CHARACTERS.end() + 1).collect();
        match (self.passwords.verify(password, hash).await?, account) {
            (true, Some(account)) => {
                self.throttle.give_back(&email, peer);
                self.session(account).await
            }
            _ => Err(ServiceError::BadSignIn),
        }
    }

    async fn session(&self, account: AccountRecord) -> Result<Session, ServiceError> {
        let shown = to_wire(&account);
        let (token, expires_micros) = self.auth.issue(account).await?;
        Ok(Session { account: Some(shown), token, expires_micros })
    }
}

#[tonic::async_trait]
impl AccountService for Accounts {
    async fn sign_up(
        &self,
        request: Request<v1::SignUpRequest>,
    ) -> Result<Response<v1::SignUpResponse>, Status> {
        let session = Some(self.register(request.into_inner()).await?);
        Ok(Response::new(v1::SignUpResponse { session }))
    }

    async fn sign_in(
        &self,
        request: Request<v1::SignInRequest>,
    ) -> Result<Response<v1::SignInResponse>, Status> {
        let peer = request.remote_addr().map(|address| address.ip());
        let session = Some(self.check(request.into_inner(), peer).await?);
        Ok(Response::new(v1::SignInResponse { session }))
    }

    async fn sign_out(
        &self,
        request: Request<v1::SignOutRequest>,
    ) -> Result<Response<v1::SignOutResponse>, Status> {
        let identity = Identity::of(&request)?;
        self.auth.revoke(&identity.token_hash).await?;
        self.registry.revoke(identity.token_hash).await;
        self.invalidations.send(Invalidation::Token(identity.token_hash));
        Ok(Response::new(v1::SignOutResponse {}))
    }

    async fn who_am_i(
        &self,
        request: Request<v1::WhoAmIRequest>,
    ) -> Result<Response<v1::WhoAmIResponse>, Status> {
        let identity = Identity::of(&request)?;
        let account = self.auth.account(&identity).await?;
        Ok(Response::new(v1::WhoAmIResponse {
            account: Some(to_wire(&account)),
            expires_micros: identity.expires_micros,
        }))
    }
}

fn to_wire(account: &AccountRecord) -> v1::Account {
    v1::Account {
        id: account.id.to_string(),
        email: account.email.to_string(),
        display_name: account.display_name.to_string(),
    }
}

/// The address in lower case. Only its form is checked: whether mail arrives, only mail can tell.
fn email(given: &str) -> Result<String, ServiceError> {
    let email = given.trim().to_lowercase();
    let plain = !email.chars().any(|letter| letter.is_whitespace() || letter.is_control());
    let formed = email.split_once('@').is_some_and(|(name, domain)| {
        let labels = domain.split('.').all(|label| !label.is_empty());
        !name.is_empty() && labels && !domain.contains('@')
    });
    if email.len() <= EMAIL_BYTES && plain && formed {
        Ok(email)
    } else {
        Err(ServiceError::malformed("email", "must be an e-mail address, such as ada@example.org"))
    }
}

fn display_name(given: &str, email: &str) -> Result<String, ServiceError> {
    let name = match given.trim() {
        "" => email.split('@').next().unwrap_or(email),
        name => name,
    };
    if name.chars().any(char::is_control) {
        return Err(ServiceError::malformed("display_name", "must not hold control characters"));
    }
    match name.chars().count() {
        1..=DISPLAY_NAME_CHARACTERS => Ok(name.to_owned()),
        // The part before the @ may be longer than a name may be.
        _ if given.trim().is_empty() => Ok(name.chars().take(DISPLAY_NAME_CHARACTERS).collect()),
        _ => Err(ServiceError::malformed("display_name", "must have 1 to 100 characters")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_folded_and_checked() {
        assert_eq!(email(" Ada@Example.ORG ").ok().as_deref(), Some("ada@example.org"));
        assert!(email("root@localhost").is_ok());
        let long = format!("{}@b.c", "a".repeat(300));
        for bad in ["", "@", "a@", "@b", "a b@c", "a@b@c", "a@b..c", "a\0@b", "a@.b", &long] {
            assert!(email(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_display_name_is_taken_from_the_address_when_none_is_given() {
        assert_eq!(display_name("", "ada@x").ok().as_deref(), Some("ada"));
        assert_eq!(display_name(" Ada L ", "ada@x").ok().as_deref(), Some("Ada L"));
        assert!(display_name(&"x".repeat(101), "a@b").is_err());
        assert!(display_name("a\nb", "a@b").is_err());
    }
}
