//! Sign-in with an OpenID provider: its beginning, and the account of the person who comes back.
//!
//! Not the provider (`edge::sign_in::provider`, the crate `oidc`). Invariants: a code is exchanged once, in the browser that
//! has begun; a call that is refused before the provider has answered uses nothing up; an account that may be another
//! person's is linked only with its password, so that an account which was made before with the address of its owner gets
//! none of the owner's; a refusal makes and links nothing.

use std::net::IpAddr;
use std::sync::Arc;

use gridloom::v1;

use super::{Accounts, display_name, email};
use crate::edge::errors::{AccountRefusal, ProviderRefusal, ServiceError};
use crate::edge::keys::browser_secrets::BrowserSecret;
use crate::edge::keys::tokens;
use crate::edge::sign_in::provider::SignInProvider;
use model::limits::edge::{PROVEN_WITHIN, PROVIDER_SIGN_IN_VALID};
use model::{AccountColor, AccountId, AccountRecord, AccountState, now_micros};
use store::{NamedPerson, PersonOf, StoreError};

const WRONG: &str = "is not that of the account with your address";

/// Characters of the name that the provider has for a person; more than a name here may have.
const NAME_CHARACTERS: usize = 200;

/// Bytes of a code, which is sent to the provider; those of providers have two thousand at most.
const CODE_BYTES_MOST: usize = 8_192;

/// The caller of a sign-in.
pub(super) struct Caller {
    /// The secret of its browser.
    pub(super) secret: Option<BrowserSecret>,
    pub(super) peer: Option<IpAddr>,
    pub(super) device: String,
}

impl Accounts {
    pub(super) fn provider(&self) -> Result<&Arc<SignInProvider>, ServiceError> {
        self.provider.as_ref().ok_or_else(|| ProviderRefusal::None.into())
    }

    /// Gives the answer, and the cookie that comes with it.
    pub(super) async fn begin_provider(
        &self,
        request: v1::BeginProviderSignInRequest,
        peer: Option<IpAddr>,
    ) -> Result<(v1::BeginProviderSignInResponse, String), ServiceError> {
        let provider = self.provider()?;
        let secret = BrowserSecret::generate(&self.key, request.again);
        let secret = secret.map_err(ServiceError::internal)?;
        let url = provider.authorization_url(&secret.flow(&self.key))?;
        self.throttle.take_provider(peer)?;
        let valid = i64::try_from(PROVIDER_SIGN_IN_VALID.as_micros()).unwrap_or(i64::MAX);
        let expires = now_micros().saturating_add(valid);
        let _turn = self.throttle.queries().turn().await?;
        self.store.begin_provider_sign_in(&secret.hash(), expires).await?;
        Ok((v1::BeginProviderSignInResponse { url }, provider.cookie(Some(&secret))))
    }

    /// Gives the answer, and the cookie that comes with it.
    pub(super) async fn finish_provider(
        &self,
        request: v1::FinishProviderSignInRequest,
        caller: Caller,
    ) -> Result<(v1::FinishProviderSignInResponse, String), ServiceError> {
        let provider = self.provider()?;
        let Caller { secret, peer, device } = caller;
        self.throttle.take_provider(peer)?;
        let secret = secret.filter(|secret| secret.flow(&self.key).state == request.state);
        let other = || ProviderRefusal::OtherBrowser(provider.server().to_owned());
        let secret = secret.ok_or_else(other)?;
        let person = match request.password.is_empty() {
            true => self.identified(provider, &secret, &request.code, peer).await?,
            false => self.named(provider, &secret).await?,
        };
        let (account, is_new) = self.account_of(provider, &person, request, peer).await?;
        let account = self.may_sign_in(account, peer).await?;
        let id = account.id;
        let session = self.session(account, peer, &device).await?;
        let of = PersonOf { issuer: provider.issuer(), subject: &person.subject };
        self.check_linked(id, of, &session.token).await?;
        if secret.is_fresh() {
            self.store.prove_token(&tokens::hash(&session.token)).await?;
        }
        self.throttle.give_provider_back(peer);
        self.store.end_provider_sign_in(&secret.hash()).await?;
        let answer = v1::FinishProviderSignInResponse { session: Some(session), is_new };
        Ok((answer, provider.cookie(None)))
    }

