//! New accounts: the rule for them, invitations, and the confirmation of an address.
//!
//! Not the links, which jobs make and send (`mail`). Invariants: an account whose address has to be confirmed gets no
//! token before that; the person who confirms an address knows the password of its account; an invitation serves its own
//! address alone; where the owner of an address gets a letter, no answer shows whether the address has an account.

use std::net::IpAddr;

use gridloom::v1;

use super::{Accounts, check_length, display_name, email};
use crate::cluster::membership::SILENT;
use crate::config::SignUpRule;
use crate::edge::errors::{AccountRefusal, ServiceError};
use crate::edge::keys::mailed_links::{self, Form};
use crate::mail::Subject;
use model::{AccountId, AccountRecord, AccountState, now_micros};
use store::{LinkPurpose, StoreError};

/// The rules of a link that confirms an address.
const CONFIRMED: &str = "was used; sign in";
const LATE: &str = "has expired; set a new password by the link of a forgotten password, which confirms the address, too; \
                    or, where each address may sign up, sign up again with the same one, and a new link is sent";
const LATE_WITHOUT_MAIL: &str = "has expired; sign in, and ask the operator of the server for the new link, which is in its log";
const NOT_YOURS: &str = "is not the password of the account; of several sign-ups the first one's counts; if you have \
                         forgotten it, or did not make this account, set a new password by the link of a forgotten \
                         password";
const FOREIGN: &str = "is no link of this server; copy the whole link";

impl Accounts {
    pub(super) async fn register(
        &self,
        request: v1::SignUpRequest,
        peer: Option<IpAddr>,
        device: &str,
    ) -> Result<v1::SignUpResponse, ServiceError> {
        let email = email(&request.email)?;
        check_length("password", &request.password)?;
        let display_name = display_name(&request.display_name, &email)?;
        self.throttle.take_sign_up(peer).await?;
        let is_invited = self.admit(&email, &request.invitation).await?;
        let is_confirmed = is_invited || !self.confirmation.is_asked();
        // A letter informs the owner of an address with an account, so that neither the answer nor its time does.
        let unconfirmed = match is_confirmed || !self.mail.is_sent {
            true => self.free(&email, is_invited).await?,
            false => None,
        };
        let person = (&*email, &*display_name);
        let password_hash = self.new_hash("password", request.password, person, peer).await?;
        let account = AccountRecord {
            id: unconfirmed.as_ref().map_or_else(AccountId::generate, |other| other.id),
            email: email.as_str().into(),
            display_name: display_name.into(),
            password_hash: password_hash.into(),
            created_micros: unconfirmed.as_ref().map_or_else(now_micros, |it| it.created_micros),
            state: if is_confirmed { AccountState::Active } else { AccountState::Unconfirmed },
            color: unconfirmed.as_ref().map(|it| it.color).unwrap_or_default(),
            locale: unconfirmed.as_ref().and_then(|it| it.locale.clone()),
            is_operator: unconfirmed.as_ref().is_some_and(|it| it.is_operator),
        };
        if !is_confirmed {
            self.keep_unconfirmed(&account).await?;
            return Ok(v1::SignUpResponse { session: None, confirms_email: true });
        }
        self.keep(&account, is_invited, unconfirmed.is_some()).await?;
        let session = Some(self.session(account, peer, device).await?);
        Ok(v1::SignUpResponse { session, confirms_email: false })
    }

    /// Whether a sign-in shows nothing of an account that is not confirmed: the owner of its address has a letter, and a
    /// person who signs up with the address of another one could learn from it whether that one has an account.
    pub(super) fn hides_unconfirmed(&self) -> bool {
        self.confirmation.is_asked() && self.mail.is_sent
    }

    /// The refusal of a wrong password, and of an account that a sign-in shows nothing of.
    pub(super) fn bad_sign_in(&self) -> AccountRefusal {
        AccountRefusal::BadSignIn { or_unconfirmed: self.hides_unconfirmed() }
    }

    /// Refuses an address with an account: before the hash, which costs a thousand times as much. An invited owner gets the
    /// account that is not confirmed.
    async fn free(
        &self,
        email: &str,
        is_invited: bool,
    ) -> Result<Option<AccountRecord>, ServiceError> {
        match self.account(email).await? {
            Some(other) if is_invited && other.state == AccountState::Unconfirmed => {
                Ok(Some(other))
            }
            Some(_) => Err(ServiceError::EmailTaken),
            None => Ok(None),
        }
    }

    /// Makes an account with the letter by which its owner confirms the address. The owner of an address with an account
    /// gets a letter of that account, within a limit.
    async fn keep_unconfirmed(&self, account: &AccountRecord) -> Result<(), ServiceError> {
        let letter = self.mail.sign_up_letter(&account.email)?;
        let also_known =
            self.mail.is_sent && self.throttle.take_known_letter(&account.email).await?;
        let _turn = self.throttle.queries().turn().await?;
        let made = self.store.create_unconfirmed_account(account, &letter, also_known).await?;
        self.queue.wake();
        // Without mail: the account was made since this call has looked.
        if made || self.mail.is_sent { Ok(()) } else { Err(ServiceError::EmailTaken) }
    }

    /// Makes the account, or gives its owner the one that was made before with an address that is not confirmed.
    async fn keep(
        &self,
        account: &AccountRecord,
        is_invited: bool,
        is_taken: bool,
    ) -> Result<(), ServiceError> {
        let _turn = self.throttle.queries().turn().await?;
        let made = match is_invited {
            _ if is_taken => return self.take(account).await,
            true => self.store.create_invited_account(account).await,
            false => self.store.create_account(account).await,
        };
        made.map_err(|error| match error {
            StoreError::AlreadyExists(_) => ServiceError::EmailTaken,
            error => error.into(),
        })
    }

