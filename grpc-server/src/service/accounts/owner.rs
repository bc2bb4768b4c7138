//! What the owner of an account changes: password, name, and the tokens that are valid.
//!
//! Not forgotten passwords: see `resets`. Invariants: a new password needs the old one, within the limits of sign-ins;
//! each token that ends takes its calls and its live sessions with it, at all nodes.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;

use gridloom::v1;

use super::{Accounts, check_length, display_name, to_wire};
use crate::edge::auth::{Identity, Issued};
use crate::edge::errors::ServiceError;
use crate::edge::keys::tokens::TokenHash;
use crate::edge::rights::invalidation::Invalidation;
use model::AccountColor;
use store::{AccountToken, Profile};
use values::Locale;

/// Bytes of a token's hash in its id.
const ID_BYTES: usize = 16;
/// The rule of a locale.
const LOCALE: &str =
    "must be empty, or the tag of a language whose marks are known here, such as de or en-US";

impl Accounts {
    pub(super) async fn replace_password(
        &self,
        identity: &Identity,
        request: v1::ChangePasswordRequest,
        peer: Option<IpAddr>,
    ) -> Result<(), ServiceError> {
        let v1::ChangePasswordRequest { old_password, new_password } = request;
        check_length("new_password", &new_password)?;
        if new_password == old_password {
            return Err(ServiceError::malformed("new_password", "must differ from the old one"));
        }
        let current = self.auth.account(identity).await?;
        if current.password_hash.is_empty() {
            let rule = "is not set yet: set a password by the link of a forgotten password";
            return Err(ServiceError::malformed("old_password", rule));
        }
        let wrong =
            || ServiceError::malformed("old_password", "is not the password of your account");
        let owner = self.attempt(&current.email, old_password, peer).await?;
        let account = owner.ok_or_else(wrong)?;
        let person = (&*account.email, &*account.display_name);
        let hash = self.new_hash("new_password", new_password, person, peer).await?;
        let passwords = (&*account.password_hash, hash.as_str());
        let changed =
            self.store.change_password(account.id, passwords, &identity.token_hash).await?;
        self.ends.tokens(account.id, &changed.ok_or_else(wrong)?);
        Ok(())
    }

    pub(super) async fn update(
        &self,
        identity: &Identity,
        request: v1::UpdateAccountRequest,
    ) -> Result<v1::Account, ServiceError> {
        let v1::UpdateAccountRequest { display_name: given, color, locale, only_first_locale } =
            request;
        let mut account = self.auth.account(identity).await?;
        let unknown = || ServiceError::malformed("color", "must be a color of AccountColor");
        let color = color.map(|it| AccountColor::new(it).ok_or_else(unknown)).transpose()?;
        if locale.as_ref().is_some_and(|tag| !tag.is_empty() && Locale::from_tag(tag).is_none()) {
            return Err(ServiceError::malformed("locale", LOCALE));
        }
        let name = match given.trim() {
            "" if color.is_some() || locale.is_some() => None,
            given => Some(display_name(given, &account.email)?),
        };
        let profile = Profile {
            name: name.as_deref(),
            color,
            locale: locale.as_deref(),
            is_first_locale: only_first_locale,
        };
        let (name, color, locale) = self.store.update_account(account.id, profile).await?;
        self.auth.doubt(account.id);
        if let Err(error) = self.roles.check_person(account.id).await {
            tracing::warn!(%error, account = %account.id, "open sessions keep a former name; retrying");
            self.ends.invalidations.look_soon();
        }
        self.ends.invalidations.send(Invalidation::Person(account.id));
        (account.display_name, account.color, account.locale) = (name.into(), color, locale);
        Ok(to_wire(&account))
    }

    /// A new token in place of that of a call, which ends a little later.
    pub(super) async fn renew(
        &self,
        identity: &Identity,
        device: &str,
    ) -> Result<v1::Session, ServiceError> {
        let account = self.auth.account(identity).await?;
        let (id, shown) = (account.id, to_wire(&account));
        let renewed = self.auth.renew(&account, &identity.token_hash, device).await?;
        let valid_seconds = renewed.valid_seconds();
        let Issued { token, expires_micros, ended } = renewed;
        self.ends.tokens(id, &ended);
        let ended_tokens = u32::try_from(ended.len()).unwrap_or(u32::MAX);
        Ok(v1::Session { account: Some(shown), token, expires_micros, ended_tokens, valid_seconds })
    }

    /// Ends the token of a call, those that it has replaced, and those that have replaced it.
    pub(super) async fn end_sign_in(&self, identity: &Identity) -> Result<(), ServiceError> {
        let ended = self.store.end_sign_in(identity.account, &identity.token_hash).await?;
        self.ends.tokens(identity.account, &ended);
        Ok(())
    }

    pub(super) async fn end_all_tokens(&self, identity: &Identity) -> Result<(), ServiceError> {
        let ended = self.store.end_tokens(identity.account).await?;
        self.ends.tokens(identity.account, &ended);
        Ok(())
    }

    pub(super) async fn tokens(
        &self,
        identity: &Identity,
    ) -> Result<Vec<v1::TokenInfo>, ServiceError> {
        let tokens = self.store.tokens_of(identity.account).await?;
        let mut listed: Vec<v1::TokenInfo> = Vec::new();
        let mut places = HashMap::new();
        for token in tokens {
            let (sign_in, info) = (token.sign_in, info(token, identity));
            match places.entry(sign_in) {
                Entry::Vacant(entry) => {
                    entry.insert(listed.len());
                    listed.push(info);
                }
                Entry::Occupied(entry) => stand_for(&mut listed[*entry.get()], info),
            }
        }
        Ok(listed)
    }

    pub(super) async fn revoke(
        &self,
        identity: &Identity,
        given: &str,
    ) -> Result<(), ServiceError> {
        let tokens = self.store.tokens_of(identity.account).await?;
        let token = tokens.iter().find(|token| id(&token.hash) == given);
        let token = token.ok_or(ServiceError::NotFound("token"))?;
        if token.hash == identity.token_hash {
            let rule = "is the token of this call; use SignOut";
            return Err(ServiceError::malformed("id", rule));
        }
        let own = tokens.iter().find(|token| token.hash == identity.token_hash);
        if own.is_some_and(|own| own.sign_in == token.sign_in) {
            self.store.delete_token(&token.hash).await?;
            self.ends.token(token.hash);
            return Ok(());
        }
        let ended = self.store.end_sign_in(identity.account, &token.hash).await?;
        self.ends.tokens(identity.account, &ended);
        Ok(())
    }
}

fn info(token: AccountToken, identity: &Identity) -> v1::TokenInfo {
    v1::TokenInfo {
        id: id(&token.hash),
        device: token.device,
        created_micros: token.signed_in_micros,
        used_micros: token.used_micros,
        expires_micros: token.expires_micros,
        current: token.hash == identity.token_hash,
    }
}

/// Of the tokens of one sign-in the list shows that of the call, or the one that ends last, with the last use of them all.
fn stand_for(listed: &mut v1::TokenInfo, other: v1::TokenInfo) {
    let used_micros = listed.used_micros.max(other.used_micros);
    if (other.current, other.expires_micros) > (listed.current, listed.expires_micros) {
        *listed = other;
    }
    listed.used_micros = used_micros;
}

/// The id of a token: a part of its hash, which is no secret.
fn id(hash: &TokenHash) -> String {
    hash[..ID_BYTES].iter().map(|byte| format!("{byte:02x}")).collect()
}