    /// The person of a code, which is exchanged once: a further call finds the person that the first one has found.
    async fn identified(
        &self,
        provider: &SignInProvider,
        secret: &BrowserSecret,
        code: &str,
        peer: Option<IpAddr>,
    ) -> Result<NamedPerson, ServiceError> {
        if code.len() > CODE_BYTES_MOST {
            return Err(ServiceError::malformed("code", "must have at most 8192 bytes"));
        }
        let place = provider.exchange(peer)?;
        let hash = secret.hash();
        let taken = {
            let _turn = self.throttle.queries().turn().await?;
            self.store.take_provider_sign_in(&hash, now_micros()).await?
        };
        if !taken {
            return self.named(provider, secret).await;
        }
        let found = provider.identify(&place, code, &secret.flow(&self.key)).await;
        if matches!(found, Err(ServiceError::Provider(ProviderRefusal::Away(_)))) {
            // The same code does for the next call.
            self.store.give_provider_sign_in_back(&hash).await?;
        }
        let found = found?;
        let confirmed = provider.confirmed_email(&found).and_then(|it| email(&it).ok());
        let person = NamedPerson {
            subject: found.subject,
            email: confirmed.unwrap_or_default(),
            name: shown(&found.name),
        };
        let _turn = self.throttle.queries().turn().await?;
        self.store.name_provider_sign_in(&hash, &person).await?;
        Ok(person)
    }

    /// The person of a sign-in that the provider has answered: a call after it was refused, for a password or a limit.
    async fn named(
        &self,
        provider: &SignInProvider,
        secret: &BrowserSecret,
    ) -> Result<NamedPerson, ServiceError> {
        let _turn = self.throttle.queries().turn().await?;
        let person = self.store.provider_sign_in(&secret.hash(), now_micros()).await?;
        person.ok_or_else(|| ProviderRefusal::Used(provider.name().to_owned()).into())
    }

    /// The account of a person, and whether it is a new one.
    async fn account_of(
        &self,
        provider: &SignInProvider,
        person: &NamedPerson,
        request: v1::FinishProviderSignInRequest,
        peer: Option<IpAddr>,
    ) -> Result<(AccountRecord, bool), ServiceError> {
        let v1::FinishProviderSignInRequest { password, invitation, account_id, .. } = request;
        let of = PersonOf { issuer: provider.issuer(), subject: &person.subject };
        let linked = {
            let _turn = self.throttle.queries().turn().await?;
            self.store.account_of_person(of).await?
        };
        let is_other = |id: &AccountId| !account_id.is_empty() && id.to_string() != account_id;
        match linked {
            Some(account) if is_other(&account.id) => Err(ProviderRefusal::OtherAccount.into()),
            Some(account) => Ok((account, false)),
            None if !account_id.is_empty() => Err(ProviderRefusal::OtherAccount.into()),
            None if person.email.is_empty() => {
                Err(ProviderRefusal::Email(provider.name().to_owned()).into())
            }
            None => match self.account(&person.email).await? {
                Some(other) if other.state == AccountState::Unconfirmed && password.is_empty() => {
                    Ok((self.make(person, of, &invitation, Some(other), peer).await?, true))
                }
                Some(account) => Ok((self.link(account, of, password, peer).await?, false)),
                None => Ok((self.make(person, of, &invitation, None, peer).await?, true)),
            },
        }
    }

    /// Ends a new token whose account was linked to another person since it was looked up.
    async fn check_linked(
        &self,
        account: AccountId,
        of: PersonOf<'_>,
        token: &str,
    ) -> Result<(), ServiceError> {
        let linked = {
            let _turn = self.throttle.queries().turn().await?;
            self.store.account_of_person(of).await?
        };
        if linked.is_some_and(|linked| linked.id == account) {
            return Ok(());
        }
        let ended = self.store.end_sign_in(account, &tokens::hash(token)).await?;
        self.ends.tokens(account, &ended);
        Err(ServiceError::Busy("sign-ins of this person"))
    }