    async fn take(&self, account: &AccountRecord) -> Result<(), ServiceError> {
        let AccountRecord { id, email, password_hash, display_name, .. } = account;
        let taken = self.store.take_unconfirmed(email, password_hash, display_name).await?;
        // It was confirmed, disabled or deleted since this call has looked.
        if taken != Some(*id) {
            return Err(ServiceError::EmailTaken);
        }
        tracing::info!(account = %id, "an account that was not confirmed is its invited owner's");
        Ok(())
    }

    /// Whether the owner of an address was invited. Refuses an address without an invitation where the rule of the server
    /// asks for one.
    pub(super) async fn admit(&self, email: &str, invitation: &str) -> Result<bool, ServiceError> {
        let rule = self.rule;
        let is_operators = match self.invitation(email, invitation).await? {
            Ok(is_operators) => is_operators,
            // Also where each address may have an account: the person is not to take it for used.
            Err(why) if !invitation.is_empty() => {
                return Err(ServiceError::malformed("invitation", why));
            }
            Err(_) if rule == SignUpRule::Open => return Ok(false),
            Err(_) => false,
        };
        match rule {
            SignUpRule::Invited if invitation.is_empty() => Err(AccountRefusal::Invited.into()),
            SignUpRule::Closed if !is_operators => {
                Err(AccountRefusal::Closed(self.mail.operator_contact.clone()).into())
            }
            _ => Ok(true),
        }
    }

    /// Whether the operator invites; the inner error is the rule that an invitation breaks.
    async fn invitation(
        &self,
        email: &str,
        invitation: &str,
    ) -> Result<Result<bool, &'static str>, ServiceError> {
        let read = mailed_links::read(invitation, &self.key, LinkPurpose::Invite, now_micros());
        let hash = match read {
            Form::Valid(hash) => hash,
            Form::Expired => return Ok(Err("has expired; ask for a new one")),
            Form::Foreign => {
                return Ok(Err("is no invitation of this server; copy the whole link"));
            }
        };
        let _turn = self.throttle.queries().turn().await?;
        Ok(match self.store.invited(&hash, now_micros()).await? {
            Some((address, is_operators)) if address == email => Ok(is_operators),
            Some(_) => Err("is for another address; sign up with the address that it was sent to"),
            None => Err(
                "was used, or has ended; sign in if you have made an account by it, or ask for a new one",
            ),
        })
    }

    /// An account whose password was right, if it may sign in. On a server without mail a new link is logged where its
    /// address is not confirmed.
    pub(super) async fn may_sign_in(
        &self,
        account: AccountRecord,
        peer: Option<IpAddr>,
    ) -> Result<AccountRecord, ServiceError> {
        match account.state {
            AccountState::Active => Ok(account),
            AccountState::Disabled => {
                Err(AccountRefusal::Disabled(self.mail.operator_contact.clone()).into())
            }
            AccountState::Unconfirmed if self.hides_unconfirmed() => Err(self.bad_sign_in().into()),
            AccountState::Unconfirmed if self.confirmation.is_asked() => {
                // Within the limit of links; those before it are valid still.
                if self.throttle.take_reset(&account.email, peer).await.is_ok() {
                    self.send(Subject::Confirm, &account.email).await?;
                }
                Err(AccountRefusal::Unconfirmed.into())
            }
            AccountState::Unconfirmed => {
                // As a wrong password was refused until this call.
                let refused = self.bad_sign_in();
                if self.store.need_no_confirmation(account.id, SILENT).await? {
                    return Ok(AccountRecord { state: AccountState::Active, ..account });
                }
                // A server that confirms addresses has started since the last heartbeat.
                self.confirmation.ask();
                Err(refused.into())
            }
        }
    }

    pub(super) async fn confirm(
        &self,
        request: v1::ConfirmEmailRequest,
        peer: Option<IpAddr>,
    ) -> Result<(), ServiceError> {
        let v1::ConfirmEmailRequest { token, password } = request;
        self.throttle.take_reset_attempt(peer)?;
        let hash = match mailed_links::read(&token, &self.key, LinkPurpose::Confirm, now_micros()) {
            Form::Valid(hash) => hash,
            Form::Expired if self.mail.is_sent => return Err(ServiceError::BadLink(LATE)),
            Form::Expired => return Err(ServiceError::BadLink(LATE_WITHOUT_MAIL)),
            Form::Foreign => return Err(ServiceError::BadLink(FOREIGN)),
        };
        let account = {
            let _turn = self.throttle.queries().turn().await?;
            self.store.account_of_link(&hash, LinkPurpose::Confirm, now_micros()).await?
        };
        let email = account.ok_or(ServiceError::BadLink(CONFIRMED))?.email;
        // The person who reads the mail of an address did not make its account perhaps.
        let owner = self.attempt(&email, password, peer).await?;
        let account = owner.ok_or_else(|| ServiceError::malformed("password", NOT_YOURS))?;
        let _turn = self.throttle.queries().turn().await?;
        let confirmed = self.store.confirm(&hash, &account.password_hash, now_micros()).await?;
        confirmed.map(drop).ok_or(ServiceError::BadLink(CONFIRMED))
    }

    /// Enqueues a letter to an address.
    pub(super) async fn send(&self, subject: Subject, email: &str) -> Result<(), ServiceError> {
        let job = self.mail.letter(subject, email)?;
        let _turn = self.throttle.queries().turn().await?;
        self.queue.enqueue(&job).await?;
        Ok(())
    }
}
