//! Forgotten passwords: the request for a link, and the new password by its token.
//!
//! Not the link, which a job makes and sends (`mail`). Invariants: the answer to a request depends on nothing but the
//! limits; a link whose new password is refused stays valid.

use std::net::IpAddr;
use std::sync::Arc;

use gridloom::v1;

use super::{Accounts, Lane, check_length, known_email, network_of};
use crate::edge::errors::ServiceError;
use crate::edge::keys::mailed_links::{self, Form};
use crate::mail::Subject;
use model::limits::edge::RESET_VALID;
use model::{AccountRecord, AccountState, now_micros};
use store::LinkPurpose;

/// The rule of a link that no row is left of.
const USED: &str = "was used, or another link of this account was; ask for a new one";
const EXPIRED: &str = "has expired; ask for a new link";
const FOREIGN: &str = "is no password link of this server; copy the whole link";

impl Accounts {
    pub(super) async fn request_reset(
        &self,
        request: v1::RequestPasswordResetRequest,
        peer: Option<IpAddr>,
    ) -> Result<v1::RequestPasswordResetResponse, ServiceError> {
        let email = known_email(&request.email)?;
        self.throttle.take_reset(&email, peer).await?;
        self.send(Subject::Password, &email).await?;
        Ok(v1::RequestPasswordResetResponse {
            sends_mail: self.mail.is_sent,
            operator_contact: self.mail.operator_contact.clone(),
            valid_seconds: u32::try_from(RESET_VALID.as_secs()).unwrap_or(u32::MAX),
        })
    }

    pub(super) async fn set_password(
        &self,
        request: v1::ResetPasswordRequest,
        peer: Option<IpAddr>,
    ) -> Result<(), ServiceError> {
        self.throttle.take_reset_attempt(peer)?;
        let hash = match mailed_links::read(
            &request.token,
            &self.key,
            LinkPurpose::Password,
            now_micros(),
        ) {
            Form::Valid(hash) => hash,
            Form::Expired => return Err(ServiceError::BadLink(EXPIRED)),
            Form::Foreign => return Err(ServiceError::BadLink(FOREIGN)),
        };
        let account = {
            let _turn = self.throttle.queries().turn().await?;
            let account =
                self.store.account_of_link(&hash, LinkPurpose::Password, now_micros()).await?;
            account.ok_or(ServiceError::BadLink(USED))?
        };
        // The password of an address that is not confirmed may be another person's.
        if account.state != AccountState::Unconfirmed {
            self.check_other(&account, &request.new_password, peer).await?;
        }
        let person = (&*account.email, &*account.display_name);
        let password_hash =
            self.new_hash("new_password", request.new_password, person, peer).await?;
        let reset = self.store.reset_password(&hash, &password_hash, now_micros()).await?;
        let reset = reset.ok_or(ServiceError::BadLink(USED))?;
        self.ends.tokens(reset.account, &reset.ended);
        // Attempts of others at this address do not keep the owner out.
        self.throttle.remember(reset.account, peer).await;
        self.throttle.forget_pair(&account.email, peer).await;
        Ok(())
    }

    /// Refuses the password that the account has: the owner of a lost one would keep it.
    async fn check_other(
        &self,
        account: &AccountRecord,
        password: &str,
        peer: Option<IpAddr>,
    ) -> Result<(), ServiceError> {
        check_length("new_password", password)?;
        let hash = Some(Arc::clone(&account.password_hash)).filter(|hash| !hash.is_empty());
        let lane = Lane::SignUp(network_of(peer));
        match self.passwords.verify(password.to_owned(), hash, lane).await? {
            true => Err(ServiceError::malformed("new_password", "must differ from the old one")),
            false => Ok(()),
        }
    }
}