    /// Links an account to the person whose address it has: with its password, or where the address is proven.
    async fn link(
        &self,
        account: AccountRecord,
        of: PersonOf<'_>,
        password: String,
        peer: Option<IpAddr>,
    ) -> Result<AccountRecord, ServiceError> {
        if account.state == AccountState::Disabled {
            return Err(AccountRefusal::Disabled(self.mail.operator_contact.clone()).into());
        }
        let checked = match password.is_empty() {
            true => None,
            false => {
                let owner = self.attempt(&account.email, password, peer).await?;
                Some(owner.ok_or_else(|| ServiceError::malformed("password", WRONG))?)
            }
        };
        let hash = checked.map(|owner| owner.password_hash);
        let (store, id, issuer) = (self.store.clone(), account.id, of.issuer.to_owned());
        let subject = of.subject.to_owned();
        let linked = self.ends.change(id, async move {
            let of = PersonOf { issuer: &issuer, subject: &subject };
            store.link_person(id, of, hash.as_deref()).await
        });
        match linked.await.map_err(taken)? {
            true => {
                tracing::info!(account = %account.id, "account linked to a person of the provider");
                Ok(AccountRecord { state: AccountState::Active, ..account })
            }
            false => Err(ProviderRefusal::Password(account.email.to_string()).into()),
        }
    }

    /// Makes an account for a person, within the rule for new ones; or gives it the one that waits for the confirmation of
    /// the person's address, which the provider has confirmed.
    async fn make(
        &self,
        person: &NamedPerson,
        of: PersonOf<'_>,
        invitation: &str,
        unconfirmed: Option<AccountRecord>,
        peer: Option<IpAddr>,
    ) -> Result<AccountRecord, ServiceError> {
        self.throttle.take_sign_up(peer).await?;
        self.admit(&person.email, invitation).await?;
        // A name that may not be one here is left out; its owner can change the other.
        let name = display_name(&person.name, &person.email);
        let name = name.or_else(|_| display_name("", &person.email))?;
        let account = AccountRecord {
            id: unconfirmed.as_ref().map_or_else(AccountId::generate, |other| other.id),
            email: person.email.as_str().into(),
            display_name: name.into(),
            password_hash: "".into(),
            created_micros: unconfirmed.as_ref().map_or_else(now_micros, |it| it.created_micros),
            color: AccountColor::default(),
            locale: None,
            is_operator: false,
            state: AccountState::Active,
        };
        match unconfirmed {
            Some(_) => self.take_unconfirmed(&account, of).await?,
            None => self.store.create_account_of_person(&account, of).await.map_err(taken)?,
        }
        Ok(account)
    }

    async fn take_unconfirmed(
        &self,
        account: &AccountRecord,
        of: PersonOf<'_>,
    ) -> Result<(), ServiceError> {
        let (store, id, name) = (self.store.clone(), account.id, account.display_name.clone());
        let (issuer, subject) = (of.issuer.to_owned(), of.subject.to_owned());
        let change = self.ends.change(id, async move {
            let of = PersonOf { issuer: &issuer, subject: &subject };
            store.take_unconfirmed_for_person(id, of, &name).await
        });
        if !change.await.map_err(taken)? {
            // It was confirmed, disabled or deleted since this call has looked.
            return Err(ServiceError::Busy("sign-ins of this person"));
        }
        tracing::info!(account = %id, "an account that was not confirmed is a person's of the provider");
        Ok(())
    }

    /// Whether the owner of an account without a password has signed in again for this token.
    pub(super) async fn check_signed_in_again(
        &self,
        token: &tokens::TokenHash,
    ) -> Result<(), ServiceError> {
        match self.store.is_token_proven(token, PROVEN_WITHIN.as_secs_f64()).await? {
            true => Ok(()),
            false => {
                let name = self.provider.as_ref().map_or("the provider", |it| it.name());
                Err(ProviderRefusal::SignInAgain(name.to_owned()).into())
            }
        }
    }
}

/// As much of a name as is kept, in one line.
fn shown(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(NAME_CHARACTERS).collect()
}

/// Another sign-in of the same person, or a sign-up, was a moment earlier.
fn taken(error: StoreError) -> ServiceError {
    match error {
        StoreError::AlreadyExists(_) => ServiceError::Busy("sign-ins of this person"),
        error => error.into(),
    }
}
