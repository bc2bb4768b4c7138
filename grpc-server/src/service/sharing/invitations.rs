//! Invitations: the letter to an address that a sheet or a file is newly shared with, which has no account perhaps.
//!
//! Not the letter itself, and not the lookup of an account: a job does both (`mail`), so no answer shows whether the
//! address has one. Invariant: what others have sent to an address never keeps an owner from sharing with it.

use std::net::IpAddr;
use std::sync::Arc;

use crate::config::SignUpRule;
use crate::edge::errors::ServiceError;
use crate::edge::refusals;
use crate::edge::sign_in::login_throttle::LoginThrottle;
use crate::mail::{MailFacts, Shared};
use jobs::Queue;
use model::AccountId;
use model::limits::edge::INVITATIONS_RETRY;
use store::StoreError;

/// What a refused caller has too many of.
const WHAT: &str = "invitations";

/// Enqueues invitations. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Invitations {
    pub(crate) throttle: Arc<LoginThrottle>,
    pub(crate) queue: Queue,
    pub(crate) mail: MailFacts,
    pub(crate) rule: SignUpRule,
}

impl Invitations {
    /// Takes the allowance of a letter to an address that a sheet or a file is to be shared with. False: no letter is sent.
    ///
    /// # Errors
    /// RESOURCE_EXHAUSTED: the account, or its network, has sent too many.
    pub(crate) async fn take(
        &self,
        inviter: AccountId,
        peer: Option<IpAddr>,
        email: &str,
    ) -> Result<bool, ServiceError> {
        // The owner of the address could not sign up by it.
        if self.rule == SignUpRule::Closed {
            return Ok(false);
        }
        self.throttle.take_invitation(inviter, peer).await?;
        self.throttle.take_invited(email).await
    }

    /// Enqueues the letter to an address that something is newly shared with, after its allowance. True: a letter is sent if
    /// the address has no account.
    ///
    /// # Errors
    /// RESOURCE_EXHAUSTED: too many letters of the account wait.
    pub(crate) async fn send(
        &self,
        inviter: AccountId,
        shared: Shared,
        email: &str,
    ) -> Result<bool, ServiceError> {
        let job = self.mail.invitation(inviter, shared, email)?;
        match self.queue.enqueue(&job).await {
            Ok(_) => Ok(self.mail.is_sent),
            Err(StoreError::TooManyJobs { .. }) => {
                refusals::log("invitations that wait", &inviter);
                Err(ServiceError::TooManyAttempts { what: WHAT, after: INVITATIONS_RETRY })
            }
            Err(error) => Err(error.into()),
        }
    }
}
